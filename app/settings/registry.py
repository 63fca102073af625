"""The registry: each setting is declared once, and the dialog, the defaults, the checks and the command line follow."""

from __future__ import annotations

import dataclasses
import json
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeAlias, cast

from app.errors import Fault, PaddockError
from app.translation import tr

Value: TypeAlias = bool | int | float | str | None
_METADATA: Final = "setting"
_LONGEST_SHOWN: Final = 60


class SettingError(PaddockError):
    """A value that a setting cannot take."""

    fault = Fault.USER


class Group(StrEnum):
    """The pages of the settings, in their order."""

    APPEARANCE = "Appearance"
    WRITING = "Reading and writing"
    SAMPLING = "Sampling"
    ENGINE = "Engine"
    HARDWARE = "Hardware"
    NETWORK = "Network"


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that can be set. `key` is `section.name`; `minimum` and `maximum` belong to the range.

    A `choices` setting takes one of its values (value, label); an `optional` one may be None. `none_label` names what
    None, or an empty text, means. `accepts` gives a text back, or raises `SettingError` with its own sentence. What
    `is_rare` is shown to those who ask for it. `label`, `help`, `unit`, `none_label` and the labels of choices are
    English: whoever shows them translates them.
    """

    key: str
    kind: type[bool | int | float | str]
    default: Value
    group: Group
    label: str
    help: str
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    optional: bool = False
    none_label: str = ""
    accepts: Callable[[str], str] | None = None
    is_rare: bool = False

    @property
    def name(self) -> str:
        """The key without its section."""
        return self.key.partition(".")[2]

    def check(self, value: object) -> Value:
        """Give `value` in the setting's own type; `SettingError` says what it would take."""
        if value is None and self.optional:
            return None
        typed = self._typed(value)
        if self.choices and typed not in [choice for choice, _ in self.choices]:
            raise self._refusal(value)
        if isinstance(typed, (int, float)) and not self._in_range(typed):
            raise self._refusal(value)
        return self.accepts(typed) if self.accepts and isinstance(typed, str) else typed

    def parse(self, text: str) -> Value:
        """Give the value that a person wrote as `text`; `SettingError` says what it would take."""
        if self.accepts:
            return self.accepts(text)
        try:
            return self.check(self._read(text))
        except (ValueError, KeyError, SettingError):
            raise self._refusal(text.strip()) from None

    def _read(self, text: str) -> int | float | bool | str:
        written = text.strip()
        if self.kind is int:
            return int(written)
        if self.kind is float:
            return float(written.replace(",", "."))
        if self.kind is bool:
            return {"true": True, "false": False}[written.casefold()]
        return text

    def _typed(self, value: object) -> bool | int | float | str:
        if self.kind is float and isinstance(value, int) and not isinstance(value, bool):
            return float(max(-sys.maxsize, min(value, sys.maxsize)))  # what no float can hold is out of every range
        if type(value) is not self.kind:
            raise self._refusal(value)
        return value  # pyright: ignore[reportReturnType] - `kind` is one of the four types

    def _in_range(self, value: float) -> bool:
        return (self.minimum is None or value >= self.minimum) and (self.maximum is None or value <= self.maximum)

    def _refusal(self, value: object) -> SettingError:
        shown = "" if value is None else str(value) if isinstance(value, str) else json.dumps(value, default=str)
        return SettingError(
            "{label} cannot be “{value}”." if shown else "{label} cannot be left empty.",
            next_step=self._next_step(),
            label=tr(self.label),
            value=shown if len(shown) <= _LONGEST_SHOWN else shown[:_LONGEST_SHOWN] + "…",
            minimum=0.0 if self.minimum is None else self.minimum,
            maximum=math.inf if self.maximum is None else self.maximum,
            choices=", ".join(choice for choice, _ in self.choices),
        )

    def _next_step(self) -> str:
        """One whole sentence each: a translation cannot be put together from words."""
        if self.choices:
            return "It takes one of these: {choices}."
        if self.kind is int:
            return "It takes a whole number from {minimum:,.0f} to {maximum:,.0f}."
        if self.kind is float:
            return "It takes a number from {minimum:g} to {maximum:g}."
        return "It takes true or false." if self.kind is bool else "It takes a text."


def setting(default: Value, group: Group, label: str, help: str, **rest: Any) -> Any:  # noqa: A002, ANN401 - reads as a field
    """Declare a field of a settings section; its type, name and default complete the `Setting`."""
    details = {"group": group, "label": label, "help": help, **rest}
    return dataclasses.field(default=default, metadata={_METADATA: details})


def declared(section: str, values: type[Any]) -> Iterator[Setting]:
    """Give the settings that the fields of the dataclass `values` declare."""
    for field in dataclasses.fields(values):
        optional = "None" in str(field.type)
        kind = _KINDS[str(field.type).removesuffix(" | None")]
        yield Setting(
            key=f"{section}.{field.name}",
            kind=kind,
            default=cast("Value", field.default),  # each field has one: `setting` takes no other
            optional=optional,
            **field.metadata[_METADATA],
        )


_KINDS: Final[dict[str, type[bool | int | float | str]]] = {
    "bool": bool,
    "int": int,
    "float": float,
    "str": str,
}

"""The registry: each setting is declared once, and the dialog, the defaults, the checks and the command line follow."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeAlias

from app.errors import Fault, PaddockError

Value: TypeAlias = bool | int | float | str | None
_METADATA: Final = "setting"


class SettingError(PaddockError):
    """A value that a setting cannot take."""

    fault = Fault.USER


class Group(StrEnum):
    """The pages of the settings, in their order."""

    APPEARANCE = "Appearance"
    WRITING = "Reading and writing"
    SAMPLING = "Sampling"
    ENGINE = "Engine and hardware"


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that can be set. `key` is `section.name`; `minimum` and `maximum` belong to the range.

    A `choices` setting takes one of its values (value, label); an `optional` one may be None, which `none_label` names.
    """

    key: str
    kind: type[bool] | type[int] | type[float] | type[str]
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

    def check(self, value: object) -> Value:
        """Give `value` in the setting's own type; `SettingError` says what it would take."""
        if value is None and self.optional:
            return None
        typed = self._typed(value)
        if self.choices and typed not in [choice for choice, _ in self.choices]:
            raise self._refusal(value, ", ".join(choice for choice, _ in self.choices))
        if isinstance(typed, (int, float)) and not self._in_range(typed):
            raise self._refusal(value, f"{self.minimum:g} to {self.maximum:g}")
        return typed

    def _typed(self, value: object) -> bool | int | float | str:
        if self.kind is float and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if type(value) is not self.kind:
            raise self._refusal(value, _KIND_WORDS[self.kind])
        return value  # pyright: ignore[reportReturnType] - `kind` is one of the four types

    def _in_range(self, value: float) -> bool:
        return (self.minimum is None or value >= self.minimum) and (self.maximum is None or value <= self.maximum)

    def _refusal(self, value: object, expected: str) -> SettingError:
        return SettingError(
            "{label} cannot be {value}.",
            next_step="It takes {expected}.",
            label=self.label,
            value=value,
            expected=expected,
        )


_KIND_WORDS: Final = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


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
            default=field.default,
            optional=optional,
            **field.metadata[_METADATA],
        )


_KINDS: Final[dict[str, type[bool] | type[int] | type[float] | type[str]]] = {
    "bool": bool,
    "int": int,
    "float": float,
    "str": str,
}

"""What became of the offers to convert a model, so that each is made once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, cast

import msgspec

from app.models.installed import InstalledModel
from app.private_file import locked, read_or_set_aside, write_object
from app.workshop.comparison import Comparison, comparison_from_json
from app.workshop.convert import Converted

_VERSION: Final = 1


class OfferState(StrEnum):
    """How far it is with one model."""

    MADE = "made"
    """A copy was made and measured, and nobody has said yet what is to become of it."""
    SETTLED = "settled"
    """It was answered, or asked, or does not pay: nothing more comes of it."""


@dataclass(frozen=True, slots=True)
class Noted:
    """What is known of one model's offer. A file of another size is another file, of which nothing is known."""

    state: OfferState
    size_bytes: int
    path: Path | None = None
    comparison: Comparison | None = None

    @property
    def converted(self) -> Converted | None:
        """The copy that waits for an answer; None when there is none, or none any more."""
        is_there = self.state is OfferState.MADE and self.path is not None and self.path.is_file()
        return Converted(self.path, self.comparison) if is_there and self.path and self.comparison else None


class OfferBook:
    """The file `path`, read anew each time: a second Paddock writes in it too.

    A damaged one is set aside; then all of it is offered again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def noted(self) -> Mapping[str, Noted]:
        """Give what is known, by the models' ids."""
        return read_or_set_aside(self._path, _parse)[0]

    def made(self, model: InstalledModel, converted: Converted) -> None:
        """A copy of `model` waits for an answer."""
        self._note(model, Noted(OfferState.MADE, model.size_bytes, converted.path, converted.comparison))

    def settle(self, model: InstalledModel) -> None:
        """Nothing more is to be offered for `model`."""
        self._note(model, Noted(OfferState.SETTLED, model.size_bytes))

    def _note(self, model: InstalledModel, noted: Noted) -> None:
        with locked(self._path):
            known = dict(read_or_set_aside(self._path, _parse, is_locked=True)[0])
            known[model.id] = noted
            entries = {model_id: _entry(each) for model_id, each in known.items()}
            write_object(self._path, {"version": _VERSION, "models": entries})


class _Entry(msgspec.Struct):
    state: OfferState
    size_bytes: int
    path: str | None = None
    comparison: object = None


def _parse(content: dict[str, object]) -> dict[str, Noted]:
    entries = content.get("models")
    if not isinstance(entries, dict):
        return {}
    noted: dict[str, Noted] = {}
    for model_id, entry in cast("dict[str, object]", entries).items():
        try:
            known = msgspec.convert(entry, _Entry)
        except msgspec.ValidationError:  # of a newer Paddock, or damaged: it is offered again
            continue
        path = None if known.path is None else Path(known.path)
        comparison = None if known.comparison is None else comparison_from_json(known.comparison)
        noted[model_id] = Noted(known.state, known.size_bytes, path, comparison)
    return noted


def _entry(noted: Noted) -> dict[str, object]:
    entry: dict[str, object] = {"state": noted.state.value, "size_bytes": noted.size_bytes}
    if noted.path is not None:
        entry["path"] = str(noted.path)
    if noted.comparison is not None:
        entry["comparison"] = noted.comparison.as_json()
    return entry

"""The chat templates that the user chose, model by model, in place of those in the model files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from app.errors import Fault, PaddockError
from app.private_file import DamagedFileError, locked, read_or_set_aside, write_object

_VERSION: Final = 1
_MOST_CHARACTERS: Final = 2_000_000
"""Of all templates together: they are one file, and a character may take six bytes in it."""


class TemplateStoreError(PaddockError):
    """A chat template cannot be kept beside the others."""

    fault = Fault.USER


class DamagedTemplatesError(PaddockError):
    """The file of chosen chat templates held something else; it was set aside."""

    fault = Fault.FILE


class NoTemplateError(PaddockError):
    """A model file brings no chat template, and none was chosen. The model can be used all the same."""

    fault = Fault.FILE


@dataclass(frozen=True, slots=True)
class ChosenTemplate:
    """A chat template from a file of the user's: how that file was called, and the template's source."""

    name: str
    source: str

    @property
    def sha256(self) -> str:
        """As receipts have it."""
        return hashlib.sha256(self.source.encode("utf-8", errors="replace")).hexdigest()


class ModelTemplates:
    """Which model has a chosen template, by the model's id. Read anew each time: several processes may share the file.

    `notice` hears of a damaged file, which was set aside: to be said, not to stop for.
    """

    def __init__(self, path: Path, notice: Callable[[PaddockError], None]) -> None:
        self._path = path
        self._notice = notice

    def templates(self) -> Mapping[str, ChosenTemplate]:
        """Give all of them. Raises `PrivateFileError`."""
        return self._read(is_locked=False)

    def choose(self, model_id: str, template: ChosenTemplate) -> None:
        """Have the model use `template` from now on. Raises `TemplateStoreError` or `PrivateFileError`."""
        with locked(self._path):
            templates = {**self._read(is_locked=True), model_id: template}
            if sum(len(each.source) for each in templates.values()) > _MOST_CHARACTERS:
                raise TemplateStoreError(
                    "There is no room for another chat template.", next_step="Let another model use its file's own."
                )
            self._write(templates)

    def forget(self, model_id: str) -> None:
        """Have the model use its file's own again."""
        with locked(self._path):
            templates = self._read(is_locked=True)
            if templates.pop(model_id, None) is not None:
                self._write(templates)

    def _read(self, *, is_locked: bool) -> dict[str, ChosenTemplate]:
        templates, aside = read_or_set_aside(self._path, _templates, is_locked=is_locked)
        if aside is not None:
            self._notice(
                DamagedTemplatesError(
                    "The file of the chat templates that you chose was damaged; models use their files' own.",
                    next_step="Choose them again; the damaged file is kept as {name}.",
                    name=aside.name,
                )
            )
        return templates

    def _write(self, templates: Mapping[str, ChosenTemplate]) -> None:
        entries = {model_id: {"name": each.name, "template": each.source} for model_id, each in templates.items()}
        write_object(self._path, {"version": _VERSION, "templates": entries})


class _Entry(msgspec.Struct):
    name: str
    template: str


def _templates(content: Mapping[str, object]) -> dict[str, ChosenTemplate]:
    """Give what the file holds. `DamagedFileError` if one of its entries is none: it must not go unsaid."""
    try:
        entries = msgspec.convert(content.get("templates", {}), dict[str, _Entry])
    except msgspec.ValidationError as error:
        raise DamagedFileError("The list of chat templates is damaged.", details=str(error)) from error
    return {model_id: ChosenTemplate(entry.name, entry.template) for model_id, entry in entries.items()}

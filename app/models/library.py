"""The models on this laptop: the starter model, and the files the user added, where they lie."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Final, cast

import uuid_utils

from app.errors import Fault, PaddockError
from app.gguf.model_header import ModelHeader
from app.gguf.reading import read_header
from app.given_text import shown_name
from app.models.draft_choice import draft_for
from app.models.installed import InstalledModel, Source, entry_from_model, model_from_entry, model_from_header
from app.models.starter import StarterModel
from app.models.templates import ChosenTemplate, ModelTemplates
from app.paths import Paths
from app.private_file import DamagedFileError, locked, read_object, set_aside, write_object

STARTER_ID: Final = "starter"
_LIST_VERSION: Final = 1
_MODEL_KIND: Final = "model"


class ModelLibraryError(PaddockError):
    """A model that was asked for is not in the library, or cannot be."""

    fault = Fault.USER


class DamagedListError(PaddockError):
    """The list of models held something else; it was set aside."""

    fault = Fault.FILE


class ModelLibrary:
    """Which models there are. The list is read anew each time, so that two processes see each other's changes.

    `notices` are troubles that were met on the way and mended: to be said, not to stop for.
    """

    def __init__(self, paths: Paths, starter: StarterModel | None) -> None:
        self._list = paths.model_list
        self._starter = starter
        self._templates = ModelTemplates(paths.model_templates, self._say)
        self.notices: tuple[PaddockError, ...] = ()

    def models(self) -> list[InstalledModel]:
        """Give all models: the starter model first, then the user's own in the order they were added."""
        self._mend_list()
        return self._listed()

    def add(self, path: Path) -> InstalledModel:
        """Take the model file `path` into the list, where it lies. A file that is there already stays as it is.

        Raises `ModelHeaderError` if it is not a model, `ModelLibraryError` if it is none to talk with.
        """
        path = _full_path(str(path))
        header = _read_chat_header(path)
        self._mend_list()
        with locked(self._list):
            models = self._listed()
            for model in models:
                if _is_same_file(model.path, path):
                    return model
            name = _free_name(header, path, {model.name.casefold() for model in models})
            model = model_from_header(header, str(uuid_utils.uuid7()), name, path, Source.ADDED)
            self._write([*self._entries(), entry_from_model(model)])
        return model

    def draft_for(self, model: InstalledModel) -> Path | None:
        """Give the file of a model that is here, much smaller, and knows the same tokens: it can guess ahead."""
        return draft_for(model, self._starter)

    def remove(self, model_id: str) -> None:
        """Forget the model. Its file stays where it is."""
        if model_id == STARTER_ID:
            raise ModelLibraryError(
                "The starter model comes with Paddock and stays.",
                next_step="It is used only when no other model is chosen.",
            )
        self._mend_list()
        with locked(self._list):
            entries = self._entries()
            left = [entry for entry in entries if entry.get("id") != model_id]
            if len(left) == len(entries):
                raise self._unknown(model_id)
            self._write(left)
        self._templates.forget(model_id)

    def choose_template(self, model_id: str, template: ChosenTemplate) -> None:
        """Have the model use `template` in place of its file's own."""
        self._templates.choose(model_id, template)

    def use_own_template(self, model_id: str) -> None:
        """Have the model use the chat template of its file again."""
        self._templates.forget(model_id)

    def find(self, text: str) -> InstalledModel:
        """Give the model that a person means by `text`: its id, its name, its file's name or path, or `starter`.

        A path to a model file that is not in the list gives that model, without adding it.
        Raises `ModelLibraryError` if it could be several or is none, `ModelHeaderError` if the path is no model.
        """
        models = self.models()
        if text.casefold() == STARTER_ID and self._starter is None:
            raise ModelLibraryError(
                "The starter model is not part of this Paddock.", next_step="Name another model.", name=text
            )
        found = self._matching(models, text)
        if len(found) == 1:
            return found[0]
        if found:
            raise _ambiguous(text, found)
        path = _full_path(text)
        if not _is_file(path) and not _reads_as_path(text):
            raise self._unknown(text)
        header = _read_chat_header(path)
        model = model_from_header(header, str(path), header.name or shown_name(path), path, Source.FILE)
        return replace(model, template=self._templates.templates().get(model.id))

    def _matching(self, models: list[InstalledModel], text: str) -> list[InstalledModel]:
        """The models that `text` means in the first sense in which it means any."""
        wanted = text.casefold()
        starter_names = {STARTER_ID, self._starter.full_name.casefold()} if self._starter else set[str]()
        senses = (
            [model for model in models if model.id == text or (model.id == STARTER_ID and wanted in starter_names)],
            [model for model in models if model.name.casefold() == wanted],
            [model for model in models if wanted in {model.path.name.casefold(), model.path.stem.casefold()}],
            [model for model in models if _is_same_file(model.path, _full_path(text))],
        )
        return next((sense for sense in senses if sense), list[InstalledModel]())

    def _starter_model(self) -> InstalledModel | None:
        if self._starter is None:
            return None
        return InstalledModel(
            id=STARTER_ID,
            name=self._starter.name,
            path=self._starter.path,
            size_bytes=0,
            architecture=self._starter.architecture,
            quantization=self._starter.quantization,
            licence=self._starter.licence,
            source=Source.STARTER,
        ).looked_up()

    def _listed(self) -> list[InstalledModel]:
        starter = self._starter_model()
        added = [model for entry in self._entries() if (model := model_from_entry(entry)) is not None]
        templates = self._templates.templates()
        return [replace(model, template=templates.get(model.id)) for model in (*([starter] if starter else []), *added)]

    def _entries(self) -> list[dict[str, object]]:
        """Give what the list holds. `DamagedFileError` if that is not entries only."""
        content = read_object(self._list)
        entries = _sound_entries(content)
        if entries != content.get("models", []):
            raise DamagedFileError("{name} is damaged.", name=self._list.name)
        return entries

    def _mend_list(self) -> None:
        """Set a damaged list aside, say so, and go on with the entries in it that can be read."""
        try:
            self._entries()
        except DamagedFileError:
            with locked(self._list):
                self._notice(*self._replace_list())

    def _replace_list(self) -> tuple[Path, int]:
        try:
            sound = _sound_entries(read_object(self._list))
        except DamagedFileError:
            sound = []
        aside = set_aside(self._list)
        self._write(sound)
        return aside, len(sound)

    def _notice(self, aside: Path, kept: int) -> None:
        notice = DamagedListError(
            "The list of your models was damaged; {kept:,} of its entries could be read.",
            next_step="No model file was touched. Add what is missing again; the old list is kept as {name}.",
            kept=kept,
            name=aside.name,
        )
        self._say(notice)

    def _say(self, notice: PaddockError) -> None:
        self.notices = (*self.notices, notice)

    def _write(self, entries: list[dict[str, object]]) -> None:
        write_object(self._list, {"version": _LIST_VERSION, "models": entries})

    def _unknown(self, text: str) -> ModelLibraryError:
        names = [model.name for model in self.models()]
        if not names:
            return ModelLibraryError("There is no model “{text}”.", next_step="Add a model file first.", text=text)
        return ModelLibraryError(
            "There is no model “{text}”.", next_step="There are: {names}.", text=text, names=", ".join(names)
        )


def _sound_entries(content: dict[str, object]) -> list[dict[str, object]]:
    models = content.get("models", [])
    if not isinstance(models, list):
        return []
    entries = cast("list[object]", models)
    return [cast("dict[str, object]", entry) for entry in entries if model_from_entry(entry) is not None]


def _read_chat_header(path: Path) -> ModelHeader:
    header = read_header(path)
    if header.kind != _MODEL_KIND:
        raise ModelLibraryError(
            "{name} belongs to a model, but is none by itself (it is of the kind “{kind}”).",
            next_step="Choose the file with the model's weights.",
            name=shown_name(path),
            kind=header.kind,
        )
    return header


def _free_name(header: ModelHeader, path: Path, taken: set[str]) -> str:
    """What to call a new model: as its publisher does, and so that no two models have one name."""
    stem = shown_name(path).removesuffix(".gguf")
    told_apart = f"{header.name} {header.quantization}" if header.name and header.quantization else None
    wishes = [header.name, told_apart, stem]
    for wish in wishes:
        if wish and wish.casefold() not in taken:
            return wish
    number = 2
    while f"{stem} {number}".casefold() in taken:
        number += 1
    return f"{stem} {number}"


def _ambiguous(text: str, found: list[InstalledModel]) -> ModelLibraryError:
    return ModelLibraryError(
        "“{text}” could be several models.",
        next_step="Name one by its path: {paths}.",
        text=text,
        paths=", ".join(str(model.path) for model in found),
    )


def _full_path(text: str) -> Path:
    return Path(os.path.expanduser(text)).absolute()  # noqa: PTH111 - unlike Path's own, leaves an unknown ~name as it is


def _reads_as_path(text: str) -> bool:
    """Whether somebody who wrote this meant a file, not a model's name."""
    return os.sep in text or text.casefold().endswith(".gguf")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that is too long, a NUL character: no file is called that
        return False


def _is_same_file(one: Path, other: Path) -> bool:
    try:
        return one == other or one.samefile(other)
    except (OSError, ValueError):
        return False

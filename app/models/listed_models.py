"""The models in the list, as values: what the list, their headers and the disk say of each, put together."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias

from app.errors import PaddockError
from app.models.header_cache import HeaderCache, KnownHeaders
from app.models.header_facts import HeaderFacts
from app.models.installed import InstalledModel, Source
from app.models.model_entry import (
    Entry,
    entry_from_model,
    files_of_entry,
    keep_files,
    keep_header,
    keep_origin,
    model_from_entry,
    with_facts,
)
from app.models.model_files import FileState, ModelFile
from app.models.model_list import ListContent, ModelList
from app.models.model_names import checked_name, is_same_file, unknown
from app.models.new_model import NewModel, ReadModel, read_new
from app.models.starter import StarterModel
from app.models.templates import ChosenTemplate, ModelTemplates
from app.paths import Paths

STARTER_ID: Final = "starter"
_OURS: Final = {Source.DOWNLOADED, Source.CONVERTED}
MeasuredSpeeds: TypeAlias = Callable[[], Callable[[Path], float | None]]
"""Looks once at what was measured here, for all files that are asked for then."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """All that was kept of a model that was taken out of the list, to be put back as it was."""

    entry: Entry
    place: int
    template: ChosenTemplate | None


class ListedModels:
    """Gives models, and changes their entries. `say` hears of troubles that were mended on the way."""

    def __init__(
        self,
        paths: Paths,
        starter: StarterModel | None,
        say: Callable[[PaddockError], None],
        measured_speeds: MeasuredSpeeds,
    ) -> None:
        self.starter = starter
        self.list = ModelList(paths.model_list, say)
        self.headers = HeaderCache(paths.header_cache)
        self.templates = ModelTemplates(paths.model_templates, say)
        self._measured_speeds = measured_speeds

    def models(self) -> list[InstalledModel]:
        """Give all: the starter model first, then the others in the order they were added. Reads no header."""
        return self.of(self.list.content())

    def of(self, content: ListContent) -> list[InstalledModel]:
        """Give those of a list that was read."""
        look = _Look(self.headers.known(), self.templates.templates(), self._measured_speeds())
        listed = [*self._starter_models(content), *map(model_from_entry, content.entries)]
        return [look.completed(model) for model in listed]

    def by_id(self, model_id: str) -> InstalledModel:
        """Give the model of this id. Raises `ModelLibraryError`."""
        models = self.models()
        found = next((model for model in models if model.id == model_id), None)
        if found is None:
            raise unknown(model_id, models)
        return found

    def noted_files(self, model_id: str) -> list[ModelFile]:
        """Give the model's files as they were when it was added or last verified."""
        if self.starter is not None and model_id == STARTER_ID:
            return [ModelFile(self.starter.path, self.starter.size_bytes, sha256=self.starter.sha256)]
        return files_of_entry(self._entry(self.list.content(), model_id))

    @contextmanager
    def changing(self, model_id: str) -> Generator[Entry]:
        """Give what is kept of the model, to be changed in place. Raises `ModelLibraryError`."""
        with self.list.changing() as content:
            yield self._entry(content, model_id)

    def forget(self, model_id: str) -> Forgotten:
        """Take it out of the list, and give what was kept of it."""
        template = self.templates.templates().get(model_id)
        with self.list.changing() as content:
            entry = self._entry(content, model_id)
            place = content.entries.index(entry)
            content.entries.remove(entry)
        self.templates.forget(model_id)
        return Forgotten(entry, place, template)

    def restore(self, forgotten: Forgotten) -> InstalledModel:
        """Put back what was forgotten as it was; a model that has its file or its name by now stays instead of it.

        Raises `ModelLibraryError` where it is the name.
        """
        model = model_from_entry(forgotten.entry)
        with self.list.changing() as content:
            listed = self.of(content)
            same = next((each for each in listed if is_same_file(each.path, model.path)), None)
            if same is None:
                checked_name(model.name, {each.name.casefold() for each in listed})
                content.entries.insert(forgotten.place, forgotten.entry)
        if same is not None:
            return same
        if forgotten.template is not None:
            self.templates.choose(model.id, forgotten.template)
        return self.by_id(model.id)

    def take(self, news: Iterable[NewModel]) -> list[InstalledModel]:
        """Take new models into the list; of one whose file is there already, what is newer is brought up to date."""
        read = [read_new(new) for new in news]
        self.headers.remember((each.path, each.header) for each in read)
        with self.list.changing() as content:
            ids = [self._take(content, each) for each in read]
        models = {model.id: model for model in self.models()}
        return [models[model_id] for model_id in ids]

    def _take(self, content: ListContent, new: ReadModel) -> str:
        models = self.of(content)
        known = next((model for model in models if is_same_file(model.path, new.path)), None)
        if known is None:
            taken = {name.casefold() for model in models for name in (model.name, *model.earlier_names)}
            model = new.named(taken | {STARTER_ID})
            content.entries.append(entry_from_model(model, new.files))
            return model.id
        is_ours = new.new.source in _OURS
        if known.source is not Source.STARTER and (is_ours or known.state is FileState.CHANGED):
            entry = self._entry(content, known.id)
            model = new.named(())
            keep_header(entry, replace(model, licence=model.licence or known.licence))
            keep_files(entry, new.files if is_ours else _still_expected(new.files, files_of_entry(entry)))
            if is_ours:
                keep_origin(entry, replace(model, projector=model.projector or known.projector))
        return known.id

    def _entry(self, content: ListContent, model_id: str) -> Entry:
        if model_id == STARTER_ID and self.starter is not None:
            return content.starter
        entry = next((entry for entry in content.entries if entry.get("id") == model_id), None)
        if entry is None:
            raise unknown(model_id, self.of(content))
        return entry

    def _starter_models(self, content: ListContent) -> list[InstalledModel]:
        if self.starter is None:
            return []
        model = InstalledModel(
            id=STARTER_ID,
            name=self.starter.name,
            path=self.starter.path,
            size_bytes=self.starter.size_bytes,
            architecture=self.starter.architecture,
            quantization=self.starter.quantization,
            licence=self.starter.licence,
            source=Source.STARTER,
            sha256_expected=self.starter.sha256,
        )
        return [with_facts(_looked_up(model), content.starter)]


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at what other files know of models."""

    headers: KnownHeaders
    templates: Mapping[str, ChosenTemplate]
    measured_speed: Callable[[Path], float | None]

    def completed(self, model: InstalledModel) -> InstalledModel:
        """Add what they know of `model`. What the list itself says comes first."""
        kept = self.headers.of(model.path) if model.is_present else None
        facts = HeaderFacts() if kept is None or kept.facts is None else kept.facts
        return replace(
            model,
            template=self.templates.get(model.id),
            tokens_per_s=self.measured_speed(model.path),
            architecture=model.architecture or facts.architecture,
            quantization=model.quantization or facts.quantization,
            licence=model.licence or facts.licence,
            parameters=facts.parameters,
            context_length=facts.context_length,
            has_chat_template=facts.has_chat_template,
        )


def _still_expected(files: Sequence[ModelFile], noted: Sequence[ModelFile]) -> list[ModelFile]:
    """Give files that are taken as they are now; what their publisher says of them is not forgotten by that."""
    said = {file.path: file.sha256 for file in noted}
    return [replace(file, sha256=file.sha256 or said.get(file.path)) for file in files]


def _looked_up(model: InstalledModel) -> InstalledModel:
    """The starter model as the disk has it now. It came with the program: what it should be is not noted here."""
    try:
        return replace(model, size_bytes=model.path.stat().st_size)
    except OSError:
        return replace(model, state=FileState.MISSING)

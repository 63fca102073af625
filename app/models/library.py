"""The models on this laptop: the starter model, those that Paddock fetched or made, and others where they lie."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeAlias

from app.errors import PaddockError
from app.gguf.parts import parts_named
from app.gguf.reading import read_header
from app.given_text import shown_name, whole_characters
from app.models.adoption import FirstLook, find_new, first_look, new_from_found
from app.models.changes import Changes, changes_between
from app.models.deletion import Deletion, deletion_of, move_to_bin
from app.models.draft_choice import draft_for
from app.models.elsewhere.found_model import FoundModel
from app.models.elsewhere.places import Places, this_machine
from app.models.elsewhere.search import Search
from app.models.hashes import FileHashes, ReportFraction
from app.models.installed import InstalledModel, Source, model_from_header
from app.models.library_error import ModelLibraryError
from app.models.listed_models import STARTER_ID, Forgotten, ListedModels, MeasuredSpeeds
from app.models.model_entry import keep_files, keep_header
from app.models.model_names import (
    ambiguous,
    checked_name,
    full_path,
    is_file,
    meant_by,
    numbered,
    reads_as_path,
    unknown,
)
from app.models.new_model import NewModel, read_chat_header, read_new
from app.models.starter import StarterModel
from app.models.templates import ChosenTemplate
from app.models.verification import Verification, accepted, verify_files
from app.paths import Paths
from app.private_file import PrivateFileError

__all__ = ["STARTER_ID", "InstalledModel", "ModelLibrary", "ModelLibraryError"]

_LONGEST_NOTE: Final = 10_000
FindPlaces: TypeAlias = Callable[[Sequence[Path]], Places]
MoveToBin: TypeAlias = Callable[[Sequence[Path]], None]


def _nothing_measured() -> Callable[[Path], float | None]:
    return lambda _path: None


class ModelLibrary:
    """Which models there are. The list is read anew each time, so that two processes see each other's changes.

    `notices` are troubles that were met on the way and mended: to be said, not to stop for. `in_use` gives the files
    that are loaded now: they are not deleted.
    """

    def __init__(
        self,
        paths: Paths,
        starter: StarterModel | None,
        *,
        places: FindPlaces = this_machine,
        to_bin: MoveToBin = move_to_bin,
        measured_speeds: MeasuredSpeeds = _nothing_measured,
    ) -> None:
        self._own_folder = paths.models
        self._starter = starter
        self._places = places
        self._to_bin = to_bin
        self._listed = ListedModels(paths, starter, self._say, measured_speeds)
        self._hashes = FileHashes(paths.model_hashes)
        self._seen: list[InstalledModel] | None = None
        self.in_use: Callable[[], Collection[Path]] = tuple[Path, ...]
        self.notices: tuple[PaddockError, ...] = ()

    def models(self) -> list[InstalledModel]:
        """Give all models: the starter model first, then the others in the order they were added. Reads no header."""
        return self._listed.models()

    def add(self, path: Path) -> InstalledModel:
        """Take the model file `path` into the list, where it lies; of a model in several files, any of them.

        One that is there already stays as it is. Raises `ModelHeaderError` if it is not a model, `ModelLibraryError`
        if it is none to talk with.
        """
        return self._listed.take([NewModel(full_path(str(path)), Source.ADDED)])[0]

    def add_downloaded(
        self,
        path: Path,
        *,
        repository: str,
        licence: str | None,
        sha256: str | None,
        commit: str | None = None,
        projector: Path | None = None,
    ) -> InstalledModel:
        """Take a model that Paddock has downloaded whole. Its file to load is `path`, its sha256 its publisher's."""
        new = NewModel(path, Source.DOWNLOADED, repository=repository, commit=commit, licence=licence)
        return self.take_downloaded(replace(new, projector=projector, sha256={path: sha256} if sha256 else {}))

    def take_downloaded(self, new: NewModel) -> InstalledModel:
        """Take a model that Paddock has downloaded whole, the hashes of its files as far as they are known."""
        known = {part: self._hashes.known(part) for part in (new.path, *parts_named(new.path))}
        sums = {part: sha256 for part, sha256 in known.items() if sha256}
        return self._listed.take([replace(new, sha256={**sums, **new.sha256})])[0]

    def add_converted(self, path: Path, *, source_id: str) -> InstalledModel:
        """Take a model that Paddock has made from the model `source_id`, whose licence it is under.

        Its sha256 is the one that was remembered when it was written. The source need not be in the list: then its id
        is its path.
        """
        source = self.find(source_id)
        name = source.name.removesuffix(f" {source.quantization}")
        taken = {each.casefold() for model in self.models() for each in (model.name, *model.earlier_names)}
        sha256 = self._hashes.known(path)
        new = NewModel(
            path,
            Source.CONVERTED,
            noted_name=numbered(f"{name} {read_header(path).quantization or ''}".strip(), taken),
            repository=source.repository,
            licence=source.licence_accepted or source.licence,
            projector=source.projector,
            made_from=source.id,
            seen_sha256={path: sha256} if sha256 else {},
        )
        return self._listed.take([new])[0]

    def scan(self, folders: Sequence[Path] = (), search: Search | None = None) -> list[FoundModel]:
        """Look for models that are not in the list: other applications', in `folders` and in those that are kept.

        Not for the GUI thread. `search` stops it, and knows afterwards what was passed over.
        """
        places = self._places((*folders, *self.folders, self._own_folder))
        return find_new(places, self.models(), self._listed.headers, search or Search())

    def adopt(self, found: Iterable[FoundModel]) -> list[InstalledModel]:
        """Take found models into the list, where they lie. Raises as `add` does; then none of them is taken."""
        return self._listed.take([new_from_found(model) for model in found])

    def first_look(self) -> FirstLook:
        """Look around on the very first start, for five seconds at most; later there is nothing to find.

        Not for the GUI thread.
        """
        content = self._listed.list.content()
        if content.entries or content.was_looked_around:
            return FirstLook(is_first=False)
        return first_look(self._places((self._own_folder,)), self._listed.of(content), self._listed.headers)

    def end_first_look(self) -> None:
        """Remember that the user has been told."""
        with self._listed.list.changing() as content:
            content.was_looked_around = True

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders that the user named to be looked through."""
        return self._listed.list.content().folders

    def keep_folders(self, folders: Iterable[Path]) -> None:
        """Have `folders`, and no others, looked through at each scan."""
        with self._listed.list.changing() as content:
            content.folders = tuple(dict.fromkeys(full_path(str(folder)) for folder in folders))

    def look(self) -> Changes:
        """Ask the disk what became of the files since the last look; cheap enough for every few seconds.

        Headers that have not been read yet are read here. Not for the GUI thread.
        """
        headers = self._listed.headers
        known = headers.known()
        headers.read([model.path for model in self.models() if model.is_present and not known.of(model.path)])
        before, self._seen = self._seen, self.models()
        return changes_between(before, self._seen)

    def rename(self, model_id: str, name: str) -> InstalledModel:
        """Call the model `name` from now on; conversations that know its earlier name still find it."""
        models = self.models()
        taken = {model.name.casefold() for model in models if model.id != model_id}
        new = checked_name(name, taken | ({STARTER_ID} if model_id != STARTER_ID else set[str]()))
        with self._listed.changing(model_id) as entry:
            old = self.by_id(model_id)
            if new != old.name:
                entry["earlier_names"] = [*(each for each in old.earlier_names if each != new), old.name]
                entry["name"] = new
        return self.by_id(model_id)

    def set_note(self, model_id: str, note: str) -> None:
        """Keep the user's own words about the model."""
        with self._listed.changing(model_id) as entry:
            entry["note"] = whole_characters(note.strip()[:_LONGEST_NOTE])

    def set_favourite(self, model_id: str, is_favourite: bool) -> None:  # noqa: FBT001 - the value itself
        """Mark the model, or no longer."""
        with self._listed.changing(model_id) as entry:
            entry["is_favourite"] = is_favourite

    def used(self, model_id: str, at: datetime) -> None:
        """Remember that a reply of the model began, if it is in the list. Not for the GUI thread."""
        if any(model.id == model_id for model in self.models()):
            with self._listed.changing(model_id) as entry:
                entry["last_used_at"] = at.astimezone(UTC).isoformat()

    def verify(self, model_id: str, report: ReportFraction | None = None) -> Verification:
        """Read the model's files whole and compare them with what they should be; with nothing, remember what they are.

        `report` hears fractions from 0 to 1; whatever it raises ends it. That something cannot be remembered is a
        notice. Raises `HashError`, `ModelMissingError`.
        """
        self.by_id(model_id).present_path()
        noted = self._listed.noted_files(model_id)
        verification, files = verify_files(noted, self._hashes, report, self._say)
        if model_id != STARTER_ID:
            try:
                with self._listed.changing(model_id) as entry:
                    keep_files(entry, files)
            except PrivateFileError as error:
                self._say(error)
        return verification

    def accept(self, model_id: str) -> InstalledModel:
        """Take files that changed for what they are now. Raises `ModelHeaderError` if that is no model any more."""
        known = self.by_id(model_id)
        read = read_new(NewModel(known.path, known.source))
        model = read.named(())
        files = tuple(map(accepted, self._listed.noted_files(model_id)))
        self._listed.headers.remember([(read.path, read.header)])
        with self._listed.changing(model_id) as entry:
            keep_header(entry, replace(model, licence=model.licence or known.licence))
            keep_files(entry, files)
        return self.by_id(model_id)

    def deletion_of(self, model_id: str) -> Deletion:
        """Say what deleting the model would do. The starter model stays: `ModelLibraryError`."""
        _check_is_no_starter(model_id)
        return deletion_of(self.by_id(model_id), self.models(), self._own_folder)

    def delete(self, model_id: str, *, even_if_not_ours: bool = False) -> tuple[Path, ...]:
        """Move the model's files to the system's bin, and forget it; give the files that went.

        Files that are not Paddock's stay, unless the user insists. Raises `ModelLibraryError` where they are loaded
        now or may never go, `BinError` where the bin does not take them; then the model stays in the list.
        """
        deletion = self.deletion_of(model_id)
        if deletion.touches_others and not even_if_not_ours:
            self.remove(model_id)
            return ()
        if deletion.refusal is not None:
            raise deletion.refusal
        if set(deletion.files) & set(self.in_use()):
            raise ModelLibraryError(
                "{name} is in memory.",
                next_step="Unload it, or load another model, and delete it then.",
                name=self.by_id(model_id).name,
            )
        self._to_bin(deletion.files)
        self.remove(model_id)
        return deletion.files

    def remove(self, model_id: str) -> Forgotten:
        """Forget the model, and give what `put_back` takes. Its file stays where it is."""
        _check_is_no_starter(model_id)
        return self._listed.forget(model_id)

    def put_back(self, forgotten: Forgotten) -> InstalledModel:
        """Have a model in the list again as it was when it was removed, its id and all.

        One whose file was added anew meanwhile stays as that. `ModelLibraryError` where another has its name by now.
        """
        return self._listed.restore(forgotten)

    def draft_for(self, model: InstalledModel) -> Path | None:
        """Give the file of a model that is here, much smaller, and knows the same tokens: it can guess ahead."""
        return draft_for(model, self._starter)

    def choose_template(self, model_id: str, template: ChosenTemplate) -> None:
        """Have the model use `template` in place of its file's own."""
        self._listed.templates.choose(model_id, template)

    def use_own_template(self, model_id: str) -> None:
        """Have the model use the chat template of its file again."""
        self._listed.templates.forget(model_id)

    def by_id(self, model_id: str) -> InstalledModel:
        """Give the model of this id. Raises `ModelLibraryError`."""
        return self._listed.by_id(model_id)

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
        found = meant_by(text, models, STARTER_ID, self._starter.full_name if self._starter else STARTER_ID)
        if len(found) == 1:
            return found[0]
        if found:
            raise ambiguous(text, found)
        path = full_path(text)
        if not is_file(path) and not reads_as_path(text):
            raise unknown(text, models)
        header = read_chat_header(path)
        model = model_from_header(header, str(path), header.name or shown_name(path), path, Source.FILE)
        return replace(model, template=self._listed.templates.templates().get(model.id))

    def _say(self, notice: PaddockError) -> None:
        self.notices = (*self.notices, notice)


def _check_is_no_starter(model_id: str) -> None:
    if model_id == STARTER_ID:
        raise ModelLibraryError(
            "The starter model comes with Paddock and stays.",
            next_step="It is used only when no other model is chosen.",
        )

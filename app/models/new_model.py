"""A model on its way into the list: which files it has, what they say, and where they came from."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import uuid_utils

from app.gguf.model_header import ModelHeader
from app.gguf.parts import parts_named
from app.gguf.reading import read_model_header
from app.given_text import shown_name
from app.models.elsewhere.found_model import OtherApplication
from app.models.elsewhere.gguf_files import models_of_a_folder
from app.models.elsewhere.search import Search
from app.models.header_facts import MODEL_KIND, facts_of
from app.models.installed import InstalledModel, Source, model_from_header
from app.models.library_error import ModelLibraryError
from app.models.model_files import ModelFile
from app.models.model_names import free_name


@dataclass(frozen=True, slots=True)
class NewModel:
    """What is known of a model before its header is read. `sha256` are its files' own, as far as somebody says them.

    `seen_sha256` are those that Paddock found when it wrote the files.
    """

    path: Path
    source: Source
    noted_name: str | None = None
    owner: str | None = None
    repository: str | None = None
    commit: str | None = None
    licence: str | None = None
    projector: Path | None = None
    made_from: str | None = None
    sha256: Mapping[Path, str] = field(default_factory=dict[Path, str])
    seen_sha256: Mapping[Path, str] = field(default_factory=dict[Path, str])


@dataclass(frozen=True, slots=True)
class ReadModel:
    """A new model whose header was read; `files` begin with the one to load."""

    new: NewModel
    header: ModelHeader
    files: Sequence[ModelFile]

    @property
    def path(self) -> Path:
        """The file to load."""
        return self.files[0].path

    def named(self, taken: Collection[str]) -> InstalledModel:
        """Give it as an entry of the list, under a name that is not `taken`."""
        new = self.new
        name = free_name(self.header, self.path, new.noted_name, taken)
        model = model_from_header(self.header, str(uuid_utils.uuid7()), name, self.path, new.source)
        return replace(
            model,
            size_bytes=sum(file.size_bytes for file in self.files),
            licence=model.licence or new.licence,
            parts=tuple(file.path for file in self.files) if len(self.files) > 1 else (),
            projector=new.projector,
            owner=new.owner,
            repository=new.repository,
            commit=new.commit,
            made_from=new.made_from,
            licence_accepted=new.licence,
            sha256_expected=self.files[0].sha256,
        )


def read_new(new: NewModel) -> ReadModel:
    """Read the header of a new model; any part of one in several files stands for all of it.

    Raises `ModelHeaderError` if it is not a whole model, `ModelLibraryError` if it is none to talk with, or if one of
    its parts is missing.
    """
    named = list(parts_named(new.path))
    paths = named if new.path in named else [new.path]
    gone = next((path for path in paths[1:] if not path.is_file()), None)
    header = read_chat_header(paths[0])
    if gone is not None:
        raise ModelLibraryError(
            "Part {number} of {count} of this model is missing: {name}.",
            next_step="Put it beside the others, in {folder}.",
            number=paths.index(gone) + 1,
            count=len(paths),
            name=shown_name(gone),
            folder=str(gone.parent),
        )
    files = [
        ModelFile(path, 0, sha256=new.sha256.get(path), seen_sha256=new.seen_sha256.get(path)).as_it_is()
        for path in paths
    ]
    return ReadModel(replace(new, projector=new.projector or projector_beside(paths[0])), header, files)


def read_chat_header(path: Path) -> ModelHeader:
    """Give the header of a model; what only belongs to one is refused with a `ModelLibraryError`."""
    header = read_model_header(path)
    kind = facts_of(header).kind
    if kind != MODEL_KIND:
        raise ModelLibraryError(
            "{name} belongs to a model, but is none by itself (it is of the kind “{kind}”).",
            next_step="Choose the file with the model's weights.",
            name=shown_name(path),
            kind=kind,
        )
    return header


def projector_beside(path: Path) -> Path | None:
    """Give the file in the same folder that lets the model `path` see, as far as names tell."""
    search = Search()
    files = [file for file in (Path(entry.path) for entry in search.listed(path.parent)) if search.is_gguf(file, file)]
    models = models_of_a_folder(search, files, OtherApplication.NONE)
    return next((model.projector for model in models if path in model.parts), None)

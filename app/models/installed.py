"""One model that is on this laptop, as a value and as an entry of the list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

import msgspec

from app.errors import Fault, PaddockError
from app.gguf.model_header import ModelHeader
from app.models.recommended_sampling import family_sampling, own_sampling, sound_sampling
from app.models.templates import ChosenTemplate
from app.models.vocabulary import vocabulary_of


class ModelMissingError(PaddockError):
    """A model's file is no longer where it was."""

    fault = Fault.FILE


class Source(StrEnum):
    """How a model came to be here."""

    STARTER = "starter"
    """It came with Paddock."""
    ADDED = "added"
    """The user added it; it is used where it lies."""
    FILE = "file"
    """It was named by its path for this once, and is not in the list."""


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model file and what is known of it without reading it again. What is unknown is None.

    `size_bytes` is the file's size now; when the file is gone (`is_present` false), its size when it was added.
    `own_sampling` are the sampling settings that the file itself recommends; `vocabulary` marks the tokens it knows.
    `template` is the chat template that the user chose for it; None is the file's own.
    """

    id: str
    name: str
    path: Path
    size_bytes: int
    architecture: str | None
    quantization: str | None
    licence: str | None
    source: Source
    is_present: bool = True
    own_sampling: Mapping[str, float | int] = field(default_factory=dict[str, "float | int"])
    vocabulary: str | None = None
    template: ChosenTemplate | None = None

    @property
    def recommended_sampling(self) -> Mapping[str, float | int]:
        """The sampling settings that its maker recommends: its file's own before those of its family."""
        return {**family_sampling((self.name, self.path.stem)), **self.own_sampling}

    @property
    def template_source(self) -> str | None:
        """The source of the chat template to use in place of the file's own, for the engine."""
        return None if self.template is None else self.template.source

    def present_path(self) -> Path:
        """Give the path of the file; `ModelMissingError` if it is not there now."""
        if not self.path.is_file():
            raise ModelMissingError(
                "The file of {name} is no longer at {path}.",
                next_step="Put it back, or add the file where it is now. "
                "The window's list of models lets you remove the old one.",
                name=self.name,
                path=self.path,
            )
        return self.path

    def looked_up(self) -> InstalledModel:
        """Give the same model with what the disk says of its file now."""
        try:
            return replace(self, size_bytes=self.path.stat().st_size, is_present=self.path.is_file())
        except (OSError, ValueError):  # ValueError: a path with a NUL character
            return replace(self, is_present=False)


def model_from_header(header: ModelHeader, model_id: str, name: str, path: Path, source: Source) -> InstalledModel:
    """Give the model whose header was just read."""
    return InstalledModel(
        id=model_id,
        name=name,
        path=path,
        size_bytes=path.stat().st_size,
        architecture=header.architecture,
        quantization=header.quantization,
        licence=header.licence,
        source=source,
        own_sampling=own_sampling(header),
        vocabulary=vocabulary_of(header),
    )


class _Entry(msgspec.Struct):
    """What the list keeps of a model. Other keys, of a newer Paddock, are left as they are."""

    id: str
    name: str
    path: str
    size_bytes: int
    architecture: str | None = None
    quantization: str | None = None
    licence: str | None = None
    sampling: dict[str, object] = {}
    vocabulary: str | None = None


def model_from_entry(entry: object) -> InstalledModel | None:
    """Give the model that an entry of the list tells of; None if the entry is damaged."""
    try:
        known = msgspec.convert(entry, _Entry)
    except msgspec.ValidationError:
        return None
    return InstalledModel(
        id=known.id,
        name=known.name,
        path=Path(known.path),
        size_bytes=known.size_bytes,
        architecture=known.architecture,
        quantization=known.quantization,
        licence=known.licence,
        source=Source.ADDED,
        own_sampling=sound_sampling(known.sampling),
        vocabulary=known.vocabulary,
    ).looked_up()


def entry_from_model(model: InstalledModel) -> dict[str, object]:
    """Give the entry under which the list keeps `model`."""
    entry: dict[str, object] = {
        "id": model.id,
        "name": model.name,
        "path": str(model.path),
        "size_bytes": model.size_bytes,
        "architecture": model.architecture,
        "quantization": model.quantization,
        "licence": model.licence,
        "vocabulary": model.vocabulary,
    }
    return {**entry, "sampling": dict(model.own_sampling)} if model.own_sampling else entry

"""One model that is on this laptop, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from app.errors import Fault, PaddockError
from app.gguf.model_header import ModelHeader
from app.models.header_facts import facts_of
from app.models.model_files import FileState
from app.models.recommended_sampling import family_sampling, own_sampling
from app.models.templates import ChosenTemplate
from app.models.vocabulary import vocabulary_of


class ModelMissingError(PaddockError):
    """A model's file is no longer where it was."""

    fault = Fault.FILE


class DamagedModelError(PaddockError):
    """A model's file is known not to be what its publisher offers, and nobody has said that it is used all the same."""

    fault = Fault.FILE


class Source(StrEnum):
    """How a model came to be here."""

    STARTER = "starter"
    """It came with Paddock."""
    ADDED = "added"
    """The user added it; it is used where it lies."""
    DOWNLOADED = "downloaded"
    """Paddock downloaded it into its own folder."""
    FOUND = "found"
    """Paddock found it on the disk, and the user took it; it is used where it lies."""
    CONVERTED = "converted"
    """Paddock made it from another model."""
    FILE = "file"
    """It was named by its path for this once, and is not in the list."""


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model and what is known of it without reading its files again. What is unknown is None.

    `path` is the file to load; `parts` are all files of a model that comes in several, `path` first, else empty.
    `size_bytes` is what all of them take now; of one that is gone, what it took when it was added. `missing` are gone.
    `own_sampling` are the sampling settings that the file itself recommends; `vocabulary` marks the tokens it knows.
    `template` is the chat template that the user chose for it; None is the file's own.
    `owner` is the other application whose files they are. `earlier_names` are those it had before it was renamed:
    conversations may still call it so. `made_from` is the id of the model that it was converted from.
    `licence` is what its file states, else what was stated where it came from; `licence_accepted` is what was shown,
    and accepted where need be, before it was downloaded: the two may differ.
    `is_damaged`: a check found that a file is not what its publisher offers, and its user has not taken it as it is.
    """

    id: str
    name: str
    path: Path
    size_bytes: int
    architecture: str | None
    quantization: str | None
    licence: str | None
    source: Source
    state: FileState = FileState.PRESENT
    own_sampling: Mapping[str, float | int] = field(default_factory=dict[str, "float | int"])
    vocabulary: str | None = None
    template: ChosenTemplate | None = None
    parameters: str | None = None
    context_length: int | None = None
    has_chat_template: bool | None = None
    parts: tuple[Path, ...] = ()
    missing: tuple[Path, ...] = ()
    projector: Path | None = None
    note: str = ""
    is_favourite: bool = False
    last_used_at: datetime | None = None
    tokens_per_s: float | None = None
    owner: str | None = None
    repository: str | None = None
    commit: str | None = None
    sha256_expected: str | None = None
    made_from: str | None = None
    licence_accepted: str | None = None
    earlier_names: tuple[str, ...] = ()
    is_damaged: bool = False

    @property
    def all_licences(self) -> str | None:
        """What receipts say: what was accepted, and behind it what its file states, where that is another one."""
        stated = {each.casefold(): each for each in (self.licence_accepted, self.licence) if each}
        return ", ".join(stated.values()) or None

    @property
    def is_present(self) -> bool:
        """Whether all its files are there."""
        return self.state is not FileState.MISSING

    @property
    def files(self) -> tuple[Path, ...]:
        """All files it is loaded from, `path` first."""
        return self.parts or (self.path,)

    @property
    def recommended_sampling(self) -> Mapping[str, float | int]:
        """The sampling settings that its maker recommends: its file's own before those of its family."""
        return {**family_sampling((self.name, *self.earlier_names, self.path.stem)), **self.own_sampling}

    @property
    def template_source(self) -> str | None:
        """The source of the chat template to use in place of the file's own, for the engine."""
        return None if self.template is None else self.template.source

    @property
    def damage(self) -> DamagedModelError | None:
        """Why it is not loaded, where its file is known to be damaged."""
        if not self.is_damaged:
            return None
        return DamagedModelError(
            "{name} is not loaded: its file is not what its publisher offers, the checksum differs.",
            next_step="Download it again. To use it as it is all the same, add its file once more: {path}.",
            name=self.name,
            path=self.path,
        )

    def loadable_path(self) -> Path:
        """Give `present_path`, unless the file is known to be damaged: `DamagedModelError`."""
        path = self.present_path()
        if (damage := self.damage) is not None:
            raise damage
        return path

    def present_path(self) -> Path:
        """Give the path of the file to load; `ModelMissingError` if one of its files is not there now."""
        gone = next((path for path in self.files if not path.is_file()), None)
        if gone is None:
            return self.path
        if self.parts:
            raise ModelMissingError(
                "Part {number} of {count} of {name} is no longer at {path}.",
                next_step="Put it back, or remove the model and add it again.",
                number=self.parts.index(gone) + 1,
                count=len(self.parts),
                name=self.name,
                path=gone,
            )
        raise ModelMissingError(
            "The file of {name} is no longer at {path}.",
            next_step="Put it back, or add the file where it is now. "
            "The window's list of models lets you remove the old one.",
            name=self.name,
            path=gone,
        )


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
        parameters=facts_of(header).parameters,
        context_length=header.context_length,
        has_chat_template=header.has_chat_template,
    )

"""A repository on the hub as its page shows it: what it says of itself, and its files."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StatedLicence:
    """A licence as somebody states it: the hub's name for it, and for one that the hub has no name for, its own.

    Nothing in it: none is stated.
    """

    id: str = ""
    name: str = ""
    link: str = ""

    @property
    def is_stated(self) -> bool:
        """Whether there is one."""
        return bool(self.id or self.name or self.link)


@dataclass(frozen=True, slots=True)
class FilePart:
    """One file in the repository; `sha256` is "" where the hub does not say it."""

    path: str
    size_bytes: int
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class RepositoryFile:
    """A model, or a vision projector, to be downloaded whole: one file, or several parts in their order.

    `name` is without folder, ending and number of a part; `quantization` is as the name tells it, "" if it does not.
    """

    name: str
    parts: tuple[FilePart, ...]
    quantization: str = ""
    part_count: int = 1

    @property
    def size_bytes(self) -> int:
        """Of all parts."""
        return sum(part.size_bytes for part in self.parts)

    @property
    def is_whole(self) -> bool:
        """Whether every part is there: an upload may not be finished."""
        return len(self.parts) == self.part_count


@dataclass(frozen=True, slots=True)
class QuantizationGroup:
    """The files of one quantization, "" for those whose names tell none."""

    quantization: str
    files: tuple[RepositoryFile, ...]


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository at `commit`. `licence` is what the hub's metadata says, `card_licence` what the model card does.

    `models` begin with the smallest. `description` is the card's Markdown, a stranger's text. `is_closed` is whether
    the card could not be read for want of access.
    """

    id: str
    commit: str
    models: tuple[RepositoryFile, ...] = ()
    projectors: tuple[RepositoryFile, ...] = ()
    licence: StatedLicence = field(default_factory=StatedLicence)
    card_licence: StatedLicence = field(default_factory=StatedLicence)
    licence_files: tuple[FilePart, ...] = ()
    is_gated: bool = False
    is_closed: bool = False
    description: str = ""
    languages: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    downloads: int = 0
    likes: int = 0
    updated_at: datetime | None = None

    @property
    def groups(self) -> tuple[QuantizationGroup, ...]:
        """The models by their quantization, the group with the smallest first."""
        by_name: dict[str, list[RepositoryFile]] = {}
        for model in self.models:
            by_name.setdefault(model.quantization, []).append(model)
        return tuple(QuantizationGroup(name, tuple(files)) for name, files in by_name.items())

    def find(self, said: str) -> tuple[RepositoryFile, ...]:
        """Give the files that a person means who writes `said`: a path, a file's name, or a quantization."""
        files = (*self.models, *self.projectors)
        wanted = said.casefold()
        for names in (_paths, _file_names, _short_names):
            if found := tuple(file for file in files if wanted in names(file)):
                return found
        return ()


def _paths(file: RepositoryFile) -> set[str]:
    return {part.path.casefold() for part in file.parts}


def _file_names(file: RepositoryFile) -> set[str]:
    return {path.rpartition("/")[2] for path in _paths(file)}


def _short_names(file: RepositoryFile) -> set[str]:
    return {file.name.casefold(), file.quantization.casefold()} - {""}

"""The download of a whole model: one file, or its parts and what goes with it, which people see as one thing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from app.errors import PaddockError
from app.gguf.parts import part_name
from app.models.download.download import Download, DownloadState
from app.models.download.errors import WrongFileError
from app.models.download.wanted import WantedFile

_NUMBER: Final = re.compile(r" \d+/\d+$")
_ORDER: Final = (
    DownloadState.RUNNING,
    DownloadState.FAILED,
    DownloadState.WAITING,
    DownloadState.INTERRUPTED,
    DownloadState.PAUSED,
    DownloadState.FINISHED,
)
"""What the whole is at, when its parts are at several things: the first of these."""


@dataclass(frozen=True, slots=True)
class ModelDownload:
    """The downloads that make up one model, in their order. `key` stays the same while they come and go."""

    key: str
    files: tuple[Download, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of its downloads."""
        return tuple(file.id for file in self.files)

    @property
    def shown_as(self) -> str:
        """What people read: the model's name, without the number of a part."""
        return _NUMBER.sub("", self._main.shown_as)

    @property
    def model_name(self) -> str:
        """What the file to load is called here."""
        return part_names(self._main)[0]

    @property
    def _main(self) -> WantedFile:
        """The model itself, not what goes with it."""
        return next(
            (each.wanted for each in self.files if _without_number(each.wanted.name) == self.key), self.files[0].wanted
        )

    @property
    def state(self) -> DownloadState:
        """What the whole is at."""
        states = {file.state for file in self.files}
        return next(state for state in _ORDER if state in states)

    @property
    def received_bytes(self) -> int:
        """What need not come again, of all its files; what was the wrong file is gone."""
        return sum(file.received_bytes for file in self.files if not isinstance(file.trouble, WrongFileError))

    @property
    def size_bytes(self) -> int:
        """How large all its files are; 0 while nobody knows."""
        return sum(file.size_bytes for file in self.files)

    @property
    def fraction(self) -> float:
        """How much of it is here, 0 to 1."""
        return min(1.0, self.received_bytes / self.size_bytes) if self.size_bytes else 0.0

    @property
    def bytes_per_s(self) -> float:
        """How fast its files come, together."""
        return sum(file.bytes_per_s for file in self.files)

    @property
    def remaining_s(self) -> float | None:
        """How long the rest takes; None while nobody can tell."""
        speed = self.bytes_per_s
        return max(0, self.size_bytes - self.received_bytes) / speed if speed else None

    @property
    def is_mending(self) -> bool:
        """Whether what is damaged in it is looked for."""
        return any(file.is_mending for file in self.files)

    @property
    def is_being_checked(self) -> bool:
        """Whether all of it is here, and is read once more before it gets its name."""
        has_all = 0 < self.size_bytes <= self.received_bytes
        return self.state is DownloadState.RUNNING and has_all and not self.is_mending

    @property
    def notice(self) -> str:
        """A sentence that needs nothing to be done; "" for none."""
        return next((file.notice for file in self.files if file.notice), "")

    @property
    def trouble(self) -> PaddockError | None:
        """Why it stands still, where something is wrong."""
        return next((file.trouble for file in self.files if file.trouble is not None), None)


def by_model(downloads: Iterable[Download]) -> tuple[ModelDownload, ...]:
    """Put together what belongs together; a model stands where its first file does."""
    found: dict[str, list[Download]] = {}
    for download in downloads:
        found.setdefault(model_key(download.wanted), []).append(download)
    return tuple(ModelDownload(key, tuple(files)) for key, files in found.items())


def model_key(wanted: WantedFile) -> str:
    """What all files that make up one model have in common."""
    return _without_number(wanted.model or wanted.name)


def part_names(wanted: WantedFile) -> tuple[str, ...]:
    """The names of all parts of the model that `wanted` belongs to, the first one first."""
    name = wanted.model or wanted.name
    part = part_name(name)
    return (name,) if part is None else part.all_names


def _without_number(name: str) -> str:
    part = part_name(name)
    return f"{part.stem}{part.ending}" if part else name

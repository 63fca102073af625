"""A download as the rest of Paddock sees it, and what happens to it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from app.errors import PaddockError
from app.models.download.wanted import WantedFile


class DownloadState(StrEnum):
    """What a download is at."""

    WAITING = "waiting"
    """Others come first."""
    RUNNING = "running"
    PAUSED = "paused"
    """By the user; or for want of room or of a network, which `trouble` says."""
    INTERRUPTED = "interrupted"
    """Paddock ended before it had. It goes on when the user says so: nothing connects by itself."""
    FAILED = "failed"
    """`trouble` says why. Resuming tries again."""
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Download:
    """One file on its way. `received_bytes` are those that need not come again.

    `bytes_per_s` is that of the last seconds; `remaining_s` is None while nobody can tell. `is_mending`: all came, and
    what is damaged is looked for, `received_bytes` far. `notice` is a sentence that needs nothing to be done. `path`
    and `sha256` are those of the finished file. `is_settled`: the library has it, or has refused it.
    """

    id: str
    wanted: WantedFile
    state: DownloadState
    received_bytes: int = 0
    size_bytes: int = 0
    bytes_per_s: float = 0.0
    remaining_s: float | None = None
    is_mending: bool = False
    notice: str = ""
    trouble: PaddockError | None = None
    path: Path | None = None
    sha256: str = ""
    is_settled: bool = False


@dataclass(frozen=True, slots=True)
class DownloadChanged:
    """A download is new, or is now as `download` says. After the state FINISHED only `is_settled` and a name follow."""

    download: Download


@dataclass(frozen=True, slots=True)
class DownloadRemoved:
    """A download was cancelled, or another Paddock has finished it."""

    id: str


@dataclass(frozen=True, slots=True)
class OrderChanged:
    """The downloads stand in another order."""

    ids: tuple[str, ...]


DownloadEvent: TypeAlias = DownloadChanged | DownloadRemoved | OrderChanged

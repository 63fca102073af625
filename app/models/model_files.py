"""The files that a model is loaded from: as they were when the list took them, and as the disk has them now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path


class FileState(StrEnum):
    """What the disk says of a model's files, beside what the list says."""

    PRESENT = "present"
    MISSING = "missing"
    """At least one is not there."""
    CHANGED = "changed"
    """At least one is not the file that was added: its size or its time is another, or its content proved wrong."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model as it was when it was added or last verified. What is unknown is None.

    `sha256` is what its publisher, or the application it belongs to, says it is; `seen_sha256` what it was when
    Paddock wrote or first verified it. `is_wrong`: its content was found to be another.
    """

    path: Path
    size_bytes: int
    modified_ns: int | None = None
    sha256: str | None = None
    seen_sha256: str | None = None
    is_wrong: bool = False

    @property
    def expected(self) -> str | None:
        """The sha256 that it should have."""
        return self.sha256 or self.seen_sha256

    def is_changed(self) -> bool:
        """Whether its size or its time is another now. Raises `OSError`."""
        return _is_another(self, self.as_it_is())

    def as_it_is(self) -> ModelFile:
        """Give the same with the size and time of now. Raises `OSError`."""
        status = self.path.stat()
        return replace(self, size_bytes=status.st_size, modified_ns=status.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class OnDisk:
    """What one look at a model's files gave; `missing` are those that are not there."""

    state: FileState
    size_bytes: int
    missing: tuple[Path, ...] = ()


def look_at(files: Sequence[ModelFile]) -> OnDisk:
    """Ask the disk for the size and time of each file; of one that is gone, its old size counts."""
    size_bytes, missing, is_changed = 0, list[Path](), False
    for file in files:
        try:
            now = file.as_it_is()
            is_there = file.path.is_file()
        except (OSError, ValueError):  # ValueError: a path with a NUL character
            now, is_there = file, False
        size_bytes += now.size_bytes
        if not is_there:
            missing.append(file.path)
        is_changed = is_changed or file.is_wrong or _is_another(file, now)
    state = FileState.CHANGED if is_changed else FileState.PRESENT
    return OnDisk(FileState.MISSING if missing else state, size_bytes, tuple(missing))


def _is_another(noted: ModelFile, now: ModelFile) -> bool:
    """A list of an older Paddock knows no times."""
    if noted.modified_ns is not None and noted.modified_ns != now.modified_ns:
        return True
    return noted.size_bytes != now.size_bytes

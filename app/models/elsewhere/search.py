"""One look through other applications' folders: bounded, stoppable, read-only, and never led out of them by a link."""

from __future__ import annotations

import itertools
import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_MAGIC: Final = b"GGUF"
_ENDING: Final = ".gguf"
_LARGEST_TEXT_BYTES: Final = 4 * 1024 * 1024
_REPARSE_POINT: Final = 0x400
"""Windows: a junction, or a file that a cloud folder would have to fetch first."""
_DATALESS: Final = 0x4000_0000
"""macOS: a file whose content iCloud would have to fetch first."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a search goes below one folder, and how long it takes with one application.

    A folder on a computer that does not answer can hold a search up for longer: only the system ends that wait.
    """

    depth: int = 8
    entries: int = 50_000
    seconds: float = 5.0


_LIMITS: Final = Limits()


class Search:
    """Looks, keeps to its limits, and counts what it passed over. For one thread.

    `damaged` notes of other applications could not be understood, or name what is not there; of `incomplete` models
    some parts are missing; `unreadable` files and folders are closed to this user.
    """

    def __init__(
        self,
        limits: Limits = _LIMITS,
        *,
        is_stopped: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.damaged = 0
        self.incomplete = 0
        self.unreadable = 0
        self.is_complete = True
        self._limits = limits
        self._is_stopped = is_stopped
        self._clock = clock
        self.begin()

    def begin(self) -> None:
        """Begin with another application: one that has very much does not keep the next from being looked at."""
        self._entries_left = self._limits.entries
        self._deadline_s = self._clock() + self._limits.seconds

    def folders_below(self, top: Path, root: Path | None = None) -> Iterator[tuple[Path, list[Path]]]:
        """Give `top` and each folder below it, with its GGUF files, in the order of names.

        A link to a file is followed where it stays below `root`, which without one is `top`; to a folder, never.
        """
        root = root or top
        waiting = [(top, 0)]
        while waiting:
            folder, depth = waiting.pop()
            entries = self.listed(folder)
            inner = [Path(entry.path) for entry in entries if _is_folder(entry)]
            if depth < self._limits.depth:
                waiting += [(path, depth + 1) for path in reversed(inner)]
            elif inner:
                self.is_complete = False
            yield folder, [path for path in (Path(entry.path) for entry in entries) if self.is_gguf(path, root)]

    def folders_in(self, folder: Path) -> list[Path]:
        """Give the folders directly in `folder`."""
        return [Path(entry.path) for entry in self.listed(folder) if _is_folder(entry)]

    def listed(self, folder: Path) -> list[os.DirEntry[str]]:
        """Give what is in `folder`, in the order of names; nothing where there is no such folder."""
        if not self._goes_on():
            return []
        try:
            with os.scandir(folder) as entries:
                listed = list(itertools.islice(entries, self._entries_left + 1))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError:
            self.unreadable += 1
            return []
        if len(listed) > self._entries_left:
            self.is_complete = False
        del listed[self._entries_left :]
        self._entries_left -= len(listed)
        return sorted(listed, key=lambda entry: entry.name)

    def is_gguf(self, path: Path, root: Path) -> bool:
        """Whether `path` is called and begins like a model file, and really lies below `root`."""
        try:
            return path.suffix.casefold() == _ENDING and self._begins_as_gguf(path, root)
        except FileNotFoundError:  # a link to what is gone
            return False

    def is_noted_gguf(self, path: Path, root: Path) -> bool:
        """Whether the file that an application's note names begins like a model file; that it is gone is counted."""
        try:
            return self._begins_as_gguf(path, root)
        except FileNotFoundError:
            self.damaged += 1
            return False

    def read_text(self, path: Path, root: Path) -> str | None:
        """Give a small text that really lies below `root`; None if there is none, counted where it is no text."""
        try:
            content = self._read(path, root, _LARGEST_TEXT_BYTES + 1) if self._goes_on() else None
            if content is None or len(content) <= _LARGEST_TEXT_BYTES:
                return None if content is None else content.decode("utf-8-sig")
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            pass  # counted as what is too long is
        self.damaged += 1
        return None

    def _begins_as_gguf(self, path: Path, root: Path) -> bool:
        return self._goes_on() and self._read(path, root, len(_MAGIC)) == _MAGIC

    def _read(self, path: Path, root: Path, size_bytes: int) -> bytes | None:
        """The first bytes of a file. None where it may not be read; `FileNotFoundError` where there is none."""
        try:
            real = _real_file(path, root)
            if real is None:
                return None
            with real.open("rb", buffering=0) as file:
                return file.read(size_bytes)
        except FileNotFoundError:
            raise
        except NotADirectoryError:
            return None
        except OSError:
            self.unreadable += 1
            return None

    def _goes_on(self) -> bool:
        if self._entries_left > 0 and self._clock() < self._deadline_s and not self._is_stopped():
            return True
        self.is_complete = False
        return False


def _real_file(path: Path, root: Path) -> Path | None:
    """Give the file at `path`, or the one that it is a link to; None unless it is one and lies below `root`.

    Raises `OSError` where the system does not let it be looked at.
    """
    try:
        real = path.resolve(strict=True)
        is_below = real.is_relative_to(root.resolve())
    except (RuntimeError, ValueError):  # a link that leads back to itself; a name that no file can have
        return None
    return real if is_below and _is_plain(real.lstat()) else None


def _is_plain(status: os.stat_result) -> bool:
    """Whether it is a file whose bytes are on this disk: to read a pipe would wait, to read a cloud's would fetch."""
    attributes: int = getattr(status, "st_file_attributes", 0)
    flags: int = getattr(status, "st_flags", 0)
    return stat.S_ISREG(status.st_mode) and not attributes & _REPARSE_POINT and not flags & _DATALESS


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether it is a folder of its own, not a link to one."""
    try:
        if not entry.is_dir(follow_symlinks=False):
            return False
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return False
    attributes: int = getattr(status, "st_file_attributes", 0)
    return not attributes & _REPARSE_POINT

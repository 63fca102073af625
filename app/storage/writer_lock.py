"""Which processes are alive and may be writing replies: each holds a lock on a file of its own, as long as it lives."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from app.paths import PRIVATE_FILE
from app.storage.turns import make_id

_SUFFIX = ".lock"
_TAKE_TIMEOUT_S = 10


class WriterLock:
    """This process's own lock. The operating system frees it when the process ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        """Take a lock under a new id."""
        self.writer_id = make_id()
        self._path = folder / (self.writer_id + _SUFFIX)
        self._lock = _lock(self._path)
        self._lock.acquire(timeout=_TAKE_TIMEOUT_S)  # somebody who tidies up may hold it for an instant

    def release(self) -> None:
        """Give it up, and take the file away. May be called twice."""
        if self._lock.is_locked:
            _release_and_remove(self._lock, self._path)


def living_writers(folder: Path) -> frozenset[str]:
    """The ids of the processes that hold their lock. The lock files of the others are taken away."""
    return frozenset(path.stem for path in folder.glob("*" + _SUFFIX) if not _remove_if_free(path))


def _remove_if_free(path: Path) -> bool:
    lock = _lock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return False
    _release_and_remove(lock, path)
    return True


def _release_and_remove(lock: FileLock, path: Path) -> None:
    # Removed first: an owner who is just about to take it then sees that its file is gone, and makes a new one.
    _remove(path)
    lock.release()
    if os.name == "nt":  # where an open file cannot be removed, so neither can one that its owner has taken meanwhile
        _remove(path)


def _remove(path: Path) -> None:
    with suppress(PermissionError):
        path.unlink(missing_ok=True)


def _lock(path: Path) -> FileLock:
    return FileLock(path, mode=PRIVATE_FILE, thread_local=False)

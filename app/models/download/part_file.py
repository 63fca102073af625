"""The file as far as it has come: `<name>.part`, ours alone while we write it."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

import filelock

from app.models.download.errors import InUseError, in_the_way, trouble_with
from app.models.download.positioned import read_at, sync, write_at
from app.paths import PRIVATE_FILE, create_private_folder

PART: Final = ".part"
_FLAGS: Final = (
    os.O_RDWR
    | os.O_CREAT
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a pipe that lies there would be waited for
    | getattr(os, "O_BINARY", 0)
)


def part_path(target: Path) -> Path:
    """Where `target` is written until it is whole and right."""
    return target.with_name(target.name + PART)


class PartFile:
    """The part of `target`, open and locked. Several threads may read and write it. Raises `DownloadError`."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.path = part_path(target)
        self._lock = _take_lock(self.path)
        try:
            self._handle = _open(self.path)
        except BaseException:
            self._lock.release()
            raise

    def write(self, content: bytes, offset: int) -> None:
        """Write `content` at `offset`."""
        left = memoryview(content)
        try:
            while left:
                written = write_at(self._handle, left, offset)
                left, offset = left[written:], offset + written
        except OSError as error:
            raise trouble_with(self.path, error) from error

    def read(self, size_bytes: int, offset: int) -> bytes:
        """Give up to `size_bytes` bytes from `offset` on; less only where the file ends."""
        try:
            return read_at(self._handle, size_bytes, offset)
        except OSError as error:
            raise trouble_with(self.path, error) from error

    @property
    def size_bytes(self) -> int:
        """How far it goes; there may be gaps before."""
        return os.fstat(self._handle).st_size

    def sync(self) -> None:
        """Have the disk hold what was written so far."""
        try:
            sync(self._handle)
        except OSError as error:
            raise trouble_with(self.path, error) from error

    def wipe(self) -> None:
        """Begin from nothing."""
        try:
            os.ftruncate(self._handle, 0)
        except OSError as error:
            raise trouble_with(self.path, error) from error

    def become_target(self, size_bytes: int) -> None:
        """Give it its name, now that it is whole and right. It is closed."""
        try:
            os.ftruncate(self._handle, size_bytes)
            os.fsync(self._handle)
            os.close(self._handle)
            self._handle = -1
            self.path.replace(self.target)
            _sync_folder(self.target.parent)
        except OSError as error:
            raise trouble_with(self.target, error) from error

    def remove(self) -> None:
        """Throw it away. It is closed."""
        try:
            os.close(self._handle)
            self._handle = -1
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise trouble_with(self.path, error) from error

    def close(self) -> None:
        """Let go of it. May be called twice."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
        if self._lock.is_locked:
            _let_go(self._lock)


def is_being_written(target: Path) -> bool:
    """Whether somebody is at the part of `target` now. Raises `DownloadError` where that cannot be told."""
    path = part_path(target)
    if not _lock_path(path).exists():
        return False
    try:
        _let_go(_take_lock(path))  # a process that died left it
    except InUseError:
        return True
    return False


def _lock_path(path: Path) -> Path:
    return path.with_name(path.name + ".lock")


def _let_go(lock: filelock.BaseFileLock) -> None:
    with suppress(OSError):  # Windows keeps an open file; whoever comes next takes the one that lies there
        Path(lock.lock_file).unlink(missing_ok=True)
    lock.release()


def _take_lock(path: Path) -> filelock.BaseFileLock:
    lock_path = _lock_path(path)
    lock = filelock.FileLock(lock_path, mode=PRIVATE_FILE, thread_local=False)
    try:
        create_private_folder(path.parent)
        if lock_path.is_symlink():
            raise in_the_way(lock_path)
        lock.acquire(blocking=False)
    except filelock.Timeout as error:  # an OSError too: it comes first
        raise InUseError(
            "{name} is being downloaded by another Paddock.",
            next_step="Let it finish there, or stop it there.",
            name=path.name.removesuffix(PART),
        ) from error
    except OSError as error:
        raise trouble_with(path, error) from error
    return lock


def _open(path: Path) -> int:
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise in_the_way(path)
    try:
        handle = os.open(path, _FLAGS, PRIVATE_FILE)
    except OSError as error:
        raise trouble_with(path, error) from error
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:  # a second name would be written too
        os.close(handle)
        raise in_the_way(path)
    return handle


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":  # elsewhere a folder cannot be opened, and renaming is durable by itself
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

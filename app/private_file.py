"""Small files that only their owner may read, written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar, cast

import filelock

from app.errors import Fault, PaddockError
from app.paths import PRIVATE_FILE, create_private_folder

_MAXIMUM_BYTES: Final = 16 * 1024 * 1024
_LOCK_TIMEOUT_S: Final = 10

T = TypeVar("T")


class PrivateFileError(PaddockError):
    """The operating system would not let a file be read or written."""

    fault = Fault.MACHINE


class DamagedFileError(PaddockError):
    """A file that Paddock wrote holds something else now."""

    fault = Fault.FILE


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Hold the lock of `path` against every other process of Paddock; it is free again when its holder dies."""
    lock = filelock.FileLock(f"{path}.lock", timeout=_LOCK_TIMEOUT_S, mode=PRIVATE_FILE)
    try:
        create_private_folder(path.parent)
        lock.acquire()
    except filelock.Timeout as error:  # an OSError too: it comes first
        raise PrivateFileError(
            "{name} is being written by another Paddock.", next_step="Try again in a moment.", name=path.name
        ) from error
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        yield
    finally:
        lock.release()


def read_object(path: Path) -> dict[str, object]:
    """Give the JSON object that `path` holds; an empty one if there is no file.

    Raises `DamagedFileError` if it holds anything else, `PrivateFileError` if it cannot be read.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MAXIMUM_BYTES + 1)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise PrivateFileError(
            "{name} cannot be read.",
            next_step="Check that you may read this file: {path}.",
            details=str(error),
            name=path.name,
            path=path,
        ) from error
    return _parse(path, content)


def write_object(path: Path, content: Mapping[str, object]) -> None:
    """Put `content` in place of what `path` holds. The caller holds its lock.

    Whoever reads sees the old content or the new one, also after a crash or a power failure.
    """
    target = Path(os.path.realpath(path))  # a link to a file kept elsewhere stays a link
    new = target.with_name(f"{target.name}.new")
    encoded = json.dumps(content, indent=2).encode()
    try:
        with open(new, "wb", opener=_open_private) as file:
            file.write(encoded)
            file.flush()
            os.fsync(file.fileno())
        new.replace(target)
        _sync_folder(target.parent)
    except OSError as error:
        raise _unwritable(target, error) from error


def set_aside(path: Path) -> Path:
    """Give a damaged file another name beside its own, so that nothing in it is lost. The caller holds its lock."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    aside = path.with_name(f"{path.name}.damaged-{moment}")
    count = 1
    while aside.exists():
        count += 1
        aside = path.with_name(f"{path.name}.damaged-{moment}-{count}")
    try:
        path.rename(aside)
    except OSError as error:
        raise _unwritable(path, error) from error
    return aside


def read_or_set_aside(
    path: Path, parse: Callable[[dict[str, object]], T], *, is_locked: bool = False
) -> tuple[T, Path | None]:
    """Give what `parse` makes of the object that `path` holds, and None.

    Where `read_object` or `parse` find it damaged: what `parse` makes of no file, and what the damaged one is called
    now. `is_locked`: the caller holds the lock. Raises `PrivateFileError`.
    """
    try:
        return parse(read_object(path)), None
    except DamagedFileError:
        if is_locked:
            return parse({}), set_aside(path)
    with locked(path):  # by now, somebody else may have mended it
        return read_or_set_aside(path, parse, is_locked=True)


def _unwritable(path: Path, error: OSError) -> PrivateFileError:
    return PrivateFileError(
        "{name} could not be saved.",
        next_step="Check that there is room on the disk and that you may write to {folder}.",
        details=str(error),
        name=path.name,
        folder=path.parent,
    )


def _parse(path: Path, content: bytes) -> dict[str, object]:
    damaged = DamagedFileError("{name} is damaged.", name=path.name)
    if len(content) > _MAXIMUM_BYTES:
        raise damaged
    try:
        parsed: object = json.loads(content.decode("utf-8-sig"))  # some editors write a byte order mark
    except (ValueError, RecursionError) as error:
        raise damaged from error
    if not isinstance(parsed, dict):
        raise damaged
    return cast("dict[str, object]", parsed)


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, PRIVATE_FILE)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":  # elsewhere a folder cannot be opened, and renaming is durable by itself
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

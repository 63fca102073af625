"""A file on this disk, opened to be looked into; what cannot be opened is called what it is."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from app.gguf.header_bytes import Read
from app.gguf.header_error import ModelHeaderError
from app.given_text import shown_name, whole_characters

Result = TypeVar("Result")
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
"""Nothing is waited for: a pipe would never say anything."""


def look_into(path: Path, look: Callable[[Read, int], Result]) -> Result:
    """Give what `look` finds, which gets a way to read the file and its size in bytes.

    All that goes wrong meanwhile is a `ModelHeaderError`.
    """
    try:
        descriptor = os.open(path, _FLAGS)
        try:
            return look(lambda offset, count: _read(descriptor, count, offset), _size_bytes(descriptor, path))
        finally:
            os.close(descriptor)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ModelHeaderError(
            "There is no file {path}.",
            next_step="It may have been moved, renamed or deleted.",
            path=whole_characters(str(path)),
            name=shown_name(path),
        ) from error
    except PermissionError as error:
        if path.is_dir():  # Windows does not even open it
            raise _no_file(path, is_folder=True) from error
        raise ModelHeaderError(
            "Paddock may not read {name}.",
            next_step="Check its permissions, or copy it to a folder of your own.",
            details=str(error),
            name=shown_name(path),
        ) from error
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL character
        raise _unreadable(path, error) from error


def _read_in_two_steps(descriptor: int, count: int, offset: int) -> bytes:
    os.lseek(descriptor, offset, os.SEEK_SET)
    return os.read(descriptor, count)


_read: Final[Callable[[int, int, int], bytes]] = getattr(os, "pread", _read_in_two_steps)
"""Windows has none in one step."""


def _size_bytes(descriptor: int, path: Path) -> int:
    """Give the size of what is open; refuse what is no file."""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise _no_file(path, is_folder=stat.S_ISDIR(status.st_mode))
    if not status.st_size:  # or so it says: a window into memory does, and cannot be read
        os.read(descriptor, 1)
    return status.st_size


def _no_file(path: Path, *, is_folder: bool) -> ModelHeaderError:
    if is_folder:
        return ModelHeaderError(
            "{name} is a folder, not a model file.", next_step="Choose the .gguf file inside it.", name=shown_name(path)
        )
    return ModelHeaderError("{name} is not a file.", next_step="Choose the model file itself.", name=shown_name(path))


def _unreadable(path: Path, error: OSError | ValueError) -> ModelHeaderError:
    """Say why the operating system gave nothing of a file that lies there."""
    message, next_step = "{name} cannot be read as a file.", "Choose the model file itself."
    match error:
        case OSError(errno=errno.ELOOP):
            message = "{name} is a link that leads back to itself."
        case OSError(errno=errno.ENAMETOOLONG):
            message, next_step = "{name} is a longer name than a file can have.", "Check the path."
        case OSError() if _has_bytes(path):
            message, next_step = "{name} cannot be read.", "The disk may be failing, or have been taken out."
        case _:
            pass
    return ModelHeaderError(message, next_step=next_step, details=str(error), name=shown_name(path))


def _has_bytes(path: Path) -> bool:
    """Whether there should be something to read: a window into the system's own memory claims to be empty."""
    try:
        return path.stat().st_size > 0
    except (OSError, ValueError):
        return True

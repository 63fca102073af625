"""A file on this disk, opened to be looked into; what cannot be opened is called what it is."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from app.gguf.header_bytes import Read
from app.gguf.header_error import ModelHeaderError
from app.given_text import shown_name, whole_characters


@contextmanager
def opened(path: Path) -> Generator[tuple[Read, int]]:
    """Give a way to read the file, and its size in bytes. All that goes wrong meanwhile is a `ModelHeaderError`."""
    try:
        _check_kind(path)
        with path.open("rb", buffering=0) as file:

            def read(offset: int, count: int) -> bytes:
                file.seek(offset)
                return file.read(count)

            size_bytes = os.fstat(file.fileno()).st_size
            if not size_bytes:  # or so it says: a window into memory does, and cannot be read
                file.read(1)
            yield read, size_bytes
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ModelHeaderError(
            "There is no file {path}.",
            next_step="It may have been moved, renamed or deleted.",
            path=whole_characters(str(path)),
            name=shown_name(path),
        ) from error
    except PermissionError as error:
        raise ModelHeaderError(
            "Paddock may not read {name}.",
            next_step="Check its permissions, or copy it to a folder of your own.",
            details=str(error),
            name=shown_name(path),
        ) from error
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL character
        raise _unreadable(path, error) from error


def _check_kind(path: Path) -> None:
    """Refuse what is there and no file; reading a pipe would wait for ever."""
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise ModelHeaderError(
            "{name} is a folder, not a model file.", next_step="Choose the .gguf file inside it.", name=shown_name(path)
        )
    if not stat.S_ISREG(mode):
        raise ModelHeaderError(
            "{name} is not a file.", next_step="Choose the model file itself.", name=shown_name(path)
        )


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

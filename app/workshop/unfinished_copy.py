"""A copy that is being written: it has no name yet, and is gone when it does not get one."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from app.gguf.quantization import FILE_TYPES
from app.given_text import shown_name
from app.paths import PRIVATE_FILE, create_private_folder
from app.workshop.errors import UnwritableFolderError

_UNFINISHED: Final = re.compile(r".+\.gguf\.(?P<writer>\d+)\.part")
_PART_NUMBER: Final = re.compile(r"-\d{5}-of-\d{5}$")
_QUANTIZATION: Final = re.compile(rf"[.\-_ ](?:{'|'.join(FILE_TYPES.values())})$", re.IGNORECASE)
_MOST: Final = 1000


class UnfinishedCopy:
    """The file `<name>.<TYPE>.gguf.<process>.part`, empty at first. Use it as a context, at whose end it is gone.

    A process may write several copies at once, also of the same model: each has a file of its own.
    """

    def __init__(self, folder: Path, source: Path, target: str) -> None:
        """Make it for a copy of `source`. What dead processes left in the folder is thrown away first.

        Raises `UnwritableFolderError`.
        """
        self._folder = folder
        self._stem = f"{_plain_stem(source)}.{target}"
        try:
            create_private_folder(folder)
            _remove_orphans(folder)
            self.path = self._taken_name(f".gguf.{os.getpid()}.part")
        except OSError as error:
            raise _unwritable(folder, error) from error

    def __enter__(self) -> Self:
        """It is there."""
        return self

    def __exit__(self, *_: object) -> None:
        """Throw it away, unless it got its name."""
        with suppress(OSError):  # Windows keeps a file that somebody has open; the next copy throws it away
            self.path.unlink(missing_ok=True)

    def get_name(self) -> Path:
        """Give it a name that no other file there has. Raises `UnwritableFolderError`."""
        try:
            with self.path.open("rb") as file:
                os.fsync(file.fileno())
            return self._put_over(self._taken_name(".gguf"))
        except OSError as error:
            raise _unwritable(self._folder, error) from error

    def _taken_name(self, ending: str) -> Path:
        """Take a name that no other file there has, with an empty file."""
        for number in range(1, _MOST):
            name = self._stem if number == 1 else f"{self._stem}-{number}"
            path = self._folder / f"{name}{ending}"
            with suppress(FileExistsError):
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE))
                return path
        raise FileExistsError(self._stem)

    def _put_over(self, path: Path) -> Path:
        """Take the place of the empty file that now holds the name."""
        try:
            return self.path.replace(path)
        except OSError:
            path.unlink()
            raise


def _plain_stem(source: Path) -> str:
    """Give the source's name without its ending, its part's number, and its quantization."""
    stem = _PART_NUMBER.sub("", shown_name(source).removesuffix(".gguf"))
    return _QUANTIZATION.sub("", stem) or stem


def _remove_orphans(folder: Path) -> None:
    import psutil  # noqa: PLC0415 - seldom wanted, never at once

    for path in folder.glob("*.part"):
        match = _UNFINISHED.fullmatch(path.name)
        if match is not None and not psutil.pid_exists(int(match["writer"])):
            path.unlink(missing_ok=True)


def _unwritable(folder: Path, error: OSError) -> UnwritableFolderError:
    return UnwritableFolderError(
        "No copy can be written in {folder}.",
        next_step="Check that there is room on the disk and that you may write there.",
        details=str(error),
        folder=folder,
    )

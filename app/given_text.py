"""Text that Paddock is given: in files, on standard input, and where names and arguments may be no text at all."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

from app.errors import Fault, PaddockError
from app.translation import tr

_LARGEST_MB: Final = 16
_HALVES: Final = re.compile("[\ud800-\udfff]")
"""Where a name or an argument is no UTF-8, Python keeps its bytes as halves of characters; JSON can hold some too."""


class TextFileError(PaddockError):
    """A file, or standard input, is no text that can be read."""

    fault = Fault.FILE


def whole_characters(text: str) -> str:
    """Give `text` as it can be shown, kept and sent: half of a character becomes U+FFFD, all else stays."""
    return _HALVES.sub("\N{REPLACEMENT CHARACTER}", text)


def shown_name(path: Path) -> str:
    """Give a file's name as it can be shown: names need not be text, what is shown must be."""
    name = path.name or str(path)
    return name if name.isascii() else whole_characters(name)


def read_text(path: Path, name: str) -> str:
    """Give the text in the file at `path`, which a sentence calls `name`. Raises `TextFileError`."""
    try:
        if path.exists() and not path.is_file():  # reading a pipe would wait for ever
            raise TextFileError("{name} is not a file.", next_step="Choose a file that holds text.", name=name)
        with path.open("rb") as file:
            content = file.read(_LARGEST_MB * 1_000_000 + 1)
    except FileNotFoundError as error:
        raise TextFileError("There is no file {name}.", next_step="Check the path.", name=name) from error
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL character
        raise _unreadable(error, name) from error
    return _decoded(content, name)


def read_standard_input() -> str:
    """Give the text on standard input. Raises `TextFileError`."""
    return _decoded(standard_input(_LARGEST_MB * 1_000_000), _standard_input_name())


def standard_input(largest_bytes: int) -> bytes:
    """Give what is on standard input, nothing where it is closed; of more than `largest_bytes` one byte more.

    Raises `TextFileError`.
    """
    if sys.stdin is None:  # pyright: ignore[reportUnnecessaryComparison] - it is, when whoever started us closed it
        return b""
    try:
        return sys.stdin.buffer.read(largest_bytes + 1)
    except OSError as error:
        raise _unreadable(error, _standard_input_name()) from error


def _decoded(content: bytes, name: str) -> str:
    if len(content) > _LARGEST_MB * 1_000_000:
        raise TextFileError("{name} is larger than {size} MB.", name=name, size=_LARGEST_MB)
    try:
        return content.decode("utf-8-sig")  # some editors write a byte order mark
    except UnicodeDecodeError as error:
        raise TextFileError("{name} is not a text in UTF-8.", name=name) from error


def _unreadable(error: OSError | ValueError, name: str) -> TextFileError:
    return TextFileError(
        "{name} cannot be read.", next_step="Check that you may read it.", details=str(error), name=name
    )


def _standard_input_name() -> str:
    return tr("Standard input")

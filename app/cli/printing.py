"""How commands print: for people, or one JSON document."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import sys
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeAlias, cast

from app.errors import Fault, PaddockError
from app.given_text import whole_characters
from app.translation import told, tr

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | dict[str, Json] | None"

_COMMANDING: Final = {"Cc", "Cs"}
"""Unicode's categories of control characters and of halves of characters."""
_TURNING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""What turns the direction of writing, and so could turn a line of a list around."""

_MEGABYTE: Final = 1_000_000
_GIGABYTE: Final = 1_000_000_000


class OutputError(PaddockError):
    """Standard output takes nothing more."""

    fault = Fault.MACHINE


def prepare_streams() -> None:
    """Let no character be the end of a command: what a terminal or a pipe cannot take is replaced there.

    What whoever started us has closed leads nowhere; no file that is opened later may take its place.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    # Python has None for a stream that was closed, whatever its types say.
    sys.stdout = sys.stdout or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as long as the process
    sys.stderr = sys.stderr or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as long as the process
    for stream in (sys.stdout, sys.stderr):
        _reconfigure(stream, errors="replace")


def print_json(document: Json) -> None:
    """Print one JSON document on one line of UTF-8, at once."""
    _reconfigure(sys.stdout, encoding="utf-8")
    print_line(whole_characters(json.dumps(document, ensure_ascii=False)))


def print_line(line: str = "") -> None:
    """Print a line on standard output, at once."""
    print_text(line + "\n")


def print_text(text: str) -> None:
    """Print text on standard output, at once. On a terminal without what would command the terminal.

    What a model or a file's name says is not to be trusted: escape sequences could move the cursor, or worse.
    """
    try:
        sys.stdout.write(_harmless(text) if sys.stdout.isatty() else text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _unwritable(error) from error


def print_error(error: PaddockError) -> None:
    """Say on standard error what happened and what to do next: always on one line."""
    hint = tr("On the command line that is {flag}.", flag=error.flag) if error.flag else ""
    print_notice(f"{told(error)} {hint}".rstrip())


def print_notice(sentence: str) -> None:
    """Say something beside what was asked for: on standard error, always on one line."""
    sys.stderr.write(one_line(sentence) + "\n")


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows in aligned columns, each on one line; the last column may be of any length."""
    lines = [[one_line(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in lines) for column in range(len(lines[0]) - 1)] if lines else []
    for row in lines:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        print_line("  ".join([*cells, row[-1]]))


def one_line(text: str) -> str:
    """Give a title or a name as one line that says nothing to a terminal, for pipes too."""
    spaced = "".join(" " if sign.isspace() else sign for sign in whole_characters(text))
    return " ".join(_harmless(_TURNING.sub("", spaced)).split())


def readable_size(size_bytes: int) -> str:
    """Give a size in the unit people use for files."""
    if size_bytes >= _GIGABYTE:
        return tr("{size} GB", size=f"{size_bytes / _GIGABYTE:.1f}")
    return tr("{size} MB", size=f"{size_bytes / _MEGABYTE:.0f}")


def rfc3339(moment: datetime) -> str:
    """Give a moment in UTC as the command line prints it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _reconfigure(stream: object, *, encoding: str | None = None, errors: str | None = None) -> None:
    """Change how a stream of text writes; where something else stands in for it, or nothing does, leave it."""
    if isinstance(stream, io.TextIOWrapper):
        cast("io.TextIOWrapper", stream).reconfigure(encoding=encoding, errors=errors)


def _unwritable(error: OSError) -> OutputError:
    if error.errno == errno.ENOSPC:
        return OutputError("The output could not be written: no space left.")
    return OutputError("The output could not be written.", details=str(error))


def _harmless(text: str) -> str:
    return "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign) not in _COMMANDING)

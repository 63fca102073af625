"""How commands print: for people, or one JSON document."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, TypeAlias

from app.errors import PaddockError
from app.translation import tr

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | dict[str, Json] | None"


_COMMANDING: Final = {"Cc", "Cs"}
"""Unicode's categories of control characters and of halves of characters."""

_MEGABYTE: Final = 1_000_000
_GIGABYTE: Final = 1_000_000_000


def print_json(document: Json) -> None:
    """Print one JSON document on one line, at once."""
    print_line(json.dumps(document, ensure_ascii=False))


def print_line(line: str = "") -> None:
    """Print a line on standard output, at once."""
    print_text(line + "\n")


def print_text(text: str) -> None:
    """Print text on standard output, at once. On a terminal without what would command the terminal.

    What a model or a file's name says is not to be trusted: escape sequences could move the cursor, or worse.
    """
    sys.stdout.write(_harmless(text) if sys.stdout.isatty() else text)
    sys.stdout.flush()


def print_error(error: PaddockError) -> None:
    """Say on standard error what happened and what to do next: always on one line."""
    parts = (error.message, error.next_step)
    sentence = " ".join(tr(part, **error.values) for part in parts if part)
    sys.stderr.write(_harmless(" ".join(sentence.split())) + "\n")


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows in aligned columns; the last column may be of any length."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)] if rows else []
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        print_line("  ".join([*cells, row[-1]]))


def readable_size(size_bytes: int) -> str:
    """Give a size in the unit people use for files."""
    if size_bytes >= _GIGABYTE:
        return tr("{size} GB", size=f"{size_bytes / _GIGABYTE:.1f}")
    return tr("{size} MB", size=f"{size_bytes / _MEGABYTE:.0f}")


def rfc3339(moment: datetime) -> str:
    """Give a moment in UTC as the command line prints it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _harmless(text: str) -> str:
    return "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign) not in _COMMANDING)

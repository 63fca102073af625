"""What a file from a server is called here: its own name as far as every system allows, never outside of the folder.

The rules of Linux, macOS and Windows hold on each of them, so that a folder can be carried from one to another.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Final

from app.errors import Fault, PaddockError
from app.given_text import whole_characters

ENDING: Final = ".gguf"
LONGEST_BYTES: Final = 200
"""Leaves room for what is written beside a file, such as `.part.json`, below the 255 that systems allow."""
_MARK_DIGITS: Final = 12
_MARK: Final = re.compile(r"[0-9a-fA-F]{12,64}")
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})
"""Characters that are not seen, turn the direction of the others, or mean nothing: no honest name has them."""
_NOT_ON_WINDOWS: Final = re.compile(r'[<>:"|?*]')
_DEVICES: Final = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])", re.IGNORECASE
)
_PART: Final = re.compile(r"-\d{5}-of-\d{5}$")


class UnsafeNameError(PaddockError):
    """A server called a file so that keeping it under this name could do harm."""

    fault = Fault.FILE


def local_name(server_path: str, mark: str) -> str:
    """Give the name under which the file `server_path` of a repository is kept: its mark, then its own name.

    `mark` are hexadecimal digits that tell it from all others of the same name, of which the first 12 are used: the
    file's sha256 or, so that the parts of a model keep one name, that of its first part. The folders of `server_path`
    are left out. Raises `UnsafeNameError` for a path that no honest repository has.
    """
    if _MARK.fullmatch(mark) is None:
        raise _refusal(server_path)
    parts = server_path.split("/")
    if any(_is_dishonest(part) for part in parts) or not parts[-1].casefold().endswith(ENDING):
        raise _refusal(server_path)
    stem = _NOT_ON_WINDOWS.sub("_", unicodedata.normalize("NFC", parts[-1][: -len(ENDING)]))
    part = _PART.search(stem)
    number = part[0] if part else ""
    room = LONGEST_BYTES - _MARK_DIGITS - 1 - len(number) - len(ENDING)
    stem = _shortened(stem.removesuffix(number), room)
    return f"{mark[:_MARK_DIGITS].lower()}-{stem}{number}{ENDING}"


def place_in(folder: Path, name: str) -> Path:
    """Give the path of `name` directly in `folder`, where nothing leads elsewhere.

    Raises `UnsafeNameError` if `name` is not one that every system takes as a file's, or if a link lies there.
    """
    path = folder / name
    if not is_safe_name(name) or path.is_symlink() or path.resolve().parent != folder.resolve():
        raise _refusal(name)
    return path


def is_safe_name(name: str) -> bool:
    """Whether every system takes `name` as that of one file in the folder at hand, exactly as it is."""
    return (
        not _is_dishonest(name)
        and name == unicodedata.normalize("NFC", name)
        and _NOT_ON_WINDOWS.search(name) is None
        and _DEVICES.fullmatch(name.partition(".")[0].rstrip(" ")) is None
        and len(name.encode()) <= LONGEST_BYTES
    )


def _is_dishonest(part: str) -> bool:
    """Whether one part of a path is there to lead elsewhere, or to look like something else."""
    return (
        part.strip(".") == ""
        or part != part.strip(" ")
        or part.endswith(".")
        or "\\" in part
        or "/" in part
        or re.match(r"[A-Za-z]:", part) is not None
        or any(unicodedata.category(character) in _HIDDEN for character in part)
    )


def _shortened(text: str, room_bytes: int) -> str:
    """As much of the beginning of `text` as has room, in whole characters, and without what may not end it."""
    return text.encode()[:room_bytes].decode(errors="ignore").rstrip(" .")


def _refusal(name: str) -> UnsafeNameError:
    return UnsafeNameError(
        "The server calls a file “{name}”, which is not a name that a model file can safely have here.",
        next_step="Nothing was written. Choose another file or another repository.",
        name=_shown(name),
    )


def _shown(name: str) -> str:
    """The name with a mark in place of each character that would not be seen, or would turn the others around."""
    visible = (
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(character) in _HIDDEN else character
        for character in whole_characters(name[:LONGEST_BYTES])
    )
    return "".join(visible)

"""Which files an engine process needs for what it is to load: all else it gives up."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from app.confined.confinement import Confinement
from app.engine.requests import LoadRequest
from app.paths import create_private_folder

_PART: Final = re.compile(r"^(?P<stem>.+-)\d{5}(?P<rest>-of-(?P<count>\d{5})\.gguf)$")
_MOST_PARTS: Final = 999


def confinement_for(request: LoadRequest) -> Confinement:
    """Give what the process for `request` may touch. Makes its state folder: a rule needs one that is there."""
    named = (request.path, request.draft, *(adapter.path for adapter in request.adapters))
    read = tuple(part for path in named if path is not None for part in _with_parts(path) if part.is_file())
    if request.state_folder is None:
        return Confinement(read)
    with contextlib.suppress(OSError):  # then nothing can be kept there, and whoever tries says why
        create_private_folder(request.state_folder)
    return Confinement(read, (request.state_folder,))


def _with_parts(path: Path) -> Iterator[Path]:
    """Give `path` and, if its name says that it is one of several parts, all of them."""
    yield path
    if (match := _PART.match(path.name)) is not None:
        for number in range(1, min(int(match["count"]), _MOST_PARTS) + 1):
            yield path.with_name(f"{match['stem']}{number:05}{match['rest']}")

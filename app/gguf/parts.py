"""Models that come in several files, which tell by their names that they belong together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(
    r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})(?P<ending>\.gguf)", re.ASCII | re.DOTALL | re.IGNORECASE
)
_MOST_PARTS: Final = 999


@dataclass(frozen=True, slots=True)
class PartName:
    """The name of one of several files, such as `llama-00001-of-00003.gguf`; `stem` is what all have in common."""

    stem: str
    number: int
    count: int
    ending: str

    @property
    def all_names(self) -> tuple[str, ...]:
        """The names of all files of the model, in their order."""
        return tuple(f"{self.stem}-{number:05}-of-{self.count:05}{self.ending}" for number in range(1, self.count + 1))


def part_name(name: str) -> PartName | None:
    """Take the name of a file apart, or its path; None when it does not say that there are others."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    part = PartName(match["stem"], int(match["number"]), int(match["count"]), match["ending"])
    return part if 1 <= part.number <= part.count <= _MOST_PARTS else None


def parts_named(path: Path) -> tuple[Path, ...]:
    """Give all parts of the model of which `path` is one, in their order; none when its name does not say so.

    The engine process may read these, and the model is loaded from these.
    """
    part = part_name(path.name)
    return () if part is None else tuple(path.with_name(name) for name in part.all_names)

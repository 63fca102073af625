"""Models that come in several files, which tell by their names that they belong together."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(r"(?P<stem>.+-)\d{5}(?P<rest>-of-(?P<count>\d{5})\.gguf)")
_MOST_PARTS: Final = 999


def parts_named(path: Path) -> tuple[Path, ...]:
    """Give all parts of the model of which `path` is one, in their order; none when its name does not say so.

    The engine process may read these, and the model is loaded from these.
    """
    match = _NAME.fullmatch(path.name)
    if match is None or int(match["count"]) > _MOST_PARTS:
        return ()
    names = (f"{match['stem']}{number:05}{match['rest']}" for number in range(1, int(match["count"]) + 1))
    return tuple(path.with_name(name) for name in names)

"""What other applications wrote down about their models, in JSON or in lines of a key and a value."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final, cast

from app.models.elsewhere.search import Search

_LINE: Final = re.compile(r"(?P<key>\w+)[ \t]*[:=][ \t]*(?P<value>.*?)[ \t]*")


def parse_object(search: Search, path: Path, root: Path) -> dict[str, object]:
    """Give the JSON object in the file `path` below `root`; an empty one if there is none, counted where damaged."""
    text = search.read_text(path, root)
    if text is None:
        return {}
    try:
        content: object = json.loads(text)
    except (ValueError, RecursionError):
        content = None
    if isinstance(content, dict):
        return cast("dict[str, object]", content)
    search.damaged += 1
    return {}


def parse_lines(text: str) -> dict[str, str]:
    """Give the keys and values of a text, such as `key: value` or `key=value`; other lines are passed over.

    Of a key that comes twice, the first counts. It reads the plain values that applications write without a library
    of theirs; what spans lines is left out.
    """
    lines: dict[str, str] = {}
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        if match:
            lines.setdefault(match["key"], match["value"])
    return lines


def objects(value: object) -> list[dict[str, object]]:
    """Give the objects of a JSON array; nothing of any other value."""
    items = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("dict[str, object]", item) for item in items if isinstance(item, dict)]

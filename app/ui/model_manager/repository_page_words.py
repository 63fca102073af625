"""Model cards are half HTML: what is left of one when tags, comments and pictures' addresses are taken out."""

from __future__ import annotations

import re
from typing import Final

from app.ui.transcript.markdown import blocks_of
from app.ui.transcript.strips import Strip, add_blocks

_TURNING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""What turns the direction of writing: text that is honest about it has none of them."""
_LONGEST: Final = 100_000
"""Characters of a card that are shown; nobody reads more here."""
_FENCE: Final = re.compile(r"^ {0,3}(```+|~~~+)")
_COMMENT: Final = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_CODE: Final = re.compile(r"(`+[^`\n]+`+)")
_TAG: Final = re.compile(r"</?[a-zA-Z][a-zA-Z0-9-]{0,20}(?:\s[^<>\n]{0,2000})?/?>")
_PICTURE: Final = re.compile(r"!\[[^\]\n]{0,300}\]\([^)\n]{0,2000}\)")
_EMPTY_LINK: Final = re.compile(r"\[\s*\]\([^)\n]{0,2000}\)")


def card_strips(description: str) -> tuple[Strip, ...]:
    """Give a model card as what the column of a conversation is made of. Pure work on text, for any thread."""
    strips: list[Strip] = []
    add_blocks(strips, blocks_of(without_markup(_TURNING.sub("", description[:_LONGEST]))))
    return tuple(strips)


def without_markup(text: str) -> str:
    """Take out HTML's tags and comments, and pictures, but for what stands in code, where they are meant as text."""
    lines: list[str] = []
    fence = ""
    for line in _without_comments(text).split("\n"):
        found = _FENCE.match(line)
        if found and not fence:
            fence = found[1]
        elif fence and line.strip().startswith(fence):
            fence = ""
        elif not fence:
            lines.append(_plain(line))
            continue
        lines.append(line)
    return "\n".join(lines)


def _plain(line: str) -> str:
    parts = _CODE.split(line)
    for at in range(0, len(parts), 2):
        parts[at] = _EMPTY_LINK.sub("", _PICTURE.sub("", _TAG.sub("", parts[at])))
    plain = "".join(parts)
    # What stood inside of tags was often indented: four spaces would make code of it.
    return plain.lstrip() if plain != line and plain.lstrip() != plain else plain


def _without_comments(text: str) -> str:
    """Comments between two fences only: a fence may show one."""
    parts = re.split(r"(^ {0,3}(?:```|~~~).*?^ {0,3}(?:```|~~~)[^\n]*$)", text, flags=re.DOTALL | re.MULTILINE)
    return "".join(part if at % 2 else _COMMENT.sub("", part) for at, part in enumerate(parts))

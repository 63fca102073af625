"""What stands in the column, from top to bottom: each strip becomes one widget when it comes near the viewport."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from app.conversation import Receipt, Trouble
from app.ui.transcript.blocks import Block, Code, Container, Nesting, Paragraph, Rule, Table

INDENT: Final = 22
"""How far a list item moves its words to the right, in pixels at 100 % zoom."""
QUOTE_INDENT: Final = 16
DEEPEST_INDENT: Final = 220
"""Beyond this the words would have no room left."""

_FULL_RUN: Final = 1500
_PIXELS_PER_LETTER: Final = 7.6
_LINE: Final = 24
_CODE_LINE: Final = 20
_CODE_FRAME: Final = 60
_TABLE_ROW: Final = 35
_BESIDE_BLOCKS: Final = 12
_BETWEEN_PARAGRAPHS: Final = 10
_BETWEEN_ITEMS: Final = 3
_INSIDE_ITEM: Final = 6
_ABOVE_HEADING: Final = 16
_BELOW_HEADING: Final = 6


@dataclass(frozen=True, slots=True)
class Bubble:
    """What the user wrote, as it was typed."""

    text: str
    message_id: str = ""
    is_pinned: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """Who replies; `thoughts` is what can be unfolded below, said in a word, or nothing."""

    name: str
    note: str = ""
    message_id: str = ""
    thoughts: str = ""
    is_unfolded: bool = False
    is_pinned: bool = False


@dataclass(frozen=True, slots=True)
class Thoughts:
    """What the model thought before it answered, unfolded."""

    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """Paragraphs, headings and list items that follow one another in the same quote, or in none."""

    paragraphs: tuple[Paragraph, ...]
    has_caret: bool = False


@dataclass(frozen=True, slots=True)
class CodeStrip:
    """A block of code; `has_caret` while it is being written."""

    code: Code
    has_caret: bool = False


@dataclass(frozen=True, slots=True)
class TableStrip:
    """A table."""

    table: Table


@dataclass(frozen=True, slots=True)
class RuleStrip:
    """A line across the column."""

    rule: Rule


@dataclass(frozen=True, slots=True)
class Activity:
    """The quiet line under a reply that is being made."""

    words: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A reply that ended before its end, without trouble: one line, and a way to go on where that is possible."""

    message_id: str
    sentence: str
    can_go_on: bool


@dataclass(frozen=True, slots=True)
class TroubleStrip:
    """Why a reply could not be written to its end."""

    message_id: str
    trouble: Trouble
    has_words: bool
    can_go_on: bool


@dataclass(frozen=True, slots=True)
class Footer:
    """What can be done with a finished reply, and what it took."""

    message_id: str
    receipt: Receipt | None
    is_newest: bool
    thinking_tokens: int = 0
    is_pinned: bool = False


@dataclass(frozen=True, slots=True)
class Fence:
    """The line of forgetting: of the messages above it so many are left out, and so many stay because of their pin."""

    left_out: int
    pinned: int


@dataclass(frozen=True, slots=True)
class SummaryStrip:
    """What stands for the messages above the fence; `draft` is what is being written over it, or None."""

    text: str
    draft: str | None = None


Strip: TypeAlias = (
    Bubble
    | Header
    | Thoughts
    | Words
    | CodeStrip
    | TableStrip
    | RuleStrip
    | Activity
    | Notice
    | TroubleStrip
    | Footer
    | Fence
    | SummaryStrip
)

_BELOW_FENCE: Final = 22
_ABOVE_SUMMARY: Final = 12
_OWN_GAPS: Final[dict[type[Strip], int]] = {Activity: 9, Notice: 14, TroubleStrip: 16, Footer: 9}


def add_blocks(strips: list[Strip], blocks: Iterable[Block]) -> None:
    """Append `blocks`; words that follow words join them in one strip until it is full."""
    for block in blocks:
        last = strips[-1] if strips else None
        if isinstance(block, Paragraph):
            if isinstance(last, Words) and _takes(last, block):
                strips[-1] = replace(last, paragraphs=(*last.paragraphs, block))
            else:
                strips.append(Words((block,)))
        elif isinstance(block, Code):
            strips.append(CodeStrip(block))
        elif isinstance(block, Table):
            strips.append(TableStrip(block))
        else:
            strips.append(RuleStrip(block))


def with_caret(strip: Strip) -> Strip:
    """The same strip as the place where a reply is being written."""
    return replace(strip, has_caret=True) if isinstance(strip, Words | CodeStrip) else strip


def nesting_of(strip: Strip) -> Nesting:
    """Inside of what a strip stands as a whole: for words only the quotes, as paragraphs indent themselves."""
    match strip:
        case Words():
            return _to_last_quote(strip.paragraphs[0].nesting)
        case CodeStrip():
            return strip.code.nesting
        case TableStrip():
            return strip.table.nesting
        case RuleStrip():
            return strip.rule.nesting
        case _:
            return ()


def indent_of(nesting: Nesting) -> int:
    """How far to the right something inside of `nesting` stands, in pixels at 100 % zoom."""
    steps = (QUOTE_INDENT if container is Container.QUOTE else INDENT for container in nesting)
    return min(sum(steps), DEEPEST_INDENT)


def quote_bars(nesting: Nesting) -> tuple[int, ...]:
    """Where the bars of the quotes around something stand, from the column's edge."""
    return tuple(
        indent_of(nesting[:at])
        for at, container in enumerate(nesting)
        if container is Container.QUOTE and indent_of(nesting[:at]) < DEEPEST_INDENT
    )


def leading(strips: Sequence[Strip]) -> int:
    """How many strips stand above a message without being a part of it: the fence, and the summary at it."""
    if not strips or not isinstance(strips[0], Fence):
        return 0
    return 2 if len(strips) > 1 and isinstance(strips[1], SummaryStrip) else 1


def trailing(strips: Sequence[Strip]) -> int:
    """How many strips stand below a message without being a part of it: the same, where everything is left out."""
    if strips and isinstance(strips[-1], Fence):
        return 1
    return 2 if len(strips) > 1 and isinstance(strips[-1], SummaryStrip) else 0


def gap_above(strip: Strip, previous: Strip | None) -> int:
    """The room between two strips of one message."""
    if previous is None:
        return 0
    if isinstance(previous, Fence | SummaryStrip):
        return _ABOVE_SUMMARY if isinstance(strip, SummaryStrip) else _BELOW_FENCE
    if isinstance(strip, Fence):
        return _BELOW_FENCE
    if isinstance(previous, Header):
        return _BELOW_HEADING if isinstance(strip, Words | Activity | Thoughts) else _BETWEEN_PARAGRAPHS
    if type(strip) in _OWN_GAPS:
        return _OWN_GAPS[type(strip)]
    first = strip.paragraphs[0] if isinstance(strip, Words) else None
    last = previous.paragraphs[-1] if isinstance(previous, Words) else None
    return gap_between(last, first)


def gap_between(upper: Paragraph | None, lower: Paragraph | None) -> int:
    """The room between two neighbours, of which those that are no paragraphs are None."""
    if upper is not None and upper.level:
        return _BELOW_HEADING
    if lower is not None and lower.level:
        return _ABOVE_HEADING
    if upper is None or lower is None:
        return _BESIDE_BLOCKS
    if lower.marker and Container.LIST_ITEM in upper.nesting:
        return _BETWEEN_ITEMS
    if lower.nesting and len(lower.nesting) <= len(upper.nesting) and lower.nesting[-1] is Container.LIST_ITEM:
        return _INSIDE_ITEM
    return _BETWEEN_PARAGRAPHS


def estimate_height(strip: Strip, width: int, zoom: float) -> int:
    """About how high a strip is that was not laid out yet."""
    match strip:
        case Words():
            return sum(estimate_text(part.text, width, zoom) + _BETWEEN_ITEMS for part in strip.paragraphs)
        case CodeStrip():
            return round((strip.code.text.count("\n") + 1) * _CODE_LINE * zoom) + _CODE_FRAME
        case TableStrip():
            return round((len(strip.table.rows) + 1) * _TABLE_ROW * zoom)
        case Bubble() | Thoughts() | SummaryStrip():
            return estimate_text(strip.text, round(width * 0.75), zoom) + _LINE
        case _:
            return _LINE


def estimate_text(text: str, width: int, zoom: float) -> int:
    """About how high `text` is, set in lines of `width`."""
    letters_per_line = max(1.0, width / (_PIXELS_PER_LETTER * zoom))
    lines = text.count("\n") + math.ceil(len(text) / letters_per_line)
    return round(max(1, lines) * _LINE * zoom)


def _takes(words: Words, paragraph: Paragraph) -> bool:
    if _to_last_quote(words.paragraphs[0].nesting) != _to_last_quote(paragraph.nesting):
        return False
    return sum(len(part.text) + 20 for part in words.paragraphs) < _FULL_RUN  # an empty one takes room, too


def _to_last_quote(nesting: Nesting) -> Nesting:
    quotes = [at for at, container in enumerate(nesting) if container is Container.QUOTE]
    return nesting[: quotes[-1] + 1] if quotes else ()

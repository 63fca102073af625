"""What a reply is made of once its Markdown is read: plain values that two readings can be compared by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias
from unicodedata import bidirectional


class Container(Enum):
    """What a block may stand inside of; each moves it to the right."""

    LIST_ITEM = "list item"
    QUOTE = "quote"


class Alignment(Enum):
    """To which side the cells of a table's column keep."""

    LEADING = "leading"
    CENTRE = "centre"
    TRAILING = "trailing"


@dataclass(frozen=True, slots=True)
class Style:
    """How a span differs from plain text. `href` is empty, or an address that may be shown as a link."""

    strong: bool = False
    emphasis: bool = False
    strike: bool = False
    code: bool = False
    href: str = ""


PLAIN = Style()


@dataclass(frozen=True, slots=True)
class Span:
    """Some text of one style; a line break in it is a line break on the screen."""

    text: str
    style: Style = PLAIN


_STRONG: Final = frozenset({"L", "R", "AL"})

Spans: TypeAlias = tuple[Span, ...]
Nesting: TypeAlias = tuple[Container, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, a heading (`level` 1 to 6) or the first words of a list item (`marker` is its bullet or number)."""

    spans: Spans
    nesting: Nesting = ()
    level: int = 0
    marker: str = ""

    @property
    def text(self) -> str:
        """The words without their styles."""
        return "".join(span.text for span in self.spans)

    @property
    def is_right_to_left(self) -> bool:
        """Whether the first letter that has a direction is Hebrew, Arabic or alike; each paragraph has its own."""
        return next((kind != "L" for kind in map(bidirectional, self.text) if kind in _STRONG), False)

    @property
    def has_direction(self) -> bool:
        """Whether there is a letter yet that decides."""
        return any(bidirectional(letter) in _STRONG for letter in self.text)


@dataclass(frozen=True, slots=True)
class Code:
    """Lines that are shown as they are; `language` is what the fence says, often nothing."""

    text: str
    language: str = ""
    nesting: Nesting = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A grid. Every row has as many cells as the header."""

    header: tuple[Spans, ...]
    rows: tuple[tuple[Spans, ...], ...]
    alignments: tuple[Alignment, ...]
    nesting: Nesting = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the column."""

    nesting: Nesting = ()


Block: TypeAlias = Paragraph | Code | Table | Rule


def text_of(block: Block) -> str:
    """Everything a block says, as plain text."""
    match block:
        case Paragraph():
            return f"{block.marker} {block.text}" if block.marker else block.text
        case Code():
            return block.text
        case Table():
            rows = (block.header, *block.rows)
            return "\n".join("\t".join("".join(span.text for span in cell) for cell in row) for row in rows)
        case Rule():
            return ""

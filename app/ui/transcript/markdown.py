"""Markdown -> blocks. HTML stays text, images become words, and nothing that was written is left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final

from app.ui.transcript.blocks import Alignment, Block, Code, Container, Nesting, Paragraph, Rule, Span, Spans, Table
from app.ui.transcript.inline import spans_of

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

DEEPEST_NESTING: Final = 60
"""Quotes and lists inside one another beyond this are shown as they were written: the parser would drop their words."""

_BULLET: Final = "•"
_ALIGNMENTS: Final = {"text-align:center": Alignment.CENTRE, "text-align:right": Alignment.TRAILING}


@dataclass(frozen=True, slots=True)
class Group:
    """A top-level part of the text: the line where it begins, its token's type, and its blocks.

    Of a list also the lines at which its items begin, and the number of the first if they are numbered.
    """

    line: int
    type: str
    blocks: tuple[Block, ...]
    items: tuple[int, ...] = ()
    first_number: int | None = None


def blocks_of(text: str) -> tuple[Block, ...]:
    """Read a whole text."""
    return tuple(block for group in groups_of(text) for block in group.blocks)


def groups_of(text: str, *, first_number: int | None = None) -> list[Group]:
    """Read `text`. `first_number` is given when it goes on with a list whose earlier items were read before."""
    lines = text.split("\n")
    groups: list[Group] = []
    for part in _top_level(_parser().parse(text)):
        groups.append(_group(part, lines, first_number if not groups else None))
    # For something the parser gives nothing only when it is nested too deep.
    return groups if groups or not text.strip() else [_as_written(text)]


@cache
def _parser() -> MarkdownIt:
    """Made with the first message, as the window should be there before."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - a tenth of the time that the first window may take

    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": DEEPEST_NESTING})
    # A reference would take "[Alice]: Hello" away, and let later words change earlier ones.
    return parser.enable(["table", "strikethrough"]).disable("reference")


def _top_level(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    start = 0
    depth = 0
    for at, token in enumerate(tokens):
        depth += token.nesting
        if depth == 0:
            yield tokens[start : at + 1]
            start = at + 1


def _group(tokens: Sequence[Token], lines: Sequence[str], first_number: int | None) -> Group:
    first, end = tokens[0].map or (0, 0)
    if max(token.level for token in tokens) >= DEEPEST_NESTING - 1:
        return Group(first, "as_written", _as_written("\n".join(lines[first:end])).blocks)
    reader = _BlockReader(first_number)
    for token in tokens:
        reader.read(token)
    group = Group(first, tokens[0].type, tuple(reader.blocks))
    if not group.type.endswith("list_open"):
        return group
    items = tuple(token.map[0] for token in tokens if token.type == "list_item_open" and token.level == 1 and token.map)
    return replace(group, items=items, first_number=_number_of(tokens[0], first_number))


def _number_of(list_token: Token, first_number: int | None) -> int | None:
    """The number of a list's first item; None for bullets."""
    if list_token.type != "ordered_list_open":
        return None
    start = list_token.attrGet("start")
    return first_number if first_number is not None else 1 if start is None else int(start)


def _as_written(text: str) -> Group:
    return Group(0, "as_written", (Paragraph((Span(text.strip("\n")),)),))


class _BlockReader:
    """Walks over the tokens of one group; containers become the nesting of the blocks inside."""

    def __init__(self, first_number: int | None) -> None:
        self.blocks: list[Block] = []
        self._nesting: Nesting = ()
        self._numbers: list[int | None] = []
        self._delimiters: list[str] = []
        self._first_number = first_number
        self._marker = ""
        self._level = 0
        self._cells: list[list[Spans]] = []
        self._alignments: list[Alignment] = []

    def read(self, token: Token) -> None:
        match token.type:
            case "blockquote_open":
                self._place_marker()
                self._nesting += (Container.QUOTE,)
            case "blockquote_close":
                self._nesting = self._nesting[:-1]
            case "bullet_list_open" | "ordered_list_open" | "bullet_list_close" | "ordered_list_close":
                self._turn_list(token)
            case "list_item_open" | "list_item_close":
                self._turn_item(token)
            case "fence" | "code_block" | "hr":
                self._place_leaf(token)
            case "heading_open":
                self._level = int(token.tag[1:])
            case "inline":
                self._place_words(spans_of(token.children or ()))
            case _:
                self._read_table(token)

    def _turn_list(self, token: Token) -> None:
        if token.nesting < 0:
            self._numbers.pop()
            self._delimiters.pop()
            return
        self._place_marker()
        number = _number_of(token, self._first_number if not self._numbers else None)
        self._numbers.append(number)
        self._delimiters.append(token.markup)

    def _turn_item(self, token: Token) -> None:
        self._place_marker()
        if token.nesting < 0:
            self._nesting = self._nesting[:-1]
            return
        self._nesting += (Container.LIST_ITEM,)
        number = self._numbers[-1]
        self._marker = _BULLET if number is None else f"{number}{self._delimiters[-1]}"
        if number is not None:
            self._numbers[-1] = number + 1

    def _place_marker(self) -> None:
        """An item that does not begin with words has its bullet on a line of its own."""
        if self._marker:
            self.blocks.append(Paragraph((), self._nesting, marker=self._marker))
            self._marker = ""

    def _place_leaf(self, token: Token) -> None:
        self._place_marker()
        if token.type == "hr":
            self.blocks.append(Rule(self._nesting))
            return
        words = token.info.split()
        text = token.content.removesuffix("\n")
        self.blocks.append(Code(text, words[0] if words else "", self._nesting))

    def _place_words(self, spans: Spans) -> None:
        if self._cells:
            self._cells[-1].append(spans)
            return
        self.blocks.append(Paragraph(spans, self._nesting, self._level, self._marker))
        self._marker = ""
        self._level = 0

    def _read_table(self, token: Token) -> None:
        if token.type == "tr_open":
            self._place_marker()
            self._cells.append([])
        elif token.type == "th_open":
            self._alignments.append(_ALIGNMENTS.get(str(token.attrGet("style")), Alignment.LEADING))
        elif token.type == "table_close":
            header, *rows = (tuple(row) for row in self._cells)
            self.blocks.append(Table(header, tuple(rows), tuple(self._alignments), self._nesting))
            self._cells = []
            self._alignments = []

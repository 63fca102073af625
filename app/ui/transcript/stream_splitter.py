"""A reply while it is written: what can no longer change is frozen, and only the tail is read again."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from app.ui.transcript.blocks import PLAIN, Block, Paragraph, Span, Spans
from app.ui.transcript.growing_table import GrowingTable
from app.ui.transcript.markdown import Group, groups_of
from app.ui.transcript.open_fence import OpenFence

_MARKUP: Final = re.compile(r"[*_`\[\]<\\~&:#\n\t]")
"""What may change the words before it, or begin something else than words."""

_LINE_OF_WORDS: Final = re.compile(r"[^\W\d_]\S*\s")
"""A line that begins so is no list, heading, quote or rule, whatever follows on it."""


class StreamSplitter:
    """Takes a text in pieces. At the end `frozen` + `tail` is what reading the whole at once gives, however it was cut.

    `frozen` only ever grows. While pieces arrive a table shows its complete rows, and a line that may yet close a fence
    is held back.
    """

    def __init__(self) -> None:
        self.frozen: list[Block] = []
        self.tail: tuple[Block, ...] = ()
        self._source = ""
        self._held_return = ""
        self._first_number: int | None = None
        self._fence: OpenFence | None = None
        self._table: GrowingTable | None = None

    def feed(self, piece: str) -> None:
        """Take the next words."""
        text = self._without_returns(self._held_return + piece)
        if self._fence is not None:
            text = self._feed_fence(self._fence, text)
        if not text:
            return
        is_plain = self._table is None and self._grow_words(text)
        self._source += text
        if not is_plain and not self._grow_table():
            self._read_tail()

    def finish(self) -> None:
        """No more words come: read the tail as it stands."""
        if self._held_return:
            self._held_return = ""
            self.feed("\n")
        self.tail = (self._fence.finished(),) if self._fence is not None else _blocks(self._groups())

    def _without_returns(self, text: str) -> str:
        """One character for each line end, as the parser sees it; a return at the very end may be half of one."""
        self._held_return = "\r" if text.endswith("\r") else ""
        return text.removesuffix("\r").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")

    def _feed_fence(self, fence: OpenFence, text: str) -> str:
        """Give what is left of `text` behind the fence's end."""
        rest = fence.feed(text)
        if rest is None:
            self.tail = (fence.code,)
            return ""
        self.frozen.append(fence.code)
        self._fence = None
        self.tail = ()
        return rest

    def _grow_words(self, text: str) -> bool:
        """Append plain words to a paragraph that ends in plain words: nothing before them can change."""
        last = self.tail[-1] if self.tail else None
        if not isinstance(last, Paragraph) or not last.spans or _MARKUP.search(text) or text[-1].isspace():
            return False
        span = last.spans[-1]
        if not _ends_in_words(last.spans) or not self._source.endswith(span.text.rpartition("\n")[2]):
            return False
        grown = replace(last, spans=(*last.spans[:-1], Span(span.text + text)))
        self.tail = (*self.tail[:-1], grown)
        return True

    def _grow_table(self) -> bool:
        if self._table is None:
            return False
        if not self._table.grow(self._source) or self._table.table is None:
            self._table = None
            return False
        self.tail = (self._table.table,)
        return True

    def _read_tail(self) -> None:
        groups = self._freeze_items(self._freeze_groups(self._groups()))
        self.tail = _blocks(groups)
        if len(groups) == 1 and groups[0].type == "fence":
            self._begin_fence(groups[0])
        elif len(groups) == 1 and groups[0].type == "table_open":
            self._table = GrowingTable.begun(self._source.lstrip("\n"))
            self._source = self._source.lstrip("\n")
            self._grow_table()

    def _begin_fence(self, group: Group) -> None:
        code = group.blocks[0]
        begun = OpenFence.begun(self._source.lstrip("\n"), getattr(code, "language", ""))
        if begun is None:
            return
        self._fence, body = begun
        self._source = self._feed_fence(self._fence, body)
        self._first_number = None
        if self._source:
            self._read_tail()

    def _freeze_groups(self, groups: list[Group]) -> list[Group]:
        """Freeze all but the last part that begins on a complete line: only that one is still open."""
        complete = self._source.count("\n")
        begun = [group.line for group in groups if group.line < complete]
        return self._cut(begun[-1], None, groups) if len(begun) > 1 else groups

    def _freeze_items(self, groups: list[Group]) -> list[Group]:
        """Of a list that is still open, freeze all items but the last one that begins on a complete line."""
        complete = self._source.count("\n")
        items = [line for line in groups[0].items if line < complete] if groups else []
        if len(items) < 2:  # noqa: PLR2004 - the last one stays open
            return groups
        first = groups[0].first_number
        return self._cut(items[-1], None if first is None else first + len(items) - 1, groups)

    def _cut(self, line: int, next_number: int | None, groups: list[Group]) -> list[Group]:
        """Freeze what stands before `line`, if both halves read alone are what they are together."""
        lines = self._source.split("\n")
        rest_source = "\n".join(lines[line:])
        head = _blocks(groups_of("\n".join((*lines[:line], "")), first_number=self._first_number))
        rest = groups_of(rest_source, first_number=next_number)
        if head + _blocks(rest) != _blocks(groups):
            return groups
        self.frozen.extend(head)
        self._source = rest_source
        self._first_number = next_number
        return rest

    def _groups(self) -> list[Group]:
        return groups_of(self._source, first_number=self._first_number)


def _blocks(groups: list[Group]) -> tuple[Block, ...]:
    return tuple(block for group in groups for block in group.blocks)


def _ends_in_words(spans: Spans) -> bool:
    """Whether plain words may follow without being read again: they neither end a span nor begin a line."""
    last = spans[-1]
    *lines_before, line = last.text.split("\n")
    if last.style != PLAIN or _MARKUP.search(line):
        return False
    follows_on_its_line = len(spans) > 1 and not lines_before and not spans[-2].text.endswith("\n")
    return follows_on_its_line or _LINE_OF_WORDS.match(line) is not None

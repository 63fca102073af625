"""Paragraphs -> a QTextDocument, by cursor only: no HTML is ever made, so none can be injected."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from PySide6.QtGui import QTextBlockFormat, QTextCharFormat, QTextCursor, QTextDocument

from app.ui.transcript.blocks import Paragraph, Span
from app.ui.transcript.text_formats import TextFormats

BREAK_HERE: Final = "\u200b"
"""Where a very long word may be broken; nobody wrote it."""

_LONG: Final = 2000
_LONG_WORD: Final = re.compile(rf"\S{{{_LONG},}}")
_BREAK_EVERY: Final = 200
_PILL_EDGE: Final = "\u202f\u202f"
_LINE_BREAK: Final = "\u2028"
_END: Final = QTextCursor.MoveOperation.End
_SELECT: Final = QTextCursor.MoveMode.KeepAnchor


class WordsWriter:
    """Keeps one document equal to a run of paragraphs, touching only what changed since the last time.

    `document` is asked for it anew each time: PySide may give up a kept one while the real one lives.
    """

    def __init__(self, document: Callable[[], QTextDocument], formats: TextFormats) -> None:
        self._document = document
        self._formats = formats
        self._written: tuple[Paragraph, ...] = ()

    def use(self, formats: TextFormats) -> None:
        """The looks changed: write everything again, in these."""
        self._formats = formats
        self._written = ()

    def write(self, paragraphs: tuple[Paragraph, ...]) -> None:
        """Show `paragraphs`."""
        before = self._written
        same = _common(before, paragraphs)
        self._written = paragraphs
        if same == len(before) == len(paragraphs) and before:
            return
        cursor = QTextCursor(self._document())
        cursor.beginEditBlock()
        addition = _addition(before[same:], paragraphs[same:])
        if addition is not None:
            cursor.movePosition(_END)
            cursor.insertText(_lines(addition.text), self._formats.characters(addition.style, paragraphs[-1]))
        else:
            self._rewrite(cursor, same)
        cursor.endEditBlock()

    def _rewrite(self, cursor: QTextCursor, first: int) -> None:
        """Replace all paragraphs from `first` on."""
        kept = self._document().findBlockByNumber(first - 1) if first else None
        cursor.setPosition(kept.position() + kept.length() - 1 if kept is not None else 0)
        cursor.movePosition(_END, _SELECT)
        cursor.removeSelectedText()
        # An empty paragraph that is joined with a removed one would take over the other's place.
        cursor.setBlockFormat(self._place(max(0, first - 1)))
        for at, paragraph in enumerate(self._written[first:], first):
            if at:
                cursor.insertBlock(self._place(at))
            cursor.setBlockCharFormat(self._formats.characters(Span("").style, paragraph))
            for span in paragraph.spans:
                self._insert(cursor, span, paragraph)

    def _place(self, at: int) -> QTextBlockFormat:
        if not self._written:
            return QTextBlockFormat()
        return self._formats.paragraph(self._written[at], self._written[at - 1] if at else None)

    def _insert(self, cursor: QTextCursor, span: Span, paragraph: Paragraph) -> None:
        look = self._formats.characters(span.style, paragraph)
        edge = self._formats.unwritten(paragraph, is_pill=True) if span.style.code else None
        if edge is not None:
            cursor.insertText(_PILL_EDGE, edge)
        at = 0
        for word in _LONG_WORD.finditer(span.text):
            for stop in range(word.start() + _BREAK_EVERY, word.end(), _BREAK_EVERY):
                cursor.insertText(_lines(span.text[at:stop]), look)
                cursor.insertText(BREAK_HERE, self._formats.unwritten(paragraph, is_pill=span.style.code))
                at = stop
        cursor.insertText(_lines(span.text[at:]), look)
        if edge is not None:
            cursor.insertText(_PILL_EDGE, edge)


def soften(text: str) -> str:
    """Let very long words be broken, so that laying them out stays quick."""
    return _LONG_WORD.sub(_with_breaks, text)


def write_typed(document: QTextDocument, text: str, look: QTextCharFormat, lines: QTextBlockFormat) -> None:
    """Make `text` all that stands in `document`, as it was typed."""
    document.clear()
    cursor = QTextCursor(document)
    cursor.beginEditBlock()
    cursor.setBlockFormat(lines)
    cursor.insertText(soften(text), look)
    cursor.endEditBlock()


def _with_breaks(word: re.Match[str]) -> str:
    letters = word.group()
    return BREAK_HERE.join(letters[at : at + _BREAK_EVERY] for at in range(0, len(letters), _BREAK_EVERY))


def _lines(text: str) -> str:
    return text.replace("\n", _LINE_BREAK)


def _common(before: tuple[Paragraph, ...], after: tuple[Paragraph, ...]) -> int:
    same = 0
    for old, new in zip(before, after, strict=False):
        if old is not new and old != new:
            break
        same += 1
    return same


def _addition(before: tuple[Paragraph, ...], after: tuple[Paragraph, ...]) -> Span | None:
    """What was appended, if that is all that happened to the last paragraph."""
    if len(before) != 1 or len(after) != 1 or not before[0].spans or not before[0].has_direction:
        return None
    old, new = before[0].spans[-1], after[0].spans[-1] if after[0].spans else Span("")
    if old.style.code or new != replace(old, text=new.text) or not new.text.startswith(old.text):
        return None
    if replace(before[0], spans=after[0].spans) != after[0] or before[0].spans[:-1] != after[0].spans[:-1]:
        return None
    recent = new.text[max(0, len(old.text) - _LONG) :]
    return None if _LONG_WORD.search(recent) else Span(new.text[len(old.text) :], new.style)

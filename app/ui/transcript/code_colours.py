"""Colours code a slice at a time, so that a long block never holds the window up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QTextBlock, QTextCharFormat, QTextDocument, QTextLayout

from app.ui.theme import Theme
from app.ui.transcript.highlighting import Kind, Mark, marks_of

_SLICE_S: Final = 0.004
_REST_FACTOR: Final = 10
"""While code is being written, colouring takes at most one part in so many of the time."""


class CodeColours(QObject):
    """The colours over one document; the text itself is never touched.

    `document` is asked for it anew each time: PySide may give up a kept one while the real one lives.
    """

    def __init__(self, document: Callable[[], QTextDocument], theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._theme = theme
        self._code = ("", "")
        self._lines: Iterator[tuple[Mark, ...]] = iter(())
        self._block = QTextBlock()
        self._is_outdated = False
        self._spent_s = 0.0
        self._formats: dict[Kind, QTextCharFormat] = {}
        self._next = QTimer(self, singleShot=True)
        self._next.timeout.connect(self._go_on)

    def colour(self, code: str, language: str) -> None:
        """Colour `code`, which the document shows already: at once what a slice of time allows, the rest after."""
        if (code, language) == self._code:
            return
        is_growing = bool(self._code[0]) and code.startswith(self._code[0]) and language == self._code[1]
        self._code = (code, language)
        if is_growing and self._next.isActive():
            self._is_outdated = True
            return
        self._begin()

    def restyle(self) -> None:
        """The theme changed."""
        self._formats.clear()
        if self._code[0]:
            self._begin()

    def _begin(self) -> None:
        self._is_outdated = False
        self._spent_s = 0.0
        self._lines = marks_of(*self._code)
        self._block = self._document().firstBlock()
        self._go_on()

    def _go_on(self) -> None:
        if not self._block.isValid():
            if self._is_outdated:
                self._begin()
            return
        start = time.perf_counter()
        while time.perf_counter() - start < _SLICE_S and self._colour_line():
            pass
        self._spent_s += time.perf_counter() - start
        if self._block.isValid():
            self._next.start(0)
        else:
            self._next.start(round(self._spent_s * 1000 * _REST_FACTOR))

    def _colour_line(self) -> bool:
        marks = next(self._lines, None)
        if marks is None or not self._block.isValid():
            self._block = QTextBlock()
            return False
        ranges = [self._range(*mark) for mark in marks]
        layout = self._block.layout()
        if ranges != layout.formats():
            layout.setFormats(ranges)
            self._document().markContentsDirty(self._block.position(), self._block.length())
        self._block = self._block.next()
        return True

    def _range(self, start: int, length: int, kind: Kind) -> QTextLayout.FormatRange:
        if kind not in self._formats:
            self._formats[kind] = QTextCharFormat()
            self._formats[kind].setForeground(self._theme.color(kind.value))
            self._formats[kind].setFontItalic(kind is Kind.COMMENT)
        made = QTextLayout.FormatRange()
        made.start = start
        made.length = length
        made.format = self._formats[kind]
        return made

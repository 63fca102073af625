"""The rounded frames around inline code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPen, QTextBlock, QTextLine

from app.ui.theme import Theme
from app.ui.transcript.text_formats import PILL

_RADIUS: Final = 5
_ABOVE_BASELINE: Final = 15
_HEIGHT: Final = 20


def paint_pills(painter: QPainter, block: QTextBlock, theme: Theme) -> None:
    """Paint the frames of one paragraph; its text comes on top of them."""
    painter.setPen(QPen(theme.color("border"), 1))
    painter.setBrush(theme.color("inset"))
    for start, end in _pills_of(block):
        for frame in _frames(block, start, end, theme.zoom):
            painter.drawRoundedRect(frame, _RADIUS, _RADIUS)


def _pills_of(block: QTextBlock) -> Iterator[tuple[int, int]]:
    """Where inline code begins and ends, as positions in its paragraph."""
    start = end = -1
    fragments = block.begin()
    while not fragments.atEnd():
        fragment = fragments.fragment()
        first = fragment.position() - block.position()
        if fragment.charFormat().property(PILL):
            if first != end:
                if start < end:
                    yield start, end
                start = first
            end = first + fragment.length()
        fragments += 1
    if start < end:
        yield start, end


def _frames(block: QTextBlock, start: int, end: int, zoom: float) -> Iterator[QRectF]:
    origin = block.layout().position()
    for number in range(block.layout().lineCount()):
        line = block.layout().lineAt(number)
        first, last = max(start, line.textStart()), min(end, line.textStart() + line.textLength())
        if first < last:
            left, right = x_of(line, first), x_of(line, last)
            top = round(origin.y() + line.y() + line.ascent() - _ABOVE_BASELINE * zoom)
            frame = QRectF(origin.x() + left, top, right - left, _HEIGHT * zoom)
            yield frame.adjusted(0.5, 0.5, -0.5, -0.5)


def x_of(line: QTextLine, position: int) -> float:
    """Where a letter begins in its line."""
    return cast("tuple[float, int]", line.cursorToX(position))[0]

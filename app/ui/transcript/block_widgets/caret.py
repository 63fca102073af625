"""The place where a reply is being written: a still block at its end."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QTextBlock

from app.ui.theme import Theme

_WIDTH: Final = 8
_HEIGHT: Final = 18
_ABOVE_BASELINE: Final = 14.5
_GAP: Final = 3


def paint_caret(painter: QPainter, block: QTextBlock, theme: Theme) -> None:
    """Paint the caret behind the last word of `block`."""
    line = block.layout().lineAt(block.layout().lineCount() - 1)
    if not line.isValid():
        return
    origin = block.layout().position()
    x = origin.x() + line.x() + line.naturalTextWidth() + _GAP
    baseline = origin.y() + line.y() + line.ascent()
    place = QRectF(x, baseline - _ABOVE_BASELINE * theme.zoom, _WIDTH * theme.zoom, _HEIGHT * theme.zoom)
    color = theme.color("accent")
    color.setAlphaF(0.75)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawRoundedRect(place, 2, 2)

"""A raised card with rows, parted by hairlines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget
from typing_extensions import override

from app.ui.theme import Theme

_RADIUS: Final = 12


class Card(QWidget):
    """Rows on raised ground. Hidden rows leave no line behind."""

    def __init__(self, rows: Sequence[QWidget], theme: Theme) -> None:
        super().__init__()
        self._rows = rows
        self._theme = theme
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for row in rows:
            layout.addWidget(row)
        theme.changed.connect(self.update)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_rows(painter, self, self._rows, self._theme)
        painter.end()


def paint_rows(painter: QPainter, card: QWidget, rows: Sequence[QWidget], theme: Theme) -> None:
    """Paint the raised ground of `card`, and hairlines between those of its rows that are not hidden."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color("border"), 1))
    painter.setBrush(theme.color("raised"))
    painter.drawRoundedRect(QRectF(card.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
    for row in [row for row in rows if not row.isHidden()][1:]:
        painter.fillRect(1, row.y(), card.width() - 2, 1, theme.color("border"))

"""The hairline pasture of the empty page: a hill, a fence, and somebody inside it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from app.ui.theme import Theme

_SIZE: Final = QSize(420, 60)
_RAILS: Final = (45.0, 52.0)
_FIRST_POST: Final = 6
_POST_DISTANCE: Final = 26


class Pasture(QWidget):
    """A drawing without words; a screen reader passes it by."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._hill = _hill()
        self._llama = _llama()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    @override
    def sizeHint(self) -> QSize:
        return _SIZE

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("border_strong"), 1.25))
        painter.drawPath(self._hill)
        self._paint_fence(painter)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("accent"))
        painter.drawPath(self._llama)
        painter.end()

    def _paint_fence(self, painter: QPainter) -> None:
        painter.setPen(QPen(self._theme.color("border_strong"), 1.5))
        for rail in _RAILS:
            painter.drawLine(QPointF(0, rail), QPointF(_SIZE.width(), rail))
        for post in range(_FIRST_POST, _SIZE.width(), _POST_DISTANCE):
            painter.drawLine(QPointF(post, 40.5), QPointF(post, 57.5))


def _hill() -> QPainterPath:
    path = QPainterPath(QPointF(0, 25))
    path.cubicTo(QPointF(40, 8), QPointF(80, 2), QPointF(112, 3))
    path.cubicTo(QPointF(180, 5), QPointF(215, 24), QPointF(275, 23))
    path.cubicTo(QPointF(320, 22), QPointF(350, 15), QPointF(378, 15))
    path.cubicTo(QPointF(395, 15), QPointF(408, 18), QPointF(420, 21))
    return path


def _llama() -> QPainterPath:
    """A llama that looks back over the fence, 30 px wide, standing on its upper rail."""
    path = QPainterPath(QPointF(280, 21.5))
    path.quadTo(QPointF(278.6, 19.4), QPointF(281, 18.4))
    for x, y in ((285.2, 15.6), (285.2, 11.0), (287.3, 14.2), (289.2, 10.8), (289.6, 14.8)):
        path.lineTo(x, y)
    path.quadTo(QPointF(292, 16), QPointF(292, 19))
    path.lineTo(292, 28)
    path.lineTo(304.5, 28)
    path.quadTo(QPointF(309, 28), QPointF(309, 32.5))
    path.quadTo(QPointF(309, 36.6), QPointF(306, 38))
    for x, y in ((306, 44.2), (303.4, 44.2), (303.4, 38.6), (294.6, 38.6), (294.6, 44.2), (292, 44.2), (292, 38.4)):
        path.lineTo(x, y)
    path.quadTo(QPointF(286, 38), QPointF(286, 32.5))
    path.lineTo(286, 22.2)
    path.lineTo(282, 22.2)
    path.quadTo(QPointF(280.6, 22.2), QPointF(280, 21.5))
    return path

"""The soft shadow below popovers and dialogs: computed once, then stretched as a nine-patch."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from PySide6.QtCore import QMargins, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

from app.ui.theme import Theme

BLUR: Final = 28
DROP: Final = 8
RADIUS: Final = 12
_MARGIN: Final = BLUR
_DEPTH: Final = _MARGIN + 14
"""The shadow goes on growing darker under the edge of the card, as a blurred one does."""
_PATCH: Final = 48
_LAYERS: Final = 21
"""So many rounded rectangles, each a little smaller, look like one blurred one."""
_FALL: Final = 1.7
"""How much faster the shadow fades far from the card than near it."""


def paint_card(painter: QPainter, rect: QRect, theme: Theme) -> None:
    """Paint a raised card with its shadow and hairline."""
    _paint_shadow(painter, rect.translated(0, DROP), theme.color("shadow"))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(theme.color("shadow_edge"))
    painter.setBrush(theme.color("raised"))
    painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)


def _paint_shadow(painter: QPainter, rect: QRect, color: QColor) -> None:
    image = _nine_patch(color.rgba())
    outer = rect.marginsAdded(QMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN))
    for row in range(3):
        for column in range(3):
            painter.drawPixmap(_cell(outer, column, row), image, _cell(image.rect(), column, row))


def _cell(rect: QRect, column: int, row: int) -> QRect:
    """One of the nine fields of `rect`: corners keep their size, the rest is stretched."""
    xs = (rect.left(), rect.left() + _PATCH, rect.left() + rect.width() - _PATCH, rect.left() + rect.width())
    ys = (rect.top(), rect.top() + _PATCH, rect.top() + rect.height() - _PATCH, rect.top() + rect.height())
    return QRect(xs[column], ys[row], xs[column + 1] - xs[column], ys[row + 1] - ys[row])


@lru_cache(maxsize=4)
def _nine_patch(rgba: int) -> QPixmap:
    color = QColor.fromRgba(rgba)
    side = 2 * _PATCH + 2
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    color.setAlphaF(color.alphaF() / _LAYERS)
    painter.setBrush(color)
    for layer in range(_LAYERS):
        inset = _DEPTH * ((layer + 0.5) / _LAYERS) ** (1 / _FALL)
        radius = max(4.0, RADIUS + _MARGIN - inset)
        painter.drawRoundedRect(QRectF(image.rect()).adjusted(inset, inset, -inset, -inset), radius, radius)
    painter.end()
    return QPixmap.fromImage(image)

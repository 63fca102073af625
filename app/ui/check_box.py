"""The box that is checked or empty, as all that can be checked paint it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QAbstractButton

from app.ui.icons import Icons
from app.ui.theme import Theme

BOX: Final = 18
"""How wide and high it is."""
_CHECK: Final = 14


def paint_check_box(painter: QPainter, place: QRect, button: QAbstractButton, theme: Theme, icons: Icons) -> None:
    """Paint the box of `button` in `place`, a square of `BOX`."""
    is_checked = button.isChecked()
    ground = "accent" if is_checked else "hover_raised" if button.underMouse() else "raised"
    painter.setPen(QPen(theme.color("accent" if is_checked else "border_control"), 1))
    painter.setBrush(theme.color(ground))
    painter.drawRoundedRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
    if is_checked:
        check = icons.pixmap("check", theme.color("on_accent"), _CHECK, button.devicePixelRatioF())
        at = (BOX - _CHECK) // 2
        painter.drawPixmap(place.left() + at, place.top() + at, check)

"""A title on one line."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle


def paint_title(painter: QPainter, line: QRect, title: str) -> None:
    """Write as much of `title` as has room, in its own direction, from where the painter's direction begins.

    A Hebrew title among English ones is read from right to left, and begins no further away than they do.
    """
    direction = painter.layoutDirection()
    side = QStyle.visualAlignment(direction, Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignAbsolute
    shown = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, line.width())
    painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | side, shown)
    painter.setLayoutDirection(direction)

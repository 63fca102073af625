"""Where things lie when one reads from right to left."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QStyle, QWidget


def mirrored(widget: QWidget, rect: QRect) -> QRect:
    """Give `rect`, meant for reading from left to right, as it lies in `widget`."""
    return QStyle.visualRect(widget.layoutDirection(), widget.rect(), rect)

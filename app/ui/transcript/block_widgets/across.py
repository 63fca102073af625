"""Code and tables that are too wide scroll by themselves, and leave scrolling down to the page."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QScrollBar


def scroll_across(event: QWheelEvent, bar: QScrollBar) -> None:
    """Move `bar` by a wheel that is turned sideways, or with Shift held; the page gets everything else."""
    turned = event.angleDelta()
    is_shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
    if bar.maximum() == 0 or (abs(turned.x()) <= abs(turned.y()) and not is_shifted):
        event.ignore()
        return
    pixels = event.pixelDelta().x() or (turned.x() or turned.y()) // 2
    bar.setValue(bar.value() - pixels)
    event.accept()

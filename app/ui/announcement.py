"""Words for those who hear the window instead of seeing it."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget


def announce(widget: QWidget, words: str) -> None:
    """Let a screen reader say `words` at its next pause."""
    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, words))

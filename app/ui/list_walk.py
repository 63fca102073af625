"""How the arrow keys walk through the rows of a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from app.ui.painted_button import PaintedButton

STEPS: Final[Mapping[int, int]] = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
"""The keys that lead to the row above or below, and by how many."""


def walk(rows: Sequence[QWidget], step: int) -> None:
    """Give the keyboard to the row that is so many further on, from the last to the first."""
    at = next((index for index, row in enumerate(rows) if row.hasFocus()), 0)
    rows[(at + step) % len(rows)].setFocus(Qt.FocusReason.TabFocusReason)


class WalkedRow(PaintedButton):
    """A row of such a list. Space takes it at once, as Enter does."""

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.click()
        else:
            event.ignore()  # arrows are the list's, Escape is that of what holds the list

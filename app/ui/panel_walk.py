"""F6: from panel to panel, without the controls between."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget


class PanelWalk:
    """Walks the panels in reading order. Each is given with the widget in it that takes the keyboard."""

    def __init__(self, panels: Sequence[tuple[QWidget, QWidget]]) -> None:
        self._panels = panels

    def forward(self) -> None:
        """Go to the next panel that can be seen; after the last comes the first."""
        self._walk(1)

    def backward(self) -> None:
        """Go to the panel before."""
        self._walk(-1)

    def _walk(self, step: int) -> None:
        visible = [(panel, entry) for panel, entry in self._panels if panel.isVisible() and entry.isVisible()]
        if not visible:
            return
        focused = QApplication.focusWidget()
        inside = [panel is focused or (focused is not None and panel.isAncestorOf(focused)) for panel, _ in visible]
        here = inside.index(True) if True in inside else -1 if step > 0 else 0
        _, entry = visible[(here + step) % len(visible)]
        entry.setFocus(Qt.FocusReason.TabFocusReason)

"""Words of a download on one line, as many of them as there is room for."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from app.ui.plain_label import PlainLabel
from app.ui.theme import TextRole, Theme


class ElidedLabel(PlainLabel):
    """Leaves out the end where there is no room, and says so with an ellipsis. All of it is in the tooltip then."""

    leaves_out = Qt.TextElideMode.ElideRight

    def __init__(
        self,
        theme: Theme,
        role: TextRole = TextRole.INTERFACE,
        color: str = "text",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", theme, role, color, parent)
        self._words = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_words(self, words: str) -> None:
        """Show these."""
        self._words = words
        self._elide()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        shown = self.fontMetrics().elidedText(self._words, self.leaves_out, self.width())
        self.setText(shown)
        self.setAccessibleName(self._words)
        self.setToolTip("" if shown == self._words else self._words)


class DownloadName(ElidedLabel):
    """Leaves out the middle, which says least in the name of a file."""

    leaves_out = Qt.TextElideMode.ElideMiddle

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, TextRole.INTERFACE_STRONG, parent=parent)

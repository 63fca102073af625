"""The field that searches all conversations."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from typing_extensions import override

from app.translation import tr
from app.ui.icons import Icons
from app.ui.search_field import SEARCH_SIDE, SearchField
from app.ui.shortcuts import shortcut_text
from app.ui.theme import TextRole, Theme

_PAUSE_MS: Final = 120
"""So long must the typing rest before a search begins."""


class ConversationSearch(SearchField):
    """Escape empties it, Down goes on to the list, Enter opens what was found first."""

    searched = Signal(str)
    """The words, a moment after the last key; "" at once when the field was emptied."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__(tr("Search the conversations"), theme, icons)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(lambda: self.searched.emit(self.text().strip()))
        self.setObjectName("search_field")
        self.setPlaceholderText(tr("Search"))
        self.textChanged.connect(self._wait_or_end)

    @override
    def uses_escape(self) -> bool:
        return bool(self.text())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.text():
            return
        painter = QPainter(self)
        painter.setFont(self._theme.font(TextRole.BADGE))
        painter.setPen(self._theme.color("text_2"))
        line = self.rect().adjusted(SEARCH_SIDE, 0, -SEARCH_SIDE, 0)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignTrailing, shortcut_text("search"))
        painter.end()

    def _wait_or_end(self, text: str) -> None:
        if text.strip():
            self._pause.start()
        else:
            self._pause.stop()
            self.searched.emit("")

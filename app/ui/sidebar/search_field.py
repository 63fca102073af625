"""The field that searches all conversations."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.icons import Icons
from app.ui.mirroring import mirrored
from app.ui.shortcuts import shortcut_text
from app.ui.theme import TextRole, Theme

_PAUSE_MS: Final = 120
"""So long must the typing rest before a search begins."""
_ICON: Final = 14


class SearchField(QLineEdit):
    """Words to look for; Escape empties it, Down goes on to the list, Enter opens what was found first."""

    searched = Signal(str)
    """The words, a moment after the last key; "" at once when the field was emptied."""
    list_wanted = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(lambda: self.searched.emit(self.text().strip()))
        self.setObjectName("search_field")
        self.setProperty("kind", "search")
        self.setAccessibleName(tr("Search the conversations"))
        self.setPlaceholderText(tr("Search"))
        self.setFont(theme.font(TextRole.ROW))
        self._leave_room_for_icon()
        self.textChanged.connect(self._wait_or_end)

    @override
    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and self._ends_search(event):
            event.accept()  # else the window's Escape would stop the reply instead
            return True
        return super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._ends_search(event):
            self.clear()
        elif event.key() == Qt.Key.Key_Down:
            self.list_wanted.emit()
        else:
            super().keyPressEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        icon = self._icons.pixmap("search", self._theme.color("text_2"), _ICON, self.devicePixelRatioF())
        painter.drawPixmap(mirrored(self, QRect(9, (self.height() - _ICON) // 2, _ICON, _ICON)).topLeft(), icon)
        if not self.text():
            painter.setFont(self._theme.font(TextRole.BADGE))
            painter.setPen(self._theme.color("text_2"))
            line = self.rect().adjusted(9, 0, -9, 0)
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignTrailing
            painter.drawText(line, flags, shortcut_text("search"))
        painter.end()

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._leave_room_for_icon()

    def _leave_room_for_icon(self) -> None:
        room = _ICON + 5
        right_to_left = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        self.setTextMargins(2 * room if right_to_left else room, 0, room if right_to_left else 0, 0)

    def _ends_search(self, event: QEvent) -> bool:
        return isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and bool(self.text())

    def _wait_or_end(self, text: str) -> None:
        if text.strip():
            self._pause.start()
        else:
            self._pause.stop()
            self.searched.emit("")

"""The field that filters a list while one types."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit
from typing_extensions import override

from app.ui.icons import Icons
from app.ui.mirroring import mirrored
from app.ui.theme import TextRole, Theme

_ICON: Final = 14
_LEFT: Final = 9
_ROOM: Final = _ICON + 5


class FilterField(QLineEdit):
    """Words that must stand in what is listed; Down goes on to the list."""

    list_wanted = Signal()

    def __init__(self, words: str, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._icons = icons
        self.setObjectName("filter_field")
        self.setProperty("kind", "search")
        self.setAccessibleName(words)
        self.setPlaceholderText(words)
        self.setFont(theme.font(TextRole.ROW))
        self._leave_room_for_icon()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.list_wanted.emit()
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()  # it is the page's, which empties the field in its turn
        else:
            super().keyPressEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        icon = self._icons.pixmap("search", self._theme.color("text_2"), _ICON, self.devicePixelRatioF())
        painter.drawPixmap(mirrored(self, QRect(_LEFT, (self.height() - _ICON) // 2, _ICON, _ICON)).topLeft(), icon)
        painter.end()

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._leave_room_for_icon()

    def _leave_room_for_icon(self) -> None:
        right_to_left = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        self.setTextMargins(0 if right_to_left else _ROOM, 0, _ROOM if right_to_left else 0, 0)

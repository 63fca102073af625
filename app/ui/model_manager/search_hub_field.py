"""The field of Discover: words to filter by, to search the hub for, or an address that leads to a repository."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit
from typing_extensions import override

from app.translation import tr
from app.ui.icons import Icons
from app.ui.mirroring import mirrored
from app.ui.theme import TextRole, Theme

_ICON: Final = 14
_ROOM: Final = _ICON + 5
_ENTER: Final = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})
_LONGEST: Final = 2048


class HubField(QLineEdit):
    """Enter asks the hub, and nothing else does. Escape stops a search, then empties the field, then is the page's."""

    entered = Signal(str)
    stop_requested = Signal()
    emptied = Signal()
    list_wanted = Signal()

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._icons = icons
        self.is_searching = False
        """Whether Escape stops something."""
        self.setObjectName("hub_search_field")
        self.setProperty("kind", "search")
        self.setMaxLength(_LONGEST)
        self.setAccessibleName(tr("Search the hub, or paste owner/repo or a link"))
        self.setPlaceholderText(tr("Search the hub, or paste a link"))
        self.setToolTip(tr("Typing filters the hand-picked list. Enter searches the hub."))
        self.setFont(theme.font(TextRole.ROW))
        self.setMinimumWidth(200)
        self._leave_room_for_icon()

    @override
    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._ends(event):
            event.accept()
            return True
        return super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._ends(event):
            self._end()
        elif event.key() in _ENTER:
            self.entered.emit(self.text().strip())
        elif event.key() == Qt.Key.Key_Down:
            self.list_wanted.emit()
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        icon = self._icons.pixmap("search", self._theme.color("text_2"), _ICON, self.devicePixelRatioF())
        painter.drawPixmap(mirrored(self, QRect(9, (self.height() - _ICON) // 2, _ICON, _ICON)).topLeft(), icon)
        painter.end()

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._leave_room_for_icon()

    def _leave_room_for_icon(self) -> None:
        is_turned = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        self.setTextMargins(0 if is_turned else _ROOM, 0, _ROOM if is_turned else 0, 0)

    def _ends(self, event: QKeyEvent) -> bool:
        return event.key() == Qt.Key.Key_Escape and (self.is_searching or bool(self.text()))

    def _end(self) -> None:
        if self.is_searching:
            self.stop_requested.emit()
        else:
            self.clear()
            self.emptied.emit()

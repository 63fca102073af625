"""A field for words that something is looked for by."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit
from typing_extensions import override

from app.ui.icons import Icons
from app.ui.line_ends import keep_room
from app.ui.mirroring import mirrored
from app.ui.theme import TextRole, Theme

SEARCH_SIDE: Final = 9
"""How far what is painted at the ends of the field keeps from them."""
_ICON: Final = 14
_ROOM: Final = _ICON + 5


class SearchField(QLineEdit):
    """A lens, and words. Down goes on to the list; Escape is the field's only while it means something there."""

    list_wanted = Signal()

    def __init__(self, name: str, theme: Theme, icons: Icons) -> None:
        """`name` says what is looked for, in place of the words and to those who do not see the field."""
        super().__init__()
        self._theme = theme
        self._icons = icons
        self.setProperty("kind", "search")
        self.setAccessibleName(name)
        self.setPlaceholderText(name)
        self.setFont(theme.font(TextRole.ROW))
        keep_room(self, start=_ROOM)
        theme.changed.connect(self.update)

    def uses_escape(self) -> bool:
        """Whether Escape does something here; else it is that of what the field is part of."""
        return False

    def escape(self) -> None:
        """Do what Escape means here: nothing stands there any more."""
        self.clear()

    @override
    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and _is_escape(event) and self.uses_escape():
            event.accept()  # else the window's Escape would stop a reply instead
            return True
        return super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.list_wanted.emit()
        elif not _is_escape(event):
            super().keyPressEvent(event)
        elif self.uses_escape():
            self.escape()
        else:
            event.ignore()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        place = mirrored(self, QRect(SEARCH_SIDE, (self.height() - _ICON) // 2, _ICON, _ICON))
        icon = self._icons.pixmap("search", self._theme.color("text_2"), _ICON, self.devicePixelRatioF())
        painter.drawPixmap(place.topLeft(), icon)
        painter.end()

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            keep_room(self, start=_ROOM)


def _is_escape(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape

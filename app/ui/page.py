"""What the pages have in common that take the place of the conversation: a way back, a title, a column."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.icon_button import IconButton
from app.ui.icons import Icons
from app.ui.theme import Theme

MARGIN: Final = 24
"""How far what stands on a page keeps from its sides."""


class Page(QWidget):
    """Escape leads back to where one came from."""

    closed = Signal()
    """The user wants back to where they came from."""

    def leave(self) -> None:
        """Do what Escape means here."""
        self.closed.emit()

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and _is_escape(event):
            event.accept()  # else the window's Escape would stop a reply behind the page
            return True
        return super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _is_escape(event):
            self.leave()
        else:
            super().keyPressEvent(event)


class PageHead(QHBoxLayout):
    """The arrow that leads back, the title, and room for more at the end."""

    def __init__(self, back: str, title: QWidget, theme: Theme, icons: Icons) -> None:
        """`back` says where the arrow leads."""
        super().__init__()
        self.back = IconButton("arrow-left", back, theme, icons, key=tr("Esc"))
        self.setSpacing(8)
        self.addWidget(self.back)
        self.addWidget(title, 1)


def centred(column: QWidget, width: int) -> QWidget:
    """Give what holds `column` in its middle, at most `width` wide."""
    column.setMaximumWidth(width)
    holder = QWidget()
    sides = QHBoxLayout(holder)
    sides.setContentsMargins(MARGIN, 0, MARGIN, 0)
    sides.addStretch(1)
    sides.addWidget(column, 1000)  # the stretches take only what the column does not
    sides.addStretch(1)
    return holder


def _is_escape(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_Escape and event.modifiers() == Qt.KeyboardModifier.NoModifier

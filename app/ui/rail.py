"""The narrow stand-in for the sidebar: its most used ways as icons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.icon_button import IconButton
from app.ui.icons import Icons
from app.ui.shortcuts import shortcut_text
from app.ui.sidebar import SidebarAction
from app.ui.theme import Theme

RAIL_WIDTH: Final = 52
_BUTTON: Final = 32
_ICON: Final = 17


class Rail(QWidget):
    """Opens the sidebar, a new conversation, the search; below, the same pages that the sidebar leads to."""

    sidebar_requested = Signal()
    new_requested = Signal()
    search_requested = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 8, 1, 8)
        self._layout.setSpacing(2)
        self._action_buttons: dict[str, IconButton] = {}
        self._foot: QWidget | None = None
        open_sidebar = self._button("panel-left", tr("Show the sidebar"), shortcut_text("toggle_sidebar"))
        new = self._button("square-pen", tr("New conversation"), shortcut_text("new_conversation"))
        search = self._button("search", tr("Search the conversations"), shortcut_text("search"))
        self._layout.addStretch(1)
        open_sidebar.clicked.connect(self.sidebar_requested)
        new.clicked.connect(self.new_requested)
        search.clicked.connect(self.search_requested)
        self.first_button = open_sidebar
        self.setFixedWidth(RAIL_WIDTH)
        theme.changed.connect(self.update)

    def set_actions(self, actions: Sequence[SidebarAction]) -> None:
        """Show these at the bottom, in place of those before."""
        for button in self._action_buttons.values():
            self._layout.removeWidget(button)
            button.deleteLater()
        self._action_buttons = {}
        for action in actions:
            button = self._button(action.icon, action.label, action.key)
            button.clicked.connect(action.trigger)
            self._action_buttons[action.id or action.label] = button
        if self._foot is not None:
            self.set_foot(self._foot)

    def set_foot(self, foot: QWidget) -> None:
        """Have `foot` below everything else."""
        self._foot = foot
        self._layout.addWidget(foot, 0, Qt.AlignmentFlag.AlignHCenter)
        if self._action_buttons:
            QWidget.setTabOrder(list(self._action_buttons.values())[-1], foot)

    def mark_action(self, action_id: str, *, is_here: bool) -> None:
        """Mark an action as the page where the user is, or no longer."""
        button = self._action_buttons[action_id]
        button.setCheckable(True)
        button.setChecked(is_here)  # before it cannot be: losing the mark with the ability paints nothing
        button.setCheckable(is_here)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("sidebar"))
        right_to_left = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        edge = 0 if right_to_left else self.width() - 1
        painter.fillRect(QRect(edge, 0, 1, self.height()), self._theme.color("border"))
        painter.end()

    def _button(self, icon: str, name: str, key: str) -> IconButton:
        button = IconButton(icon, name, self._theme, self._icons, key=key, size=_BUTTON, icon_size=_ICON)
        self._layout.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        return button

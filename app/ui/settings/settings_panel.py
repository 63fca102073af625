"""The left side of the settings: the way back, the search, the groups, and whether Paddock is offline."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QStyle, QVBoxLayout, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.icon_button import IconButton
from app.ui.icons import Icons
from app.ui.offline_switch import OfflineSwitch
from app.ui.plain_label import PlainLabel
from app.ui.search_field import SearchField
from app.ui.settings.group_list import GroupList
from app.ui.theme import TextRole, Theme

PANEL_WIDTH: Final = 264
NARROW_PANEL_WIDTH: Final = 52
_FOOT_GAP: Final = 8


class SettingsPanel(QWidget):
    """As wide as the sidebar, on its ground; in a narrow window as wide as the rail, with icons only."""

    closed = Signal()

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self.back_button = IconButton("arrow-left", tr("Back to the conversation"), theme, icons, key=tr("Esc"))
        self.search = SearchField(tr("Search settings"), theme, icons)
        self.groups = GroupList(theme, icons)
        self.foot = OfflineSwitch(theme, icons)
        self._title = PlainLabel(tr("Settings"), theme, TextRole.HEADING_3)
        self._lay_out()
        self.back_button.clicked.connect(self.closed)
        theme.changed.connect(self.update)

    def set_narrow(self, *, is_narrow: bool) -> None:
        """Take less room, or as much as the sidebar."""
        self.setFixedWidth(NARROW_PANEL_WIDTH if is_narrow else PANEL_WIDTH)
        self._title.setVisible(not is_narrow)
        self.search.setVisible(not is_narrow)
        self.groups.set_narrow(is_narrow=is_narrow)
        self.foot.set_narrow(is_narrow=is_narrow)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("sidebar"))
        painter.fillRect(0, self.foot.y() - _FOOT_GAP, self.width(), 1, self._theme.color("border"))
        edge = QRect(self.width() - 1, 0, 1, self.height())
        painter.fillRect(QStyle.visualRect(self.layoutDirection(), self.rect(), edge), self._theme.color("border"))
        painter.end()

    def _lay_out(self) -> None:
        header = QHBoxLayout()
        header.setContentsMargins(3, 0, 0, 0)
        header.setSpacing(6)
        header.addWidget(self.back_button)
        header.addWidget(self._title, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 12, 9, 8)
        layout.setSpacing(8)
        layout.addLayout(header)
        search = QHBoxLayout()
        search.setContentsMargins(4, 0, 4, 4)
        search.addWidget(self.search)
        layout.addLayout(search)
        layout.addWidget(self.groups)
        layout.addStretch(1)
        layout.addSpacing(_FOOT_GAP)
        layout.addWidget(self.foot, 0)
        self.set_narrow(is_narrow=False)

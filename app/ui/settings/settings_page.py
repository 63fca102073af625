"""The settings: every change applies at once, and there is nothing to confirm."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget
from typing_extensions import override

from app.errors import PaddockError
from app.settings.file import SettingsFile
from app.settings.presets import PRESET_KEYS, PresetFile
from app.settings.registry import Group
from app.translation import told, tr
from app.ui.icons import Icons
from app.ui.offline_switch import OfflineSwitch
from app.ui.page import Page
from app.ui.settings.group_extra import Extras
from app.ui.settings.preset_use import PresetUse
from app.ui.settings.recommendation import Recommendation
from app.ui.settings.setting_row import SettingRow
from app.ui.settings.settings_column import SettingsColumn
from app.ui.settings.settings_panel import SettingsPanel
from app.ui.theme import Theme
from app.ui.toast import ToastArea

NO_EXTRAS: Final = Extras()
_NARROW: Final = 720
"""Below this width of the page the names of the groups give way to their icons."""


class SettingsPage(Page):
    """The groups at the left, the settings of one at the right. Made from the registry alone."""

    changed = Signal(str)
    """The key whose value was changed; it is saved already."""

    def __init__(
        self,
        theme: Theme,
        icons: Icons,
        settings_file: SettingsFile,
        presets: PresetFile,
        recommendation: Callable[[], Recommendation | None],
        extras: Extras = NO_EXTRAS,
    ) -> None:
        super().__init__()
        self._theme = theme
        self._file = settings_file
        self._recommendation = recommendation
        self._extras = extras
        self._group = next(iter(Group))
        self._panel = SettingsPanel(theme, icons)
        self._column = SettingsColumn(theme, icons, extras)
        self._presets = PresetUse(self._column.presets, settings_file, presets)
        self._toasts = ToastArea(self, theme, icons)
        self.setObjectName("settings_page")
        self.setAccessibleName(tr("Settings"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._panel)
        layout.addWidget(self._column, 1)
        self._order_tabs()
        self._connect()
        self.show_group(self._group)
        self.refresh()

    @property
    def offline_switch(self) -> OfflineSwitch:
        """The switch at the foot of the groups."""
        return self._panel.foot

    def show_group(self, group: Group) -> None:
        """Open the page of `group`."""
        self._panel.groups.choose(group)

    def refresh(self) -> None:
        """Show the values that the settings have now, wherever they were changed."""
        self._show_values()
        self._presets.refresh()

    def _show_values(self) -> None:
        recommendation = self._recommendation()
        for row in self._column.rows.values():
            self._show_value(row, recommendation)

    def _show_value(self, row: SettingRow, recommendation: Recommendation | None) -> None:
        """A recommendation is in force where nobody has set anything."""
        key, value = row.setting.key, self._file.settings.value(row.setting.key)
        if recommendation is None or key not in recommendation.values:
            row.show_value(value, default=row.setting.default, hint=self._extras.hints().get(key, ""))
            return
        recommended = recommendation.values[key]
        shown = value if key in self._file.explicit else recommended
        row.show_value(shown, default=recommended, hint=recommendation.hint(recommended, is_used=shown == recommended))

    @override
    def leave(self) -> None:
        if self._panel.search.text():
            self._panel.search.clear()
        else:
            super().leave()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if event.spontaneous():  # the window was only minimized: what is typed stays
            return
        self.refresh()
        self._focus_group(Qt.FocusReason.OtherFocusReason)

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        self._focus_group(event.reason())

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        for row in self._column.rows.values():
            row.editor.finish()
        super().hideEvent(event)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._panel.set_narrow(is_narrow=self.width() < _NARROW)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("window"))
        painter.end()

    def _focus_group(self, reason: Qt.FocusReason) -> None:
        """Hand the keyboard on to the open group. A focus proxy would do so for Tab too, again and again."""
        self._panel.groups.rows[self._group].setFocus(reason)

    def _order_tabs(self) -> None:
        """Have Tab go down the panel and down the column; the way back to a default comes after its control."""
        panel = (self._panel.back_button, self._panel.search, *self._panel.groups.rows.values())
        for one, next_one in pairwise((*panel, *self._column.controls(), self._panel.foot)):
            QWidget.setTabOrder(one, next_one)

    def _connect(self) -> None:
        self._panel.closed.connect(self.closed)
        self._panel.groups.group_chosen.connect(self._open)
        self._panel.search.textChanged.connect(self._search)
        for key, row in self._column.rows.items():
            row.value_wished.connect(partial(self._change, key))
            row.reset_requested.connect(partial(self._reset, key))
        self._presets.settings_changed.connect(self._show_values)
        self._presets.undo_offered.connect(self._toasts.show_undo)
        self._theme.changed.connect(self.update)
        for group in self._extras.groups.values():
            for part in group.parts:
                part.controls_changed.connect(self._order_tabs)

    def _open(self, group: Group) -> None:
        self._group = group
        self._panel.search.clear()
        self._column.show_group(group)

    def _search(self, text: str) -> None:
        words = text.strip()
        if words:
            self._panel.groups.show_none()
            self._column.show_found(words)
        else:
            self._panel.groups.choose(self._group)
            self._column.show_group(self._group)

    def _change(self, key: str, wish: object) -> None:
        row = self._column.rows[key]
        try:
            value = row.setting.parse(wish) if isinstance(wish, str) else wish
            self._file.change(key, value)
        except PaddockError as error:
            row.show_trouble(told(error))
            return
        self._tell(key)

    def _reset(self, key: str) -> None:
        try:
            self._file.reset(key)
        except PaddockError as error:
            self._column.rows[key].show_trouble(told(error))
            return
        self._tell(key)

    def _tell(self, key: str) -> None:
        self._show_value(self._column.rows[key], self._recommendation())
        if key in PRESET_KEYS:
            self._presets.refresh()
        self.changed.emit(key)

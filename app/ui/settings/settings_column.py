"""The right side of the settings: the cards of one group, or of all that a search found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from app.settings.registry import Group
from app.translation import tr
from app.ui.card import Card
from app.ui.icons import Icons
from app.ui.page import centred
from app.ui.plain_label import PlainLabel
from app.ui.settings.group_extra import Extras, GroupExtra
from app.ui.settings.groups import SENTENCES, SHOWN, settings_of
from app.ui.settings.more_button import MoreButton
from app.ui.settings.preset_row import PresetRow
from app.ui.settings.setting_row import SettingRow
from app.ui.theme import TextRole, Theme

_WIDTH: Final = 888
_ROOM: Final = 12
"""Above and below a row that was scrolled to."""


class SettingsColumn(QScrollArea):
    """One column of cards. Every row is made once; showing a group hides the others."""

    def __init__(self, theme: Theme, icons: Icons, extras: Extras) -> None:
        super().__init__()
        self._title = PlainLabel("", theme, TextRole.PAGE_TITLE)
        self._sentence = PlainLabel("", theme, TextRole.INTERFACE, "text_2")
        self._sentence.setWordWrap(True)
        self.presets = PresetRow(theme, icons)
        tops = {Group.SAMPLING: [self.presets]}
        self._sections = {
            group: _Section(group, tops.get(group, []), extras.of(group), theme, icons) for group in SHOWN
        }
        self.rows = {row.setting.key: row for section in self._sections.values() for row in section.rows}
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keyboard is on controls, never on the ground they lie on
        self.setWidgetResizable(True)
        page = self._page()
        self.setWidget(page)
        page.setAutoFillBackground(False)  # the ground is painted once, by the settings page
        self.viewport().setAutoFillBackground(False)
        for row in self.rows.values():
            row.reached.connect(partial(self.ensureWidgetVisible, row, 0, _ROOM))

    def controls(self) -> Iterator[QWidget]:
        """Give what takes the keyboard, in the order of Tab."""
        for group, section in self._sections.items():
            if group is Group.SAMPLING:
                yield from self.presets.controls()
            yield from section.controls()

    def show_group(self, group: Group) -> None:
        """Show the settings of `group`."""
        self._title.setText(tr(group))
        self._say(tr(SENTENCES[group]))
        for each, section in self._sections.items():
            section.show_rows("", has_heading=False)
            section.setVisible(each is group)
        self.verticalScrollBar().setValue(0)

    def show_found(self, words: str) -> None:
        """Show the settings that `words` look for, under the names of their groups."""
        self._title.setText(tr("Search"))
        found = [section.show_rows(words, has_heading=True) for section in self._sections.values()]
        self._say("" if any(found) else tr("No setting is about “{words}”.", words=words))
        self.verticalScrollBar().setValue(0)

    def _say(self, sentence: str) -> None:
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))

    def _page(self) -> QWidget:
        column = QWidget()
        layout = QVBoxLayout(column)
        layout.setContentsMargins(0, 26, 0, 32)
        layout.setSpacing(0)
        layout.addWidget(self._title)
        layout.addSpacing(6)
        layout.addWidget(self._sentence)
        layout.addSpacing(18)
        for section in self._sections.values():
            layout.addWidget(section)
        layout.addStretch(1)
        return centred(column, _WIDTH)


class _Section(QWidget):
    """The cards of one group, and its name when several are shown. What few people need is folded away."""

    def __init__(self, group: Group, tops: Sequence[QWidget], extra: GroupExtra, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._tops = tops
        self._extra = extra
        made = [SettingRow(setting, theme, icons) for setting in settings_of(group)]
        self._daily = [row for row in made if not row.setting.is_rare]
        self._rare = [row for row in made if row.setting.is_rare]
        self._heading = PlainLabel(tr(group), theme, TextRole.INTERFACE_STRONG)
        self._more = MoreButton(theme, icons) if self._rare else None
        self._rare_card = Card(self._rare, theme)
        self._is_searching = False
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 22)
        layout.setSpacing(8)
        layout.addWidget(self._heading)
        for part in extra.above:
            layout.addWidget(part)
        if tops or self._daily:
            layout.addWidget(Card([*tops, *self._daily], theme))
        if self._more:
            self._more.toggled.connect(self._fold)
            layout.addWidget(self._more)
        layout.addWidget(self._rare_card)
        for part in extra.below:
            layout.addWidget(part)

    @property
    def rows(self) -> list[SettingRow]:
        """All of them, in the order in which they are seen."""
        return [*self._daily, *self._rare]

    def controls(self) -> Iterator[QWidget]:
        """Give what takes the keyboard, in the order of Tab."""
        for part in self._extra.above:
            yield from part.controls()
        for row in self._daily:
            yield from row.controls()
        if self._more:
            yield self._more
        for row in self._rare:
            yield from row.controls()
        for part in self._extra.below:
            yield from part.controls()

    def show_rows(self, words: str, *, has_heading: bool) -> bool:
        """Show the rows that match, and whether there are any. Whoever searches has no use for folds."""
        self._is_searching = bool(words)
        self._heading.setVisible(has_heading)
        for top in self._tops:
            top.setVisible(not self._is_searching)
        for row in self.rows:
            row.setVisible(row.matches(words))
        self._fold()
        shows_extra = self._extra.matches(words)
        for part in self._extra.parts:
            part.setVisible(shows_extra)
        found = shows_extra or any(not row.isHidden() for row in self.rows)
        self.setVisible(found)
        return found

    def _fold(self) -> None:
        found = any(not row.isHidden() for row in self._rare)
        if self._more:
            self._more.setVisible(not self._is_searching)
        self._rare_card.setVisible(found and (self._is_searching or bool(self._more and self._more.isChecked())))

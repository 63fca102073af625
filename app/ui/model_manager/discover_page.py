"""Discover: models that were picked by hand, and what the hub finds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.translation import tr
from app.ui.icons import Icons
from app.ui.model_manager.catalogue_card import RecommendedCard
from app.ui.model_manager.discover_list import ModelList
from app.ui.model_manager.discover_shown import Recommendation, ShownModel
from app.ui.model_manager.search_bar import SearchBar
from app.ui.model_manager.search_notice import SearchNotice
from app.ui.model_manager.search_progress import SearchProgress
from app.ui.plain_label import PlainLabel
from app.ui.theme import TextRole, Theme

_MARGIN: Final = 24
_NEAR_END: Final = 600
"""From so many pixels before the end of the list on, more of it is wanted."""


class DiscoverPage(QWidget):
    """Shows a list and what is to be said about it. Opening it asks nobody anything."""

    more_wanted = Signal()
    """The end of the list is near."""
    opened = Signal(str)
    """The page of the repository with this id is wanted."""
    get_requested = Signal(str)

    def __init__(self, languages: Sequence[tuple[str, str]], theme: Theme, icons: Icons) -> None:
        super().__init__()
        self.bar = SearchBar(languages, theme, icons)
        self.progress = SearchProgress(theme)
        self.notice = SearchNotice(theme, icons)
        self.card = RecommendedCard(theme, icons)
        self.list = ModelList(self.card.files_button, theme, icons)
        self._heading = PlainLabel("", theme, TextRole.INTERFACE_STRONG, "text_2")
        self._note = PlainLabel("", theme, TextRole.SMALL, "text_3")
        self._end = PlainLabel("", theme, TextRole.INTERFACE, "text_3")
        self._end.setWordWrap(True)
        self.area = QScrollArea()
        self.setObjectName("discover_page")
        self.setAccessibleName(tr("Discover"))
        self.setFocusProxy(self.bar.field)
        self._lay_out()
        self._connect()

    @property
    def end_sentence(self) -> str:
        """What is said below the last row."""
        return self._end.text()

    def show_recommendation(self, shown: Recommendation | None) -> None:
        """Show the model to begin with; None for none."""
        self.card.show_recommendation(shown)

    def show_models(self, models: Sequence[ShownModel], heading: str, note: str = "") -> None:
        """Show the list under `heading`; `note` says what its numbers are about."""
        self.list.show_models(models)
        self._heading.setText(heading if models else "")
        self._note.setText(note if models else "")

    def show_end(self, sentence: str) -> None:
        """Say what comes after the last row."""
        self._end.setText(sentence)
        self._end.setVisible(bool(sentence))

    def scroll_to_top(self) -> None:
        """Show the beginning."""
        self.area.verticalScrollBar().setValue(0)

    def _connect(self) -> None:
        for source in (self.card, self.list):
            source.opened.connect(self.opened)
            source.get_requested.connect(self.get_requested)
        self.bar.field.list_wanted.connect(self.list.focus_first)
        for button in (self.card.get_button, self.card.files_button):
            self.list.lead_here(button)
        self.list.reached.connect(self._show_row)
        self.list.left_upwards.connect(self.bar.field.setFocus)
        bar = self.area.verticalScrollBar()
        bar.valueChanged.connect(self._look_for_end)
        bar.rangeChanged.connect(self._look_for_end)

    def _show_row(self, row: QWidget) -> None:
        self.area.ensureWidgetVisible(row, 0, _MARGIN)

    def _look_for_end(self) -> None:
        bar = self.area.verticalScrollBar()
        if bar.maximum() - bar.value() < _NEAR_END and self.list.rows:
            self.more_wanted.emit()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(16, 0, 16, 0)
        head.addWidget(self._heading, 1)
        head.addWidget(self._note)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(_MARGIN, 10, _MARGIN, 32)
        column.setSpacing(12)
        column.addWidget(self.notice)
        column.addWidget(self.card)
        column.addLayout(head)
        column.addWidget(self.list)
        column.addWidget(self._end)
        column.addStretch(1)
        self._end.setContentsMargins(16, 0, 16, 0)
        self._end.hide()
        self.area.setWidgetResizable(True)
        self.area.setWidget(inside)
        inside.setAutoFillBackground(False)
        self.area.viewport().setAutoFillBackground(False)
        top = QVBoxLayout()
        top.setContentsMargins(_MARGIN, 14, _MARGIN, 0)
        top.setSpacing(8)
        top.addWidget(self.bar)
        top.addWidget(self.progress)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self.area, 1)

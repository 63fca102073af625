"""The top of Discover: the field, and the filters beside it or below it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QWidget
from typing_extensions import override

from app.models.hub_search import Sort
from app.translation import tr
from app.ui.icons import Icons
from app.ui.model_manager.search_chip import Chip, ChoiceChip
from app.ui.model_manager.search_flow import FlowLayout
from app.ui.model_manager.search_hub_field import HubField
from app.ui.model_manager.search_query import Query
from app.ui.theme import Theme

_GAP: Final = 8
_BESIDE_FROM: Final = 940
"""From this width on the filters stand beside the field."""
_SORTS: Final = ((Sort.DOWNLOADS, "Most downloaded"), (Sort.LIKES, "Most liked"), (Sort.RECENCY, "Newest"))
"""Message ids."""


class SearchBar(QWidget):
    """Shows a query and says when another one is wanted. It asks nobody."""

    query_changed = Signal()
    """Words or filters are others now."""
    entered = Signal(str)
    """The hub is to be asked for these words, or a repository to be shown."""
    hand_picked_wished = Signal(bool)
    """The hand-picked list is wanted, or the hub in its place."""

    def __init__(self, languages: Sequence[tuple[str, str]], theme: Theme, icons: Icons) -> None:
        super().__init__()
        self.field = HubField(theme, icons)
        self.hand_picked = Chip(tr("Hand-picked"), theme, icons)
        self.fits = Chip(tr("Fits this laptop"), theme, icons)
        self.open_source = Chip(tr("Open source"), theme, icons)
        self.vision = Chip(tr("Pictures"), theme, icons)
        self.reasoning = Chip(tr("Reasoning"), theme, icons)
        self.language = ChoiceChip(tr("Language"), [("", tr("Any language")), *languages], theme, icons)
        self.sort = ChoiceChip(tr("Sort"), [(sort.value, tr(label)) for sort, label in _SORTS], theme, icons)
        self.hand_picked.setChecked(True)
        self._lay_out()
        self._connect()

    @property
    def query(self) -> Query:
        """What is asked for now."""
        return Query(
            self.field.text().strip(),
            self.fits.isChecked(),
            self.open_source.isChecked(),
            self.vision.isChecked(),
            self.reasoning.isChecked(),
            self.language.key,
            Sort(self.sort.key),
        )

    def show_mode(self, *, is_hand_picked: bool) -> None:
        """Show whose models are listed below."""
        self.hand_picked.setChecked(is_hand_picked)
        self.sort.setVisible(not is_hand_picked)

    def show_filters(self, *, open_source: bool) -> None:
        """Have this filter on, and no others; nothing is said of it."""
        for chip in (self.fits, self.vision, self.reasoning):
            _check(chip, is_on=False)
        _check(self.open_source, is_on=open_source)
        self.language.choose("")

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_wide = self.width() >= _BESIDE_FROM
        direction = QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom
        if self._layout.direction() != direction:
            self._layout.setDirection(direction)

    def _connect(self) -> None:
        self.field.textChanged.connect(self.query_changed)
        self.field.entered.connect(self.entered)
        self.hand_picked.clicked.connect(self.hand_picked_wished)
        for chip in (self.fits, self.open_source, self.vision, self.reasoning):
            chip.clicked.connect(self.query_changed)
        for choice in (self.language, self.sort):
            choice.chosen.connect(self.query_changed)

    def _lay_out(self) -> None:
        chips = QWidget()
        flow = FlowLayout(chips, _GAP)
        for chip in (
            self.hand_picked, self.fits, self.open_source, self.vision, self.reasoning, self.language, self.sort,
        ):  # fmt: skip
            flow.addWidget(chip)
        self.sort.hide()
        policy = chips.sizePolicy()
        policy.setHeightForWidth(True)
        chips.setSizePolicy(policy)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(10)
        self._layout.addWidget(self.field, 1)
        self._layout.addWidget(chips)


def _check(chip: Chip, *, is_on: bool) -> None:
    chip.setChecked(is_on)

"""The models that were found on this computer, and which of them to use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.translation import tr, trn
from app.ui.card import Card
from app.ui.icons import Icons
from app.ui.model_manager.check_row import CheckRow
from app.ui.model_manager.detail_parts import scrolled, wrapped
from app.ui.model_manager.search_progress import SearchProgress
from app.ui.page import MARGIN, PageHead
from app.ui.plain_label import PlainLabel
from app.ui.text_button import TextButton
from app.ui.theme import TextRole, Theme

_ABOVE_GROUP: Final = 8


@dataclass(frozen=True, slots=True)
class FoundShown:
    """One model that was found. `owner` is the application whose it is, or where it lies if it is nobody's."""

    id: str
    name: str
    owner: str
    size: str
    path: str


class FoundModelsPage(QWidget):
    """While it looks it says so and can be stopped; then it shows what there is, by application."""

    back_requested = Signal()
    stop_requested = Signal()
    folder_requested = Signal()
    use_requested = Signal(list)
    """The ids of those that are checked."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._icons = icons
        self._rows: dict[str, CheckRow] = {}
        self._groups: list[QWidget] = []
        title = PlainLabel(tr("Models on this computer"), theme, TextRole.DIALOG_TITLE)
        self._head = PageHead(tr("Back to my models"), title, theme, icons)
        self._sentence = wrapped("", theme, "text_2")
        self._progress = SearchProgress(theme)
        self._folder = TextButton(tr("Look in another folder…"))
        self._use = TextButton("", "primary")
        self._column = QVBoxLayout()
        self.setObjectName("found_models")
        self.setAccessibleName(tr("Models on this computer"))
        self._progress.stop_button.setObjectName("stop_search_button")
        self._folder.setObjectName("look_in_folder_button")
        self._use.setObjectName("use_found_button")
        self._lay_out()
        self._head.back.clicked.connect(self.back_requested)
        self._progress.stop_requested.connect(self.stop_requested)
        self._folder.clicked.connect(self.folder_requested)
        self._use.clicked.connect(self._tell)

    def show_looking(self) -> None:
        """Say that the search runs."""
        self._clear()
        self._progress.begin(tr("Looking where LM Studio, Ollama, Jan and other applications keep their models…"))
        self._sentence.setText("")
        self._folder.hide()
        self._head.back.setFocus(Qt.FocusReason.OtherFocusReason)

    def end(self) -> None:
        """Nobody looks any more."""
        self._progress.end()

    def show_found(self, found: Sequence[FoundShown], remark: str = "") -> None:
        """Show what was found, all of it checked; `remark` says what was passed over."""
        self._clear()
        self._progress.end()
        self._folder.show()
        self._sentence.setText(" ".join(part for part in (_sentence(len(found)), remark) if part))
        for owner in dict.fromkeys(model.owner for model in found):
            self._add_group(owner, [model for model in found if model.owner == owner])
        self._count()
        first = next(iter(self._rows.values()), None)
        (first or self._folder).setFocus(Qt.FocusReason.OtherFocusReason)

    def _add_group(self, owner: str, models: Sequence[FoundShown]) -> None:
        rows: list[CheckRow] = []
        for model in models:
            row = CheckRow(model.name, model.path, model.size, self._theme, self._icons)
            row.toggled.connect(self._count)
            row.walked.connect(partial(self._walk, model.id))
            self._rows[model.id] = row
            rows.append(row)
        heading = PlainLabel(owner, self._theme, TextRole.INTERFACE_STRONG)
        heading.setContentsMargins(0, _ABOVE_GROUP, 0, 0)
        for part in (heading, Card(rows, self._theme)):
            self._groups.append(part)
            self._column.insertWidget(self._column.count() - 1, part)

    def _walk(self, model_id: str, step: int) -> None:
        order = list(self._rows)
        at = order.index(model_id) + step
        if 0 <= at < len(order):
            self._rows[order[at]].setFocus(Qt.FocusReason.TabFocusReason)

    def _count(self) -> None:
        chosen = sum(row.isChecked() for row in self._rows.values())
        self._use.setVisible(bool(self._rows))
        self._use.setEnabled(chosen > 0)
        self._use.setText(trn("Use {count:,} model", "Use {count:,} models", chosen) if chosen else tr("Use them"))

    def _tell(self) -> None:
        self.use_requested.emit([id_ for id_, row in self._rows.items() if row.isChecked()])

    def _clear(self) -> None:
        for part in self._groups:
            part.hide()
            part.deleteLater()
        self._groups, self._rows = [], {}
        self._use.hide()

    def _lay_out(self) -> None:
        self._head.setContentsMargins(MARGIN - 8, 12, MARGIN, 0)
        foot = QHBoxLayout()
        foot.setContentsMargins(MARGIN, 10, MARGIN, 14)
        foot.setSpacing(8)
        foot.addWidget(self._folder)
        foot.addStretch(1)
        foot.addWidget(self._use)
        inside = QWidget()
        inside.setLayout(self._column)
        self._column.setContentsMargins(MARGIN, 4, MARGIN, 16)
        self._column.setSpacing(8)
        self._column.addWidget(self._progress)
        self._column.addWidget(self._sentence)
        self._column.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(self._head)
        layout.addWidget(scrolled(inside), 1)
        layout.addLayout(foot)


def _sentence(count: int) -> str:
    if not count:
        return tr("No other models were found where applications usually keep them.")
    return trn(
        "{count:,} model is here already: nothing to download. It is used where it lies, and never changed.",
        "{count:,} models are here already: nothing to download. They are used where they lie, and never changed.",
        count,
    )

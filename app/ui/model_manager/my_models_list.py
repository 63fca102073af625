"""The models that are here, in rows that the arrow keys walk."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from app.ui.card import Card
from app.ui.icons import Icons
from app.ui.model_manager.my_models_row import MyModelRow
from app.ui.model_manager.my_models_shown import MyModel
from app.ui.theme import Theme

_SIDE = 24


class MyModelsList(QScrollArea):
    """One row for each model. Tab comes to one row only; from there the arrows walk."""

    details_requested = Signal(str)
    use_requested = Signal(str)
    favourite_wished = Signal(str, bool)
    delete_requested = Signal(str)

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._icons = icons
        self._rows: dict[str, MyModelRow] = {}
        self._card: Card | None = None
        self._marked = ""
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(_SIDE, 4, _SIDE, _SIDE)
        self._column.addStretch(1)
        self.setWidgetResizable(True)
        self.setWidget(inside)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)

    @property
    def rows(self) -> list[MyModelRow]:
        """The rows in the order in which they are seen."""
        return list(self._rows.values())

    def show_models(self, models: Sequence[MyModel]) -> None:
        """Show these, in this order. Rows that stay keep the keyboard."""
        if [model.id for model in models] == list(self._rows):
            for model in models:
                self._rows[model.id].show_model(model)
            return
        focused = next((id_ for id_, row in self._rows.items() if row.hasFocus()), None)
        self._build(models)
        if focused is not None and self._rows:
            self._rows.get(focused, self.rows[0]).setFocus(Qt.FocusReason.OtherFocusReason)

    def mark(self, model_id: str) -> None:
        """Mark the model whose details are shown; "" marks none."""
        self._marked = model_id
        for id_, row in self._rows.items():
            row.setChecked(id_ == model_id)
        self._keep_one_stop()

    def focus_row(self, model_id: str = "") -> None:
        """Put the keyboard on a model's row; on the first, where that one is not there."""
        if self._rows:
            self._rows.get(model_id or self._marked, self.rows[0]).setFocus(Qt.FocusReason.OtherFocusReason)

    def _build(self, models: Sequence[MyModel]) -> None:
        if self._card is not None:
            self._card.hide()
            self._card.deleteLater()
        self._rows = {model.id: self._row(model) for model in models}
        self._card = Card(self.rows, self._theme) if models else None
        if self._card is not None:
            self._column.insertWidget(0, self._card)
            self._card.show()
        for one, next_one in pairwise(self.rows):
            QWidget.setTabOrder(one, next_one)
        self.mark(self._marked)

    def _row(self, model: MyModel) -> MyModelRow:
        row = MyModelRow(model, self._theme, self._icons)
        row.clicked.connect(partial(self.details_requested.emit, model.id))
        row.use_requested.connect(partial(self.use_requested.emit, model.id))
        row.favourite_wished.connect(partial(self.favourite_wished.emit, model.id))
        row.delete_requested.connect(partial(self.delete_requested.emit, model.id))
        row.walked.connect(partial(self._walk, model.id))
        row.focused.connect(partial(self._stop_at, model.id))
        return row

    def _walk(self, model_id: str, step: int) -> None:
        order = list(self._rows)
        at = order.index(model_id) + step
        if 0 <= at < len(order):
            self._rows[order[at]].setFocus(Qt.FocusReason.TabFocusReason)

    def _stop_at(self, model_id: str) -> None:
        row = self._rows.get(model_id)
        if row is not None:
            self.ensureWidgetVisible(row, 0, 8)
            self._keep_one_stop(model_id)

    def _keep_one_stop(self, model_id: str = "") -> None:
        """Have Tab come to one row: that of `model_id`, or the marked one, or the first."""
        stop = self._rows.get(model_id) or self._rows.get(self._marked) or next(iter(self._rows.values()), None)
        for row in self._rows.values():
            row.setFocusPolicy(Qt.FocusPolicy.StrongFocus if row is stop else Qt.FocusPolicy.ClickFocus)

"""The numbers behind the chart, as a table that can be walked and read aloud."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from app.translation import tr
from app.ui.settings.chart import ChartModel, ChartRow, shown_speed
from app.ui.theme import TextRole, Theme

_ROW: Final = 30
_HEADER: Final = 32
_MOST_ROWS: Final = 14


class SpeedTable(QTableView):
    """A row for each measurement."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._rows = QStandardItemModel(0, 4, self)
        self._rows.setHorizontalHeaderLabels(
            [tr("Model"), tr("Tokens read"), tr("Reads, tokens/s"), tr("Writes, tokens/s")]
        )
        self.setModel(self._rows)
        self.setProperty("kind", "plain")
        self.setFont(theme.font(TextRole.INTERFACE))
        self.horizontalHeader().setFont(theme.font(TextRole.SMALL, weight=600))
        self.setAccessibleName(tr("How fast models are here"))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setFixedHeight(_HEADER)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)

    def show_models(self, models: Sequence[ChartModel]) -> None:
        """Show these, in place of those before."""
        self._rows.setRowCount(0)
        for model in models:
            for row in model.rows:
                self._rows.appendRow(_items(model, row))
        rows = min(self._rows.rowCount(), _MOST_ROWS)
        self.setFixedHeight(_HEADER + rows * _ROW + 2)


def _items(model: ChartModel, row: ChartRow) -> list[QStandardItem]:
    texts = (model.name, row.label, shown_speed(row.read), shown_speed(row.written))
    items = [QStandardItem(text) for text in texts]
    for item in items:
        item.setToolTip(row.why or model.note)
    return items

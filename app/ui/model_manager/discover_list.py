"""The models below one another on one card, walked with the arrow keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.card import paint_rows
from app.ui.icons import Icons
from app.ui.list_walk import STEPS
from app.ui.model_manager.catalogue_row import ModelRow
from app.ui.model_manager.discover_shown import ShownModel
from app.ui.theme import Theme


class ModelList(QWidget):
    """Rows that stay where they are while only their numbers change; more are put below them."""

    opened = Signal(str)
    get_requested = Signal(str)
    reached = Signal(QWidget)
    """The keyboard came to a row that should be seen."""
    left_upwards = Signal()
    """The keyboard goes on to what is above."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._icons = icons
        self.rows: list[ModelRow] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self.setObjectName("model_list")
        self.setAccessibleName(tr("Models"))
        theme.changed.connect(self.update)

    def show_models(self, models: Sequence[ShownModel]) -> None:
        """Show these, in place of those before."""
        for row, model in zip(self.rows, models, strict=False):
            if row.shown != model:
                row.show_model(model)
        for row in self.rows[len(models) :]:
            row.hide()
            row.deleteLater()
        del self.rows[len(models) :]
        for model in models[len(self.rows) :]:
            self.rows.append(self._made(model))
        self.setVisible(bool(models))
        self.update()

    def focus_first(self) -> None:
        """Give the keyboard to the first row."""
        if self.rows:
            self._go_to(self.rows[0])

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = STEPS.get(event.key())
        at = next((index for index, row in enumerate(self.rows) if row.hasFocus() or row.button.hasFocus()), None)
        if step is None or at is None:
            super().keyPressEvent(event)
        elif at + step < 0:
            self.left_upwards.emit()
        elif at + step < len(self.rows):
            self._go_to(self.rows[at + step])

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_rows(painter, self, self.rows, self._theme)
        painter.end()

    def _go_to(self, row: ModelRow) -> None:
        row.setFocus(Qt.FocusReason.TabFocusReason)
        self.reached.emit(row)

    def _made(self, model: ShownModel) -> ModelRow:
        row = ModelRow(model, self._theme, self._icons)
        row.clicked.connect(lambda: self.opened.emit(row.shown.key))
        row.get_requested.connect(self.get_requested)
        self._layout.addWidget(row)
        return row

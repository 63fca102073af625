"""The models below one another on one card, walked with the arrow keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
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

    def __init__(self, before: QWidget, theme: Theme, icons: Icons) -> None:
        """`before` is the control from which Tab comes to the first row."""
        super().__init__()
        self._before = before
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
            before = self.rows[-1].button if self.rows else self._before
            row = self._made(model)
            self.rows.append(row)
            QWidget.setTabOrder(before, row)  # else Tab would come to what is made late at the end of the window
            QWidget.setTabOrder(row, row.button)
        self.setVisible(bool(models))
        self.update()

    def focus_first(self) -> None:
        """Give the keyboard to the first row."""
        if self.rows:
            self._go_to(self.rows[0])

    def lead_here(self, above: QWidget) -> None:
        """Have the arrow down lead from `above` to the first row, past what stands between."""
        above.installEventFilter(self)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hear the arrow keys of buttons, which would look for their neighbours by themselves."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if self._walk(event.key()):
            return True
        if event.key() == Qt.Key.Key_Down and self.rows:
            self.focus_first()
            return True
        return False

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._walk(event.key()):
            super().keyPressEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_rows(painter, self, self.rows, self._theme)
        painter.end()

    def _walk(self, key: int) -> bool:
        """Go on from the row that has the keyboard; False where none has, or the key leads nowhere."""
        step = STEPS.get(key)
        at = next((index for index, row in enumerate(self.rows) if row.hasFocus() or row.button.hasFocus()), None)
        if step is None or at is None:
            return False
        if at + step < 0:
            self.left_upwards.emit()
        elif at + step < len(self.rows):
            self._go_to(self.rows[at + step])
        return True

    def _go_to(self, row: ModelRow) -> None:
        row.setFocus(Qt.FocusReason.TabFocusReason)
        self.reached.emit(row)

    def _made(self, model: ShownModel) -> ModelRow:
        row = ModelRow(model, self._theme, self._icons)
        row.clicked.connect(lambda: self.opened.emit(row.shown.key))
        row.get_requested.connect(self.get_requested)
        row.button.installEventFilter(self)
        self._layout.addWidget(row)
        return row

"""Downloads below each other on a raised card, in an order that can be changed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget
from typing_extensions import override

from app.models.download.model_download import ModelDownload
from app.ui.card import paint_rows
from app.ui.icons import Icons
from app.ui.model_manager.downloads_row import DownloadRow
from app.ui.theme import Theme

_RADIUS: Final = 12
_MARK: Final = 2


class DownloadsList(QWidget):
    """Rows that stay while what they show changes. Drag a row, or Alt with Up and Down, to move it."""

    wished = Signal(str, object)
    """The key of a download, and a `Wish`."""
    moved = Signal(str, int)
    """The key of a download, and its new place among those that are shown."""

    def __init__(self, name: str, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._icons = icons
        self._rows: dict[str, DownloadRow] = {}
        self._gap: int | None = None
        """Where the row that is dragged would go: before the row of this number."""
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self.setAccessibleName(name)
        self.hide()
        theme.changed.connect(self.update)

    @property
    def rows(self) -> tuple[DownloadRow, ...]:
        """The rows, from the top."""
        return tuple(self._rows.values())

    def show_models(self, models: Sequence[ModelDownload]) -> None:
        """Show these, in this order."""
        keys = [model.key for model in models]
        for key in [key for key in self._rows if key not in keys]:
            self._take_out(key)
        for model in models:
            if model.key in self._rows:
                self._rows[model.key].show_model(model)
            else:
                self._rows[model.key] = self._make_row(model)
        if list(self._rows) != keys or self._layout.count() != len(keys):
            self._put_in_order(keys)
        self.setVisible(bool(keys))

    def focus_row(self, key: str) -> None:
        """Put the keyboard on the row of this key, if it is here."""
        row = self._rows.get(key)
        if row is not None:
            row.setFocus(Qt.FocusReason.OtherFocusReason)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_rows(painter, self, self.rows, self._theme)
        if self._gap is not None:
            painter.fillRect(self._mark(self._gap), self._theme.color("accent"))
        painter.end()

    def _make_row(self, model: ModelDownload) -> DownloadRow:
        row = DownloadRow(model, self._theme, self._icons)
        row.wished.connect(self.wished)
        row.dragged.connect(self._drag)
        row.dropped.connect(lambda: self._drop(row))
        row.neighbour_wanted.connect(partial(self._step, row))
        return row

    def _take_out(self, key: str) -> None:
        """Remove a row; the keyboard goes to the one in its place."""
        row = self._rows.pop(key)
        had_keyboard = row.has_keyboard
        place = self._layout.indexOf(row)
        self._layout.removeWidget(row)
        row.hide()
        row.deleteLater()
        if had_keyboard and self._rows:
            self.rows[min(place, len(self._rows) - 1)].setFocus(Qt.FocusReason.OtherFocusReason)

    def _put_in_order(self, keys: Sequence[str]) -> None:
        self._rows = {key: self._rows[key] for key in keys}
        before: QWidget | None = None
        for place, row in enumerate(self.rows):
            self._layout.removeWidget(row)
            self._layout.insertWidget(place, row)
            if before is not None:
                QWidget.setTabOrder(before, row)
            before = row
        self.update()

    def _step(self, row: DownloadRow, step: int) -> None:
        place = self.rows.index(row) + step
        if 0 <= place < len(self.rows):
            self.rows[place].setFocus(Qt.FocusReason.TabFocusReason)

    def _drag(self, y: int) -> None:
        gap = sum(y > row.geometry().center().y() for row in self.rows)
        if gap != self._gap:
            self._gap = gap
            self.update()

    def _drop(self, row: DownloadRow) -> None:
        gap, self._gap = self._gap, None
        self.update()
        at = self.rows.index(row)
        if gap is not None and gap not in {at, at + 1}:
            self.moved.emit(row.model.key, gap if gap < at else gap - 1)

    def _mark(self, gap: int) -> QRect:
        y = self.rows[gap].y() if gap < len(self.rows) else self.height()
        return QRect(_RADIUS, min(max(0, y - 1), self.height() - _MARK), self.width() - 2 * _RADIUS, _MARK)

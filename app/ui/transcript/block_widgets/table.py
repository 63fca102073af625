"""A table with hairlines: painted, because a rich text table costs too much while it grows."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QScrollBar, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.transcript.block_widgets.across import scroll_across
from app.ui.transcript.block_widgets.grid import COLUMN_GAP, Grid
from app.ui.transcript.block_widgets.strip_view import StripView
from app.ui.transcript.blocks import text_of
from app.ui.transcript.strips import TableStrip
from app.ui.transcript.surroundings import Surroundings

_BAR: Final = 10
_STEP: Final = 40


class TableView(StripView[TableStrip]):
    """A grid as wide as the column; one that cannot be scrolls by itself."""

    def __init__(self, surroundings: Surroundings, parent: QWidget) -> None:
        super().__init__(surroundings, parent)
        self.grid = Grid(surroundings.formats, surroundings.theme.zoom)
        self._shown: TableStrip | None = None
        self._pressed_link = ""
        self.bar = QScrollBar(Qt.Orientation.Horizontal, self)
        self.bar.setSingleStep(_STEP)
        self.bar.valueChanged.connect(self.update)
        self.bar.hide()
        self.setMouseTracking(True)

    @override
    def show_strip(self, strip: TableStrip) -> None:
        self._shown = strip
        self.grid.take(strip.table)
        self.setAccessibleName(
            tr("Table, {columns} columns, {rows} rows", columns=len(strip.table.header), rows=len(strip.table.rows))
        )
        self.setAccessibleDescription(text_of(strip.table))
        self.update()

    @override
    def height_for(self, width: int) -> int:
        height = self.grid.lay(width)
        overflow = max(0, round(self.grid.width) - width)
        self.bar.setRange(0, overflow)
        self.bar.setPageStep(width)
        self.bar.setVisible(overflow > 0)
        return height + (_BAR if overflow else 0)

    @override
    def restyle(self) -> None:
        self.grid = Grid(self.formats, self.surroundings.theme.zoom)
        if self._shown is not None:
            self.show_strip(self._shown)
            self.grid.lay(self.width())

    @override
    def forget_selection(self) -> None:
        self.bar.setValue(0)
        self._pressed_link = ""

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self.bar.setGeometry(0, self.height() - _BAR, self.width(), _BAR)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.translate(-self.bar.value(), 0)
        tops = self.grid.row_tops
        first = tops.index_at(event.rect().top())
        last = tops.index_at(event.rect().bottom())
        for number in range(first, last + 1):
            self._paint_row(painter, number)
        painter.end()

    def _paint_row(self, painter: QPainter, number: int) -> None:
        theme = self.surroundings.theme
        top = self.grid.row_tops.top(number)
        for cell, left in zip(self.grid.rows[number], self.grid.column_lefts, strict=True):
            cell.layout.draw(painter, QPointF(left, top + self.grid.padding))
        line = theme.color("border_strong" if number == 0 else "border")
        painter.fillRect(0, self.grid.row_tops.top(number + 1) - 1, round(self.grid.width), 1, line)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        link = self._link_at(event.position().toPoint())
        self.setCursor(Qt.CursorShape.PointingHandCursor if link else Qt.CursorShape.ArrowCursor)
        self.setToolTip(link.replace("<", "%3C"))

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed_link = self._link_at(event.position().toPoint())

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        link = self._link_at(event.position().toPoint())
        if link and link == self._pressed_link:
            self.surroundings.requests.link_activated.emit(link)

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        scroll_across(event, self.bar)

    def _link_at(self, place: QPoint) -> str:
        x, y = place.x() + self.bar.value(), place.y()
        row = self.grid.row_tops.index_at(y)
        for cell, left, width in zip(self.grid.rows[row], self.grid.column_lefts, self.grid.column_widths, strict=True):
            if left <= x < left + width + COLUMN_GAP:
                return cell.link_at(QPointF(x - left, y - self.grid.row_tops.top(row) - self.grid.padding))
        return ""

"""The table of the ledger: rows parted by hairlines, painted as the cards are."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)
from typing_extensions import override

from app.translation import tr
from app.ui.focus_ring import SHOWS_OWN_FOCUS
from app.ui.icons import Icons
from app.ui.settings.ledger_model import ENDING_ROLE, NUMBERS, Column, LedgerModel
from app.ui.settings.ledger_words import Ending
from app.ui.theme import TextRole, Theme

_ROW: Final = 36
_HIGH_ROW: Final = 50
_LINE: Final = 18
_HEADER: Final = 32
_MOST_ROWS: Final = 12
"""More are scrolled."""
_PADDING: Final = 8
_SIDE: Final = 16
_ICON: Final = 14
_RADIUS: Final = 12
_WIDTHS: Final = {
    Column.TIME: 134,
    Column.HOST: 176,
    Column.RECEIVED: 84,
    Column.SENT: 84,
    Column.RESULT: 188,
}
_NARROW_WIDTHS: Final = {
    Column.TIME: 134,
    Column.RECEIVED: 84,
    Column.RESULT: 184,
}
_COLORS: Final = {Column.HOST: "text", Column.PURPOSE: "text"}
_NARROW: Final = 700
"""Below this width the host stands under the purpose, and what was sent is told by the tooltip only."""


class LedgerTable(QTableView):
    """As high as its rows, up to twelve; the arrow keys walk them."""

    is_narrow = False
    """Whether the host stands under the purpose."""

    def __init__(self, model: LedgerModel, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self.setModel(model)
        self.setItemDelegate(_LedgerDelegate(theme, icons, self))
        self.setHorizontalHeader(_LedgerHeader(theme))
        self.setAccessibleName(tr("Every connection so far"))
        self.setProperty(SHOWS_OWN_FOCUS, True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setFixedHeight(_HEADER)
        self._fit()
        model.modelReset.connect(self._fit)
        theme.changed.connect(self._repaint)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_width()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("border"), 1))
        painter.setBrush(self._theme.color("raised"))
        ground = QRectF(self.viewport().rect()).adjusted(0.5, -_RADIUS, -0.5, -0.5)
        painter.drawRoundedRect(ground, _RADIUS, _RADIUS)
        painter.end()
        super().paintEvent(event)

    def _fit(self) -> None:
        row = _HIGH_ROW if self.is_narrow else _ROW
        self.verticalHeader().setDefaultSectionSize(row)
        self.setFixedHeight(_HEADER + min(self.model().rowCount(), _MOST_ROWS) * row + 1)

    def _share_width(self) -> None:
        """The purpose takes what the others leave."""
        width = self.viewport().width()
        is_narrow = width < _NARROW
        if is_narrow is not self.is_narrow:
            self.is_narrow = is_narrow
            self._fit()
        header = self.horizontalHeader()
        for column in (Column.HOST, Column.SENT):
            header.setSectionHidden(column, is_narrow)
        taken = 0
        for column, wanted in (_NARROW_WIDTHS if is_narrow else _WIDTHS).items():
            header.resizeSection(column, wanted)
            taken += wanted
        header.resizeSection(Column.PURPOSE, width - taken)

    def _repaint(self) -> None:
        self.viewport().update()
        self.horizontalHeader().viewport().update()


class _LedgerHeader(QHeaderView):
    def __init__(self, theme: Theme) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._theme = theme
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(40)
        self.setHighlightSections(False)
        self.setSectionsClickable(False)

    @override
    def paintEvent(self, e: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.viewport().rect()).adjusted(0.5, 0.5, -0.5, _RADIUS)
        path = QPainterPath()
        path.addRoundedRect(whole, _RADIUS, _RADIUS)
        painter.setClipRect(self.viewport().rect())
        painter.fillPath(path, self._theme.color("inset"))
        painter.setPen(QPen(self._theme.color("border"), 1))
        painter.drawPath(path)
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
        painter.setFont(self._theme.font(TextRole.SMALL, weight=600))
        painter.setPen(self._theme.color("text_2"))
        for column in Column:
            if not self.isSectionHidden(column):
                place = QRect(self.sectionViewportPosition(column), 0, self.sectionSize(column), self.height())
                inner = _inner(place, column, self.layoutDirection())
                painter.drawText(inner, _flags(column), self.model().headerData(column, self.orientation()))
        painter.end()


class _LedgerDelegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, icons: Icons, parent: LedgerTable) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._table = parent

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, _HIGH_ROW if self._table.is_narrow else _ROW)

    @override
    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        rect: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue] - the stubs miss the option's fields
        column = Column(index.column())
        painter.save()
        if self._is_current(index):
            ground = rect.adjusted(int(column is Column.TIME), 0, -int(column is Column.RESULT), -1)
            painter.fillRect(ground, self._theme.color("accent_soft"))
        if index.row() < index.model().rowCount() - 1:
            painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, self._theme.color("border"))
        place = self._inner(rect, column)
        ending: Ending = index.data(ENDING_ROLE)
        if column is Column.RESULT:
            place = self._paint_icon(painter, place, ending)
        color = ending.color if column is Column.RESULT else _COLORS.get(column, "text_2")
        if column is Column.PURPOSE and self._table.is_narrow:
            lines = place.adjusted(0, (_HIGH_ROW - 2 * _LINE) // 2, 0, 0)
            host = index.model().index(index.row(), Column.HOST).data()
            self._paint_words(painter, QRect(lines.left(), lines.top(), lines.width(), _LINE), column, index.data())
            place = QRect(lines.left(), lines.top() + _LINE, lines.width(), _LINE)
            self._paint_words(painter, place, Column.HOST, host, "text_2")
        else:
            self._paint_words(painter, place, column, index.data(), color)
        painter.restore()

    def _paint_words(self, painter: QPainter, place: QRect, column: Column, words: str, color: str = "text") -> None:
        painter.setFont(self._font(column))
        painter.setPen(self._theme.color(color))
        mode = Qt.TextElideMode.ElideMiddle if column is Column.HOST else Qt.TextElideMode.ElideRight
        painter.drawText(place, _flags(column), painter.fontMetrics().elidedText(words, mode, place.width()))

    def _is_current(self, index: QModelIndex | QPersistentModelIndex) -> bool:
        return self._table.hasFocus() and self._table.currentIndex().row() == index.row()

    def _inner(self, rect: QRect, column: Column) -> QRect:
        return _inner(rect, column, self._table.layoutDirection())

    def _paint_icon(self, painter: QPainter, place: QRect, ending: Ending) -> QRect:
        """Paint the icon of a result, and give what is left for its words."""
        direction = self._table.layoutDirection()
        icon = QRect(place.left(), place.center().y() - _ICON // 2, _ICON, _ICON)
        tone, dpr = self._theme.color(ending.color), self._table.devicePixelRatioF()
        painter.drawPixmap(QStyle.visualRect(direction, place, icon), self._icons.pixmap(ending.icon, tone, _ICON, dpr))
        return QStyle.visualRect(direction, place, place.adjusted(_ICON + _PADDING, 0, 0, 0))

    def _font(self, column: Column) -> QFont:
        if column is Column.HOST:
            return self._theme.font(TextRole.CODE)
        return self._theme.font(TextRole.SMALL if column in NUMBERS else TextRole.INTERFACE)


def _flags(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignTrailing if column in NUMBERS else Qt.AlignmentFlag.AlignLeading
    return side | Qt.AlignmentFlag.AlignVCenter


def _inner(rect: QRect, column: Column, direction: Qt.LayoutDirection) -> QRect:
    """Where the words of a cell are: the first and the last keep more room at the edge."""
    first = _SIDE if column is Column.TIME else _PADDING
    last = _SIDE if column is Column.RESULT else _PADDING
    return QStyle.visualRect(direction, rect, rect.adjusted(first, 0, -last, 0))

"""The list that a choice opens: each value in a row, the chosen one with a check mark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QStyle, QVBoxLayout, QWidget
from typing_extensions import override

from app.ui.focus_ring import SHOWS_OWN_FOCUS
from app.ui.icons import Icons
from app.ui.list_walk import STEPS, WalkedRow, walk
from app.ui.theme import TextRole, Theme

_ROW: Final = 32
_PADDING: Final = 10
_CHECK: Final = 14


class ChoiceList(QWidget):
    """Rows that are walked with the arrow keys and taken with Enter."""

    taken = Signal(int)

    def __init__(self, labels: Sequence[str], current: int, theme: Theme, icons: Icons) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.rows = [_ChoiceRow(label, theme, icons) for label in labels]
        for row in self.rows:
            row.clicked.connect(self._take)
            layout.addWidget(row)
        self.rows[current].setChecked(True)
        self.setFocusProxy(self.rows[current])

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = STEPS.get(event.key())
        if step is None:
            super().keyPressEvent(event)
        else:
            walk(self.rows, step)

    def _take(self) -> None:
        at = next(index for index, row in enumerate(self.rows) if row is self.sender())
        self.taken.emit(at)


class _ChoiceRow(WalkedRow):
    def __init__(self, label: str, theme: Theme, icons: Icons) -> None:
        super().__init__(theme)
        self._icons = icons
        self.setText(label)
        self.setAccessibleName(label)
        self.setCheckable(True)
        self.setProperty(SHOWS_OWN_FOCUS, True)
        self.setFont(theme.font(TextRole.ROW))

    @override
    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 4 * _PADDING + _CHECK, _ROW)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.hasFocus():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("hover_raised"))
            painter.drawRoundedRect(QRectF(self.rect()), 8, 8)
        inner = self.rect().adjusted(_PADDING, 0, -_PADDING, 0)
        painter.setPen(self._theme.color("text"))
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, self.text())
        if self.isChecked():
            end = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            place = QStyle.alignedRect(self.layoutDirection(), end, QSize(_CHECK, _CHECK), inner)
            check = self._icons.pixmap("check", self._theme.color("accent"), _CHECK, self.devicePixelRatioF())
            painter.drawPixmap(place, check)
        painter.end()

"""A row with a box to check."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy
from typing_extensions import override

from app.ui.check_box import BOX, paint_check_box
from app.ui.icons import Icons
from app.ui.list_walk import STEPS
from app.ui.mirroring import mirrored
from app.ui.painted_button import PaintedButton
from app.ui.theme import TextRole, Theme

_HEIGHT: Final = 52
_SIDE: Final = 16
_LEFT: Final = 48
_END: Final = 100


class CheckRow(PaintedButton):
    """A name with a line below it, and a word at the end. Space, Enter and a click check it."""

    walked = Signal(int)

    def __init__(self, name: str, below: str, end: str, theme: Theme, icons: Icons) -> None:
        super().__init__(theme)
        self._icons = icons
        self._below = below
        self._end = end
        self.setText(name)
        self.setAccessibleName(name)
        self.setAccessibleDescription(f"{end}, {below}")
        self.setCheckable(True)
        self.setChecked(True)
        self.setToolTip(below)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @override
    def sizeHint(self) -> QSize:
        return QSize(240, _HEIGHT)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in STEPS:
            self.walked.emit(STEPS[event.key()])
        else:
            super().keyPressEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("hover_raised"))
            painter.drawRoundedRect(self.rect().adjusted(4, 4, -4, -3), 8, 8)
        box = mirrored(self, QRect(_SIDE, (self.height() - BOX) // 2, BOX, BOX))
        paint_check_box(painter, box, self, self._theme, self._icons)
        room = self.width() - _LEFT - _SIDE - _END
        self._draw(painter, QRect(_LEFT, 8, room, 19), self.text(), TextRole.ROW, "text")
        self._draw(painter, QRect(_LEFT, 27, room, 17), self._below, TextRole.SMALL, "text_3")
        end = QRect(self.width() - _SIDE - _END, 0, _END, self.height())
        painter.setFont(self._theme.font(TextRole.ROW))
        painter.setPen(self._theme.color("text_2"))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignTrailing
        painter.drawText(mirrored(self, end), flags, self._end)
        painter.end()

    def _draw(self, painter: QPainter, place: QRect, words: str, role: TextRole, color: str) -> None:
        font = self._theme.font(role, weight=500 if role is TextRole.ROW else None)
        painter.setFont(font)
        painter.setPen(self._theme.color(color))
        shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideMiddle, place.width())
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        painter.drawText(mirrored(self, place), flags, shown)

"""A check mark that the user sets, with the words it stands for."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy
from typing_extensions import override

from app.ui.check_box import BOX, paint_check_box
from app.ui.icons import Icons
from app.ui.mirroring import mirrored
from app.ui.painted_button import PaintedButton
from app.ui.theme import TextRole, Theme

_GAP: Final = 10
_HEIGHT: Final = 28


class TickBox(PaintedButton):
    """Starts empty."""

    def __init__(self, words: str, theme: Theme, icons: Icons) -> None:
        super().__init__(theme)
        self._icons = icons
        self.setCheckable(True)
        self.say(words)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def say(self, words: str) -> None:
        """Stand for other words."""
        self.setText(words)
        self.setAccessibleName(words)
        self.setToolTip(words if len(words) > _LONG else "")
        self.updateGeometry()

    @override
    def sizeHint(self) -> QSize:
        words = QFontMetrics(self._theme.font(TextRole.INTERFACE)).horizontalAdvance(self.text())
        return QSize(BOX + _GAP + words + 2, _HEIGHT)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(BOX + _GAP + 60, _HEIGHT)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = mirrored(self, QRect(0, (_HEIGHT - BOX) // 2, BOX, BOX))
        paint_check_box(painter, box, self, self._theme, self._icons)
        painter.setFont(self._theme.font(TextRole.INTERFACE))
        painter.setPen(self._theme.color("text" if self.isEnabled() else "disabled"))
        words = mirrored(self, self.rect().adjusted(BOX + _GAP, 0, 0, 0))
        shown = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, shown)
        painter.end()


_LONG: Final = 40

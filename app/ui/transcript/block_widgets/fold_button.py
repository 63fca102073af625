"""A chevron and a word that unfold something below them."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.icons import Icons
from app.ui.mirroring import mirrored
from app.ui.theme import TextRole, Theme

_CHEVRON: Final = 13
_SIDE: Final = 4
_GAP: Final = 6
_HEIGHT: Final = 24


class FoldButton(QAbstractButton):
    """Quiet until it is pointed at."""

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._is_unfolded = False
        self.setObjectName("fold_button")
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_state(self, words: str, *, is_unfolded: bool) -> None:
        """Say what is below, and whether it is unfolded now."""
        self._is_unfolded = is_unfolded
        self.setText(words)
        self.setAccessibleName(tr("{words}, shown", words=words) if is_unfolded else tr("{words}, hidden", words=words))
        self.setToolTip(tr("Hide the thoughts") if is_unfolded else tr("Show the thoughts"))
        self.update()

    @override
    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._theme.font(TextRole.INTERFACE))
        return QSize(2 * _SIDE + _CHEVRON + _GAP + metrics.horizontalAdvance(self.text()), _HEIGHT)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = self._theme.color("text" if self.underMouse() else "text_3")
        name = "chevron-down" if self._is_unfolded else "chevron-right"
        chevron = self._icons.pixmap(name, color, _CHEVRON, self.devicePixelRatioF())
        place = QRect(_SIDE, (self.height() - _CHEVRON) // 2, _CHEVRON, _CHEVRON)
        painter.drawPixmap(mirrored(self, place), chevron)
        painter.setFont(self._theme.font(TextRole.INTERFACE))
        painter.setPen(color)
        place = mirrored(self, self.rect().adjusted(_SIDE + _CHEVRON + _GAP, 0, 0, 0))
        painter.drawText(
            place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine, self.text()
        )
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._theme.color("accent"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
        painter.end()

"""Unfolds the settings that few people need."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy
from typing_extensions import override

from app.translation import tr
from app.ui.icons import Icons
from app.ui.mirroring import mirrored
from app.ui.painted_button import PaintedButton
from app.ui.theme import TextRole, Theme

_HEIGHT: Final = 32
_CHEVRON: Final = 13
_PADDING: Final = 10
_GAP: Final = 6


class MoreButton(PaintedButton):
    """A chevron and “More”. Checked is unfolded."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__(theme)
        self._icons = icons
        self.setCheckable(True)
        self.setText(tr("More"))
        self.setFont(theme.font(TextRole.ROW, weight=500))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.toggled.connect(self._name)
        self._name()

    @override
    def sizeHint(self) -> QSize:
        words = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(2 * _PADDING + _CHEVRON + _GAP + words, _HEIGHT)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("hover"))
            painter.drawRoundedRect(QRectF(self.rect()), 8, 8)
        tone = self._theme.color("text" if self.underMouse() else "text_2")
        chevron = "chevron-down" if self.isChecked() else "chevron-right"
        place = QRect(_PADDING, (self.height() - _CHEVRON) // 2, _CHEVRON, _CHEVRON)
        pixmap = self._icons.pixmap(chevron, tone, _CHEVRON, self.devicePixelRatioF())
        painter.drawPixmap(mirrored(self, place), pixmap)
        painter.setPen(tone)
        words = mirrored(self, self.rect().adjusted(_PADDING + _CHEVRON + _GAP, 0, 0, 0))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, self.text())
        painter.end()

    def _name(self) -> None:
        self.setAccessibleName(tr("More settings, shown") if self.isChecked() else tr("More settings, hidden"))

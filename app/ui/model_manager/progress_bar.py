"""A thin bar that fills."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QProgressBar, QSizePolicy
from typing_extensions import override

from app.ui.theme import Theme

_HEIGHT: Final = 5
_STEPS: Final = 1000


class ThinBar(QProgressBar):
    """How much of something is done. A screen reader hears it as a progress bar."""

    def __init__(self, name: str, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setAccessibleName(name)
        self.setRange(0, _STEPS)
        self.setTextVisible(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def set_fraction(self, fraction: float) -> None:
        """Show how much is done, 0 to 1."""
        self.setValue(round(fraction * _STEPS))

    @override
    def sizeHint(self) -> QSize:
        return QSize(80, _HEIGHT)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(40, _HEIGHT)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(self.rect())
        painter.setBrush(self._theme.color("border"))
        painter.drawRoundedRect(whole, _HEIGHT / 2, _HEIGHT / 2)
        done = max(float(_HEIGHT), whole.width() * self.value() / _STEPS) if self.value() else 0.0
        right_to_left = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        left = whole.right() - done if right_to_left else whole.left()
        painter.setBrush(self._theme.color("accent"))
        painter.drawRoundedRect(QRectF(left, whole.top(), done, whole.height()), _HEIGHT / 2, _HEIGHT / 2)
        painter.end()

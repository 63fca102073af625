"""How far a download is, as a thin line."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QProgressBar, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.theme import Theme

_HEIGHT: Final = 5
_STEPS: Final = 1000


class DownloadProgress(QProgressBar):
    """A rounded line. It is `tone`-coloured as far as it has come."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tone = "accent"
        self.setAccessibleName(tr("Progress of the download"))
        self.setRange(0, _STEPS)
        self.setTextVisible(False)
        self.setFixedHeight(_HEIGHT)
        theme.changed.connect(self.update)

    def set_progress(self, fraction: float, tone: str = "accent") -> None:
        """Show how much is here, 0 to 1, in the colour of a token."""
        self._tone = tone
        self.setValue(round(fraction * _STEPS))
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(self.rect())
        radius = whole.height() / 2
        painter.setBrush(self._theme.color("border"))
        painter.drawRoundedRect(whole, radius, radius)
        done = whole.width() * self.value() / _STEPS
        if done:
            done = max(done, whole.height())
            right_to_left = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
            painter.setBrush(self._theme.color(self._tone))
            painter.drawRoundedRect(
                QRectF(whole.width() - done if right_to_left else 0.0, 0.0, done, whole.height()), radius, radius
            )
        painter.end()

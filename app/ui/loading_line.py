"""The 2 px line that says something is being loaded, once it takes longer than a moment."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QProgressBar, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.theme import Theme

LINE: Final = 2
_MOMENT_MS: Final = 300
_STEPS: Final = 1000


class LoadingLine(QProgressBar):
    """A progress bar without a box. What is done within 300 ms never shows."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._moment = QTimer(self, singleShot=True, interval=_MOMENT_MS)
        self._moment.timeout.connect(self.show)
        self.setAccessibleName(tr("Loading the model"))
        self.setRange(0, _STEPS)
        self.setTextVisible(False)
        self.setFixedHeight(LINE)
        self.hide()
        theme.changed.connect(self.update)

    def set_fraction(self, fraction: float | None) -> None:
        """Show how much is done, 0 to 1; None when nothing is being loaded."""
        if fraction is None:
            self._moment.stop()
            self.hide()
            return
        self.setValue(round(fraction * _STEPS))
        if self.isHidden() and not self._moment.isActive():
            self._moment.start()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        done = self.width() * self.value() / _STEPS
        right_to_left = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        painter.setPen(Qt.PenStyle.NoPen)
        painter.fillRect(QRectF(self.rect()), self._theme.color("border"))
        left = self.width() - done if right_to_left else 0.0
        painter.fillRect(QRectF(left, 0, done, self.height()), self._theme.color("accent"))
        painter.end()

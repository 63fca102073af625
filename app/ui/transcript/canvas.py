"""The ground that all strips stand on."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from app.ui.theme import Theme


class Canvas(QWidget):
    """As tall as the conversation and opaque, so that scrolling only moves it. It paints the bars beside quotes."""

    painted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._bars: list[QRect] = []
        self.painted_pixels = 0
        """How much was painted so far: the work that a test counts."""
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_StaticContents)

    def set_bars(self, bars: Sequence[QRect]) -> None:
        """Paint these bars from now on."""
        if list(bars) != self._bars:
            for bar in (*self._bars, *bars):
                self.update(bar)
            self._bars = list(bars)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), self._theme.color("window"))
        for bar in self._bars:
            if bar.intersects(event.rect()):
                painter.fillRect(bar, self._theme.color("border_strong"))
        painter.end()
        self.painted_pixels += event.rect().width() * event.rect().height()
        self.painted.emit()

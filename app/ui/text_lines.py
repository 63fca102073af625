"""Lines of text to write, in a frame as other fields have it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QVBoxLayout, QWidget
from typing_extensions import override

from app.ui.theme import TextRole, Theme

_RADIUS: Final = 8


class FramedLines(QWidget):
    """The border around the lines; it is coloured while somebody writes."""

    def __init__(self, text: QPlainTextEdit, height: int, theme: Theme) -> None:
        super().__init__()
        self._text = text
        self._theme = theme
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 2, 4)
        layout.addWidget(text)
        text.setFrameShape(QFrame.Shape.NoFrame)
        text.setTabChangesFocus(True)
        text.setFont(theme.font(TextRole.INTERFACE))
        text.installEventFilter(self)
        self.setFixedHeight(height)
        self._dress()
        theme.changed.connect(self._dress)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return super().eventFilter(watched, event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("accent" if self._text.hasFocus() else "border_control"), 1))
        painter.setBrush(self._theme.color("raised"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        painter.end()

    def _dress(self) -> None:
        palette = self._text.palette()
        palette.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.transparent)
        self._text.setPalette(palette)
        self.update()

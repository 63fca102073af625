"""The square that sends, and the one that stops, in the same place."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from typing_extensions import override

from app.ui.icons import Icons
from app.ui.painted_button import PaintedButton
from app.ui.theme import Theme

_SIDE: Final = 32
_RADIUS: Final = 9
_ICON: Final = 16
_STOP: Final = 10


class _SquareButton(PaintedButton):
    def __init__(self, name: str, object_name: str, theme: Theme) -> None:
        super().__init__(theme)
        self.setObjectName(object_name)
        self.setAccessibleName(name)
        self.setFixedSize(_SIDE, _SIDE)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(self.ground()))
        painter.drawRoundedRect(QRectF(self.rect()), _RADIUS, _RADIUS)
        self.paint_sign(painter)
        painter.end()

    def ground(self) -> str:
        """The token of its ground."""
        return "accent"

    def paint_sign(self, painter: QPainter) -> None:
        """Paint what stands on it."""


class SendButton(_SquareButton):
    """Accent when there is something to send."""

    def __init__(self, name: str, theme: Theme, icons: Icons) -> None:
        super().__init__(name, "send_button", theme)
        self._icons = icons

    @override
    def ground(self) -> str:
        if not self.isEnabled():
            return "pressed"
        if self.isDown():
            return "accent_pressed"
        return "accent_hover" if self.underMouse() else "accent"

    @override
    def paint_sign(self, painter: QPainter) -> None:
        color = self._theme.color("on_accent" if self.isEnabled() else "text_3")
        place = (_SIDE - _ICON) // 2
        painter.drawPixmap(place, place, self._icons.pixmap("arrow-up", color, _ICON, self.devicePixelRatioF()))


class StopButton(_SquareButton):
    """The darkest thing beside the words: a reply is being written, and this ends it."""

    def __init__(self, name: str, theme: Theme) -> None:
        super().__init__(name, "stop_button", theme)

    @override
    def ground(self) -> str:
        return "text_2" if self.isDown() or self.underMouse() else "text"

    @override
    def paint_sign(self, painter: QPainter) -> None:
        painter.setBrush(self._theme.color("window"))
        place = (_SIDE - _STOP) / 2
        painter.drawRoundedRect(QRectF(place, place, _STOP, _STOP), 2, 2)

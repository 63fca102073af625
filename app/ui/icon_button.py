"""A button that is only an icon, and still says what it does and by which key."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from app.ui.icons import Icons
from app.ui.painted_button import PaintedButton
from app.ui.theme import Theme

_RADIUS = 8


class IconButton(PaintedButton):
    """An icon on a square of its own that is tinted while pointed at. `name` is its tooltip and accessible name."""

    def __init__(  # noqa: PLR0913 - all of it is how one button looks
        self,
        icon: str,
        name: str,
        theme: Theme,
        icons: Icons,
        *,
        key: str = "",
        size: int = 30,
        icon_size: int = 16,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self._drawing = icon
        self._icons = icons
        self._icon_size = icon_size
        self.setFixedSize(size, size)
        self.set_name(name, key=key)

    def set_name(self, name: str, *, key: str = "") -> None:
        """Say what the button does now, and which key does the same."""
        self.setAccessibleName(name)
        self.setToolTip(f"{name}   {key}" if key else name)

    def set_drawing(self, icon: str) -> None:
        """Show another icon."""
        self._drawing = icon
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return self.size()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = self._ground()
        if ground:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color(ground))
            painter.drawRoundedRect(QRectF(self.rect()), _RADIUS, _RADIUS)
        side = self._icon_size
        pixmap = self._icons.pixmap(self._drawing, self._theme.color(self._tone()), side, self.devicePixelRatioF())
        painter.drawPixmap((self.width() - side) // 2, (self.height() - side) // 2, pixmap)
        painter.end()

    def _ground(self) -> str:
        if not self.isEnabled():
            return ""
        if self.isDown():
            return "pressed"
        if self.isChecked():
            return "accent_soft"
        return "hover" if self.underMouse() else ""

    def _tone(self) -> str:
        if not self.isEnabled():
            return "disabled"
        if self.isChecked():
            return "accent"
        return "text" if self.underMouse() else "text_2"

"""The round button that leads back to the end of the conversation."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.icons import Icons
from app.ui.theme import Theme

_SIZE: Final = 34
_ICON: Final = 16


class JumpButton(QAbstractButton):
    """Shown while the reader is somewhere above the end."""

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self.setObjectName("jump_to_end_button")
        self.setAccessibleName(tr("Jump to the end"))
        self.setToolTip(tr("Jump to the end") + "   End")
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFixedSize(_SIZE, _SIZE)
        self.hide()
        theme.changed.connect(self.update)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = "pressed_raised" if self.isDown() else "hover_raised" if self.underMouse() else "raised"
        painter.setBrush(self._theme.color(ground))
        ring = ("accent", 2) if self.hasFocus() else ("border_strong", 1)
        painter.setPen(QPen(self._theme.color(ring[0]), ring[1]))
        painter.drawEllipse(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        drawing = self._icons.pixmap("arrow-down", self._theme.color("text_2"), _ICON, self.devicePixelRatioF())
        painter.drawPixmap((_SIZE - _ICON) // 2, (_SIZE - _ICON) // 2, drawing)
        painter.end()

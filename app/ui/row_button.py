"""A button as wide as the sidebar: icon, words, and a quiet word at the end."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from app.ui.icons import Icons
from app.ui.mirroring import mirrored
from app.ui.painted_button import PaintedButton
from app.ui.theme import TextRole, Theme

_HEIGHT: Final = 29
_RADIUS: Final = 8
_PADDING: Final = 8
_ICON: Final = 15
_GAP: Final = 8
_ACCENTED_WEIGHT: Final = 500
_CHECKED_WEIGHT: Final = 550


class RowButton(PaintedButton):
    """Looks like a row of a list, and does one thing. `accented`: the one to begin with; checked: where one is."""

    def __init__(  # noqa: PLR0913 - all of it is how one row looks
        self,
        icon: str,
        label: str,
        theme: Theme,
        icons: Icons,
        *,
        hint: str = "",
        accented: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self._drawing = icon
        self._icons = icons
        self._hint = hint
        self._accented = accented
        self.setText(label)
        self.setAccessibleName(label)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_hint(self, hint: str) -> None:
        """Show another quiet word at the end."""
        self._hint = hint
        self.setAccessibleDescription(hint)
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(120, _HEIGHT)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        line = self.rect().adjusted(_PADDING, 0, -_PADDING, 0)
        tone = self._theme.color("accent" if self._accented else "text_2")
        icon = self._icons.pixmap(self._drawing, tone, _ICON, self.devicePixelRatioF())
        place = mirrored(self, QRect(line.left(), (self.height() - _ICON) // 2, _ICON, _ICON))
        painter.drawPixmap(place.topLeft(), icon)
        self._paint_words(painter, line)
        painter.end()

    def _paint_ground(self, painter: QPainter) -> None:
        ground = "pressed" if self.isDown() else "hover" if self.underMouse() else ""
        if self.isChecked():
            ground = "accent_soft"
        if ground:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color(ground))
            painter.drawRoundedRect(QRectF(self.rect()), _RADIUS, _RADIUS)

    def _paint_words(self, painter: QPainter, line: QRect) -> None:
        words = mirrored(self, line.adjusted(_ICON + _GAP, 0, 0, 0))
        painter.setFont(self._theme.font(TextRole.ROW, weight=self._weight()))
        painter.setPen(self._theme.color("accent" if self._accented else "text"))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        painter.drawText(words, flags, self.text())
        painter.setFont(self._theme.font(TextRole.BADGE))
        painter.setPen(self._theme.color("text_2"))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignTrailing, self._hint)

    def _weight(self) -> int | None:
        if self.isChecked():
            return _CHECKED_WEIGHT
        return _ACCENTED_WEIGHT if self._accented else None

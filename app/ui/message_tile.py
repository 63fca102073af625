"""A tile above the composer, as wide as it is, with an icon, words, and a cross to close it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.announcement import announce
from app.ui.icon_button import IconButton
from app.ui.icons import Icons
from app.ui.mirroring import mirrored
from app.ui.plain_label import PlainLabel
from app.ui.theme import TextRole, Theme

_RADIUS: Final = 12
_ICON: Final = 18
_WIDEST: Final = 744
_SIDE: Final = 20
_ABOVE: Final = 8


@dataclass(frozen=True, slots=True)
class TileLook:
    """The tokens of its ground, its edge and its icon, and how far what stands in it keeps from its sides."""

    ground: str
    edge: str | None
    tone: str
    padding: int
    gap: int
    """Between the icon and the words."""
    between: int
    """Between the lines."""


class MessageTile(QWidget):
    """Hidden until it has something to say: one strong line, and one below. Who builds on it lays it out at the end."""

    def __init__(self, look: TileLook, drawing: str, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        """`drawing` is the name of its icon."""
        super().__init__(parent)
        self._look = look
        self._drawing = drawing
        self._theme = theme
        self._icons = icons
        self._line = PlainLabel("", theme, TextRole.INTERFACE_STRONG)
        self._below = PlainLabel("", theme, TextRole.INTERFACE, "text_2")
        self._close = IconButton("x", tr("Close"), theme, icons, size=28, icon_size=14)
        self._words = QVBoxLayout()
        self._columns = QHBoxLayout(self)
        self._words.setSpacing(look.between)
        for label in (self._line, self._below):
            label.setWordWrap(True)
            self._words.addWidget(label)
        self.hide()
        theme.changed.connect(self.update)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tile, look = self._tile(), self._look
        edge = None if look.edge is None else self._theme.color(look.edge)
        painter.setPen(Qt.PenStyle.NoPen if edge is None else QPen(edge, 1))
        painter.setBrush(self._theme.color(look.ground))
        inset = 0 if edge is None else 0.5
        painter.drawRoundedRect(QRectF(tile).adjusted(inset, inset, -inset, -inset), _RADIUS, _RADIUS)
        icon = self._icons.pixmap(self._drawing, self._theme.color(look.tone), _ICON, self.devicePixelRatioF())
        place = QRect(tile.left() + look.padding, tile.top() + look.padding - 1, _ICON, _ICON)
        painter.drawPixmap(mirrored(self, place).topLeft(), icon)
        painter.end()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._keep_in_column()

    def _say(self, line: str, below: str) -> None:
        """Show this in place of what was said before, and say it to those who do not see it."""
        self._line.setText(line)
        self._below.setText(below)
        self._below.setVisible(bool(below))
        words = f"{line} {below}".strip()
        self.setAccessibleName(words)
        self.show()
        announce(self, words)

    def _tile(self) -> QRect:
        """As wide as the composer, in the middle."""
        width = min(_WIDEST, self.width() - 2 * _SIDE)
        return QRect((self.width() - width) // 2, _ABOVE, width, self.height() - _ABOVE)

    def _keep_in_column(self) -> None:
        tile, look = self._tile(), self._look
        left, right = tile.left(), self.width() - tile.right() - 1
        above = look.padding - 2
        before_words = left + look.padding + _ICON + look.gap
        self._columns.setContentsMargins(before_words, above + _ABOVE, right + look.padding - 6, above)

    def _lay_out(self, *buttons: QWidget) -> None:
        """Put the words, and `buttons` beside them, before the cross: the keyboard comes to them in this order."""
        self._columns.addLayout(self._words, 1)
        for button in (*buttons, self._close):
            self._columns.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self._keep_in_column()

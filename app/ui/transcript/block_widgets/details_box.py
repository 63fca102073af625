"""Log lines in a box of their own, with a button that copies them."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.theme import TextRole
from app.ui.transcript.block_widgets.copy_button import CopyButton
from app.ui.transcript.block_widgets.read_only_text import ReadOnlyText
from app.ui.transcript.rich_text import soften
from app.ui.transcript.surroundings import Surroundings

_SIDE: Final = 13
_ABOVE: Final = 10
_LINE: Final = 19
_PIXELS: Final = 12
_BUTTON_ROOM: Final = 36
_RADIUS: Final = 8
_FIXED_HEIGHT: Final = QTextBlockFormat.LineHeightTypes.FixedHeight.value


class DetailsBox(QWidget):
    """Plain lines on the inset ground."""

    def __init__(self, surroundings: Surroundings, parent: QWidget) -> None:
        super().__init__(parent)
        self._surroundings = surroundings
        self._details = ""
        self.text = ReadOnlyText(self)
        self.text.setLineWrapMode(QTextEdit.LineWrapMode.FixedPixelWidth)
        self.text.setAccessibleName(tr("Details"))
        self.copy_button = CopyButton(tr("Copy details"), surroundings, self)
        self.copy_button.clicked.connect(lambda: surroundings.requests.copy_requested.emit(self._details))

    def set_text(self, details: str) -> None:
        """Show these lines."""
        if details != self._details:
            self._details = details
            self.restyle()

    def height_for(self, width: int) -> int:
        """How high the box is when it is `width` wide."""
        self.text.setLineWrapColumnOrWidth(width - 2 * _SIDE - _BUTTON_ROOM)
        return math.ceil(self.text.document().size().height()) + 2 * _ABOVE

    def restyle(self) -> None:
        """Take colours and fonts anew."""
        theme = self._surroundings.theme
        look = QTextCharFormat()
        font = theme.font(TextRole.CODE)
        font.setPixelSize(_PIXELS)
        look.setFont(font)
        look.setForeground(theme.color("text_2"))
        lines = QTextBlockFormat()
        lines.setLineHeight(_LINE, _FIXED_HEIGHT)
        self.text.document().clear()
        cursor = QTextCursor(self.text.document())
        cursor.setBlockFormat(lines)
        with self.text.selection_kept():
            cursor.insertText(soften(self._details), look)
        self.update()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self.text.setGeometry(_SIDE, _ABOVE, self.width() - 2 * _SIDE - _BUTTON_ROOM, self.height() - 2 * _ABOVE)
        self.copy_button.move(self.width() - self.copy_button.width() - 5, 5)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._surroundings.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("border"), 1))
        painter.setBrush(theme.color("inset"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        painter.end()

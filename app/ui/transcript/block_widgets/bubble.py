"""What the user wrote: plain text on a ground of its own, at the right."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.mirroring import mirrored
from app.ui.theme import TextRole
from app.ui.transcript.block_widgets.read_only_text import ReadOnlyText
from app.ui.transcript.block_widgets.strip_view import StripView
from app.ui.transcript.rich_text import soften
from app.ui.transcript.strips import Bubble
from app.ui.transcript.surroundings import Surroundings

_WIDEST: Final = 560
_WIDEST_PART: Final = 0.88
_SIDE: Final = 14
_ABOVE: Final = 10
_RADIUS: Final = 14
_BREAK_HERE: Final = "\u200b"


class TypedText(ReadOnlyText):
    """Text as it was typed."""

    @override
    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """The text is always whole: selecting must not move it."""

    @override
    def selected_text(self) -> str:
        return self.textCursor().selection().toPlainText().replace(_BREAK_HERE, "")


class BubbleView(StripView[Bubble]):
    """A rounded ground that embraces its text and keeps to the right side of the column."""

    def __init__(self, surroundings: Surroundings, parent: QWidget) -> None:
        super().__init__(surroundings, parent)
        self._shown: Bubble | None = None
        self.text = TypedText(self)
        self.text.setLineWrapMode(QTextEdit.LineWrapMode.FixedPixelWidth)
        self.text.setAccessibleName(tr("You"))

    @override
    def show_strip(self, strip: Bubble) -> None:
        if strip != self._shown:
            self._shown = strip
            with self.text.selection_kept():
                self._write(strip.text)

    @override
    def height_for(self, width: int) -> int:
        widest = min(_WIDEST, round(width * _WIDEST_PART)) - 2 * _SIDE
        self.text.setLineWrapColumnOrWidth(widest)
        words = math.ceil(self.text.document().idealWidth()) + 1
        self.text.setLineWrapColumnOrWidth(min(words, widest))
        self._place()  # other words can need another width in a strip of the same size
        return math.ceil(self.text.document().size().height()) + 2 * _ABOVE

    @override
    def restyle(self) -> None:
        if self._shown is not None:
            with self.text.selection_kept():
                self._write(self._shown.text)
        self.update()

    @override
    def forget_selection(self) -> None:
        self.text.forget_selection()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.surroundings.theme.color("user"))
        ground = QRectF(self.text.geometry()).adjusted(-_SIDE, -_ABOVE, _SIDE, _ABOVE)
        painter.drawRoundedRect(ground, _RADIUS, _RADIUS)
        painter.end()

    def _place(self) -> None:
        width = self.text.lineWrapColumnOrWidth()
        place = QRect(self.width() - width - _SIDE, _ABOVE, width, self.height() - 2 * _ABOVE)
        self.text.setGeometry(mirrored(self, place))
        self.update()

    def _write(self, text: str) -> None:
        formats = self.surroundings.formats
        look = QTextCharFormat()
        look.setFont(formats.font(TextRole.WRITING))
        look.setForeground(self.surroundings.theme.color("text"))
        self.text.document().clear()
        cursor = QTextCursor(self.text.document())
        cursor.beginEditBlock()
        cursor.setBlockFormat(formats.typed(TextRole.WRITING))
        cursor.insertText(soften(text.replace("\r\n", "\n").rstrip("\n")), look)
        cursor.endEditBlock()

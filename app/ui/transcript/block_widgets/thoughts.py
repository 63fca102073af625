"""What a model thought before it answered: small, quiet, beside a rule."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.theme import TextRole
from app.ui.transcript.block_widgets.bubble import TypedText
from app.ui.transcript.block_widgets.strip_view import StripView
from app.ui.transcript.rich_text import soften
from app.ui.transcript.strips import Thoughts
from app.ui.transcript.surroundings import Surroundings

_LEFT: Final = 14
_RULE: Final = 2
_LINE: Final = 21
_FIXED_HEIGHT: Final = QTextBlockFormat.LineHeightTypes.FixedHeight.value


class ThoughtsView(StripView[Thoughts]):
    """Plain text: thoughts are read, if at all, as they came."""

    def __init__(self, surroundings: Surroundings, parent: QWidget) -> None:
        super().__init__(surroundings, parent)
        self._shown = Thoughts("")
        self.text = TypedText(self)
        self.text.setLineWrapMode(QTextEdit.LineWrapMode.FixedPixelWidth)
        self.text.setAccessibleName(tr("Thoughts"))

    @override
    def show_strip(self, strip: Thoughts) -> None:
        before, self._shown = self._shown, strip
        grows = bool(before.text) and strip.text.startswith(before.text)
        with self.text.selection_kept():
            self._write(strip.text[len(before.text) :] if grows else strip.text, is_new=not grows)

    @override
    def height_for(self, width: int) -> int:
        if self.text.lineWrapColumnOrWidth() != width - _LEFT:  # or all of a long text would be laid out again
            self.text.setLineWrapColumnOrWidth(width - _LEFT)
        return math.ceil(self.text.document().size().height())

    @override
    def restyle(self) -> None:
        with self.text.selection_kept():
            self._write(self._shown.text, is_new=True)
        self.update()

    @override
    def forget_selection(self) -> None:
        self.text.forget_selection()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self.text.setGeometry(_LEFT, 0, self.width() - _LEFT, self.height())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(0, 0, _RULE, self.height(), self.surroundings.theme.color("border_strong"))
        painter.end()

    def _write(self, text: str, *, is_new: bool) -> None:
        theme = self.surroundings.theme
        look = QTextCharFormat()
        look.setFont(theme.font(TextRole.INTERFACE, zoomed=True))
        look.setForeground(theme.color("text_3"))
        cursor = QTextCursor(self.text.document())
        if is_new:
            self.text.document().clear()
            place = QTextBlockFormat()
            place.setLineHeight(round(_LINE * theme.zoom), _FIXED_HEIGHT)
            cursor.setBlockFormat(place)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(soften(text), look)

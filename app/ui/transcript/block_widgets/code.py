"""A block of code: framed, with its language, a copy button, and lines that scroll instead of wrapping."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import (
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QWheelEvent,
)
from PySide6.QtWidgets import QTextEdit, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.theme import TextRole
from app.ui.transcript.block_widgets.across import scroll_across
from app.ui.transcript.block_widgets.caret import paint_caret
from app.ui.transcript.block_widgets.copy_button import CopyButton
from app.ui.transcript.block_widgets.read_only_text import ReadOnlyText
from app.ui.transcript.block_widgets.strip_view import StripView
from app.ui.transcript.blocks import Code
from app.ui.transcript.code_colours import CodeColours
from app.ui.transcript.strips import CodeStrip
from app.ui.transcript.surroundings import Surroundings

_HEAD: Final = 34
_ABOVE: Final = 10
_BELOW: Final = 14
_SIDE: Final = 15
_RADIUS: Final = 10
_TAB_LETTERS: Final = 4


class CodeView(StripView[CodeStrip]):
    """A frame with a head (language, copy) and the code."""

    def __init__(self, surroundings: Surroundings, parent: QWidget) -> None:
        super().__init__(surroundings, parent)
        self._shown = CodeStrip(Code(""))
        self.text = CodeText(surroundings, self)
        self.copy_button = CopyButton(tr("Copy code"), surroundings, self)
        self.copy_button.clicked.connect(lambda: surroundings.requests.copy_requested.emit(self._shown.code.text))

    @override
    def show_strip(self, strip: CodeStrip) -> None:
        if strip.code.text != self._shown.code.text and not strip.code.text.startswith(self._shown.code.text):
            self.copy_button.reset()
        self._shown = strip
        self.text.has_caret = strip.has_caret
        with self.text.selection_kept():
            self.text.write(strip.code)
        self.update()

    @override
    def buttons(self) -> Sequence[QWidget]:
        return (self.copy_button,)

    @override
    def height_for(self, width: int) -> int:
        return _HEAD + _ABOVE + self.text.lines_height() + _BELOW

    @override
    def restyle(self) -> None:
        self.text.is_plain = self.is_left_out
        with self.text.selection_kept():
            self.text.restyle()
        self.update()

    @override
    def forget_selection(self) -> None:
        self.text.forget_selection()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self.text.setGeometry(_SIDE, _HEAD + _ABOVE, self.width() - _SIDE - 1, self.height() - _HEAD - _ABOVE - 1)
        button = self.copy_button
        button.move(self.width() - button.width() - 7, (_HEAD - button.height()) // 2)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self.surroundings.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("border"), 1))
        painter.setBrush(theme.color("inset"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        painter.fillRect(1, _HEAD - 1, self.width() - 2, 1, theme.color("border"))
        painter.setFont(theme.font(TextRole.INTERFACE))
        painter.setPen(theme.color("text_2"))
        language = self._shown.code.language or tr("text")
        place = QRectF(_SIDE, 0, self.width() - 2 * _SIDE - self.copy_button.width(), _HEAD - 1)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, language)
        painter.end()


class CodeText(ReadOnlyText):
    """Code, coloured by its language, that only grows while it is written."""

    def __init__(self, surroundings: Surroundings, parent: QWidget) -> None:
        super().__init__(parent)
        self._surroundings = surroundings
        self._code = Code("")
        self._colours = CodeColours(self.document, surroundings.theme, self)
        self.has_caret = False
        self.is_plain = False
        """Whether it is all in one quiet colour."""
        self.setLineWrapMode(QTextEdit.LineWrapMode.NoWrap)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)

    def write(self, code: Code) -> None:
        """Show `code`; what stands there already is kept."""
        before, self._code = self._code, code
        cursor = QTextCursor(self.document())
        if not before.text or not code.text.startswith(before.text):
            self.document().clear()
            self._prepare(cursor)
            before = Code("")
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(code.text[len(before.text) :], self._look())
        self._colours.colour(code.text, "" if self.is_plain else code.language)
        self.setAccessibleName(tr("Code, {language}", language=code.language or tr("text")))
        self.viewport().update()

    @override
    def lines_height(self) -> int:
        theme = self._surroundings.theme
        return (self._code.text.count("\n") + 1) * round(theme.line_height(TextRole.CODE) * theme.zoom)

    def restyle(self) -> None:
        """Take colours and fonts anew."""
        code, self._code = self._code, Code("")
        self.write(code)
        self._colours.restyle()

    @override
    def paintEvent(self, e: QPaintEvent) -> None:
        super().paintEvent(e)
        if self.has_caret:
            painter = QPainter(self.viewport())
            painter.translate(-self.horizontalScrollBar().value(), 0)
            paint_caret(painter, self.document().lastBlock(), self._surroundings.theme)
            painter.end()

    @override
    def wheelEvent(self, e: QWheelEvent) -> None:
        scroll_across(e, self.horizontalScrollBar())

    def _prepare(self, cursor: QTextCursor) -> None:
        font = self._surroundings.formats.font(TextRole.CODE)
        self.document().setDefaultFont(font)
        self.setTabStopDistance(_TAB_LETTERS * QFontMetricsF(font).horizontalAdvance(" "))
        cursor.setBlockFormat(self._surroundings.formats.typed(TextRole.CODE))
        self.horizontalScrollBar().setValue(0)

    def _look(self) -> QTextCharFormat:
        return self._surroundings.formats.look(TextRole.CODE, "text_3" if self.is_plain else "text")

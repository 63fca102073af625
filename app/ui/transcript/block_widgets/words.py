"""Paragraphs, headings and lists: real text, with what rich text cannot draw painted around it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent, QTextBlock
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.theme import TextRole
from app.ui.transcript.block_widgets.caret import paint_caret
from app.ui.transcript.block_widgets.pills import paint_pills
from app.ui.transcript.block_widgets.strip_view import StripView
from app.ui.transcript.block_widgets.whole_text import WholeText
from app.ui.transcript.rich_text import WordsWriter
from app.ui.transcript.strips import Words, nesting_of
from app.ui.transcript.surroundings import Surroundings
from app.ui.transcript.text_formats import GUTTER, MARKER

_BULLET: Final = "•"
_BULLET_SIZE: Final = 5.5
_BULLET_PLACE: Final = 13
_MARKER_GAP: Final = 6


class WordsView(StripView[Words]):
    """A run of paragraphs."""

    overhang = GUTTER

    def __init__(self, surroundings: Surroundings, parent: QWidget) -> None:
        super().__init__(surroundings, parent)
        self.text = WordsText(surroundings, self)
        self.text.link_activated.connect(surroundings.requests.link_activated)
        self._writer = WordsWriter(self.text.document, surroundings.formats)
        self._shown = Words(())

    @override
    def show_strip(self, strip: Words) -> None:
        self._shown = strip
        self.text.has_pills = any(span.style.code for part in strip.paragraphs for span in part.spans)
        self.text.has_caret = strip.has_caret
        self.text.tone = "text_2" if nesting_of(strip) and not self.is_left_out else self.tone
        with self.text.selection_kept():
            self._writer.write(strip.paragraphs)
        self.text.viewport().update()

    @override
    def height_for(self, width: int) -> int:
        self.text.set_width(width + 2 * GUTTER)
        return self.text.lines_height()

    @override
    def restyle(self) -> None:
        self._writer.use(self.formats)
        self.show_strip(self._shown)

    @override
    def forget_selection(self) -> None:
        self.text.forget_selection()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self.text.setGeometry(self.rect())


class WordsText(WholeText):
    """Text with frames around inline code, and with bullets and numbers that stand outside of it."""

    def __init__(self, surroundings: Surroundings, parent: QWidget) -> None:
        super().__init__(parent)
        self._surroundings = surroundings
        self.has_pills = False
        self.has_caret = False
        self.tone = "text"
        self.setAccessibleName(tr("Reply"))

    @override
    def paintEvent(self, e: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for block in self._blocks_in(QRectF(e.rect())):
            if self.has_pills:
                paint_pills(painter, block, self._surroundings.theme)
            self._paint_marker(painter, block)
        if self.has_caret:
            paint_caret(painter, self.document().lastBlock(), self._surroundings.theme)
        painter.end()
        super().paintEvent(e)

    def _blocks_in(self, clip: QRectF) -> Iterator[QTextBlock]:
        layout = self.document().documentLayout()
        block = self.document().firstBlock()
        while block.isValid():
            place = layout.blockBoundingRect(block)
            if place.top() > clip.bottom():
                return
            if place.bottom() >= clip.top():
                yield block
            block = block.next()

    def _paint_marker(self, painter: QPainter, block: QTextBlock) -> None:
        marker = block.blockFormat().stringProperty(MARKER)
        line = block.layout().lineAt(0)
        if not marker or not line.isValid():
            return
        theme = self._surroundings.theme
        is_turned = block.textDirection() is Qt.LayoutDirection.RightToLeft
        outwards = 1 if is_turned else -1
        edge = block.layout().position().x() + line.x() + (line.width() if is_turned else 0)
        baseline = block.layout().position().y() + line.y() + line.ascent()
        if marker == _BULLET:
            size = _BULLET_SIZE * theme.zoom
            height = baseline - QFontMetricsF(self._font()).xHeight() / 2
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(self.tone))
            painter.drawEllipse(QPointF(edge + outwards * _BULLET_PLACE * theme.zoom, height), size / 2, size / 2)
        else:
            painter.setFont(self._font())
            painter.setPen(theme.color(self.tone))
            width = 0 if is_turned else painter.fontMetrics().horizontalAdvance(marker)
            painter.drawText(QPointF(edge + outwards * _MARKER_GAP * theme.zoom - width, baseline), marker)

    def _font(self) -> QFont:
        return self._surroundings.formats.font(TextRole.READING)

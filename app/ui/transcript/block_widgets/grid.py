"""The cells of a table, laid out: how wide its columns are and how high its rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QTextCharFormat, QTextLayout, QTextOption

from app.ui.theme import TextRole
from app.ui.transcript.blocks import Alignment, Paragraph, Spans, Style, Table
from app.ui.transcript.prefix_heights import PrefixHeights
from app.ui.transcript.rich_text import soften
from app.ui.transcript.text_formats import TextFormats

COLUMN_GAP: Final = 32
_CELL_PIXELS: Final = 14
_LINE: Final = 21
_PADDING: Final = 7
_NARROWEST: Final = 90
_STRETCHES_FROM: Final = 160
"""A table whose widest column is narrower is not drawn apart to fill the column of the page."""

_FLAGS: Final = {
    Alignment.LEADING: Qt.AlignmentFlag.AlignLeading,
    Alignment.CENTRE: Qt.AlignmentFlag.AlignHCenter,
    Alignment.TRAILING: Qt.AlignmentFlag.AlignTrailing,
}
_UNBOUND: Final = 100_000


class Cell:
    """One cell's text, laid out again only when its column gets another width."""

    def __init__(self, spans: Spans, alignment: Alignment, formats: TextFormats, zoom: float, *, is_head: bool) -> None:
        self.spans = spans
        self._line = round(_LINE * zoom)
        words = Paragraph(spans)
        text = ""
        ranges: list[QTextLayout.FormatRange] = []
        for span in spans:
            softened = soften(span.text.replace("\n", " "))
            look = _look(span.style, words, formats, zoom, is_head=is_head)
            ranges.append(_range(len(text), softened, look, text))
            text += softened
        self.layout = QTextLayout(text, _font(formats, zoom))
        self.layout.setFormats(ranges)
        option = QTextOption(_FLAGS[alignment])
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.layout.setTextOption(option)
        self.layout.setCacheEnabled(True)
        self._width = -1.0
        self.lines = 1
        self.natural_width = self._measure()

    def lay(self, width: float) -> int:
        """Break into lines of `width`; give the height."""
        if width != self._width:
            self._width = width
            self.layout.beginLayout()
            self.lines = 0
            while (line := self.layout.createLine()).isValid():
                line.setLineWidth(width)
                line.setPosition(QPointF(0, self.lines * self._line + (self._line - line.height()) / 2))
                self.lines += 1
            self.layout.endLayout()
        return max(1, self.lines) * self._line

    def link_at(self, point: QPointF) -> str:
        """The address of the words at `point`, counted from the cell's corner."""
        for number in range(self.layout.lineCount()):
            line = self.layout.lineAt(number)
            if line.naturalTextRect().contains(point):
                position = line.xToCursor(point.x())
                for found in self.layout.formats():
                    if found.start <= position < found.start + found.length:
                        return found.format.anchorHref()
        return ""

    def _measure(self) -> float:
        self.layout.beginLayout()
        line = self.layout.createLine()
        width = 0.0
        if line.isValid():
            line.setLineWidth(_UNBOUND)
            width = line.naturalTextWidth()
        self.layout.endLayout()
        return width + 1  # so that rounding never breaks the line


class Grid:
    """All cells of one table. Rows that are added leave the others alone, unless a column has to change."""

    def __init__(self, formats: TextFormats, zoom: float) -> None:
        self._formats = formats
        self._zoom = zoom
        self.rows: list[list[Cell]] = []
        self.column_lefts: list[float] = []
        self.column_widths: list[float] = []
        self.row_tops = PrefixHeights()
        self.width = 0.0

    def take(self, table: Table) -> None:
        """Make the cells of `table` that are not there yet; a table only grows, or is another one."""
        wanted = (table.header, *table.rows)
        same = 0
        for cells, spans in zip(self.rows, wanted, strict=False):
            if tuple(cell.spans for cell in cells) != spans:
                break
            same += 1
        del self.rows[same:]
        for number, spans in enumerate(wanted[same:], same):
            self.rows.append(self._row(spans, table.alignments, is_head=number == 0))

    def lay(self, width: int) -> int:
        """Fit into `width` if the words allow it; give the height."""
        naturals = [max(row[at].natural_width for row in self.rows) for at in range(len(self.rows[0]))]
        room = width - COLUMN_GAP * self._zoom * (len(naturals) - 1)
        self.column_widths = column_widths(naturals, room, _NARROWEST * self._zoom)
        self.column_lefts = []
        left = 0.0
        for column in self.column_widths:
            self.column_lefts.append(left)
            left += column + COLUMN_GAP * self._zoom
        self.width = left - COLUMN_GAP * self._zoom
        padding = 2 * round(_PADDING * self._zoom)
        heights = [max(map(Cell.lay, row, self.column_widths)) + padding for row in self.rows]
        self.row_tops = PrefixHeights(heights)
        return self.row_tops.total

    @property
    def padding(self) -> int:
        """The room above the words of a row."""
        return round(_PADDING * self._zoom)

    def _row(self, spans: tuple[Spans, ...], alignments: Sequence[Alignment], *, is_head: bool) -> list[Cell]:
        return [
            Cell(cell, alignment, self._formats, self._zoom, is_head=is_head)
            for cell, alignment in zip(spans, alignments, strict=False)
        ]


def column_widths(naturals: Sequence[float], room: float, narrowest: float) -> list[float]:
    """Share `room` among columns: what is left goes to the widest, what is missing comes from the wide ones."""
    missing = sum(naturals) - room
    widths = list(naturals)
    if missing <= 0:
        widest = max(range(len(widths)), key=widths.__getitem__)
        if widths[widest] >= _STRETCHES_FROM:
            widths[widest] -= missing
        return widths
    limit = _fair_limit(naturals, room)
    return [min(width, max(limit, narrowest)) for width in widths]


def _fair_limit(naturals: Sequence[float], room: float) -> float:
    """The width to which wide columns are cut so that all together take `room`."""
    left = room
    for done, width in enumerate(sorted(naturals)):
        share = left / (len(naturals) - done)
        if width > share:
            return share
        left -= width
    return left


def _font(formats: TextFormats, zoom: float) -> QFont:
    font = formats.font(TextRole.READING)
    font.setPixelSize(round(_CELL_PIXELS * zoom))
    return font


def _look(style: Style, words: Paragraph, formats: TextFormats, zoom: float, *, is_head: bool) -> QTextCharFormat:
    heading = Paragraph(words.spans, level=3) if is_head else words
    look = QTextCharFormat(formats.characters(style, heading))
    font = look.font()
    font.setPixelSize(round((_CELL_PIXELS - 1 if style.code else _CELL_PIXELS) * zoom))
    look.setFont(font)
    return look


def _range(start: int, text: str, look: QTextCharFormat, before: str) -> QTextLayout.FormatRange:
    made = QTextLayout.FormatRange()
    made.start = start if before.isascii() else len(before.encode("utf-16-le")) // 2
    made.length = len(text.encode("utf-16-le")) // 2
    made.format = look
    return made

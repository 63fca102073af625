"""A chart of how fast models are: for each model a few rows, each with how it reads and how it writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.mirroring import mirrored
from app.ui.theme import TextRole, Theme

_HEAD: Final = 26
_NAME: Final = 24
_ROW: Final = 22
_BETWEEN: Final = 12
_BAR: Final = 8
_LABEL: Final = 96
_NUMBER: Final = 56
_GAP: Final = 8
_COLUMN_GAP: Final = 20
_MANY: Final = 100


@dataclass(frozen=True, slots=True)
class ChartRow:
    """One measurement, in tokens a second; what was not measured says `why` in its place."""

    label: str
    read: float | None = None
    written: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class ChartModel:
    """One model with its rows; `note` stands quietly beside its name."""

    name: str
    note: str
    rows: tuple[ChartRow, ...]


class SpeedChart(QWidget):
    """Bars: those of reading are measured against the fastest reading, those of writing against the fastest writing."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._models: tuple[ChartModel, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("How fast models are here"))
        theme.changed.connect(self.update)

    def show_models(self, models: Sequence[ChartModel]) -> None:
        """Show these, in place of those before."""
        self._models = tuple(models)
        self.setAccessibleDescription(" ".join(_told(model) for model in models))
        self.updateGeometry()
        self.update()

    @override
    def sizeHint(self) -> QSize:
        rows = sum(_NAME + _ROW * len(model.rows) + _BETWEEN for model in self._models)
        return QSize(420, _HEAD + rows)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_head(painter)
        top = _HEAD
        for model in self._models:
            self._paint_name(painter, model, top)
            top += _NAME
            for row in model.rows:
                self._paint_row(painter, row, top)
                top += _ROW
            top += _BETWEEN
        painter.end()

    def _paint_head(self, painter: QPainter) -> None:
        painter.setFont(self._theme.font(TextRole.BADGE, weight=600))
        painter.setPen(self._theme.color("text_3"))
        titles = (tr("Tokens read"), tr("Reads, tokens/s"), tr("Writes, tokens/s"))
        places = (QRect(0, 0, _LABEL, _HEAD), self._column(0, 0, _HEAD), self._column(1, 0, _HEAD))
        for title, place in zip(titles, places, strict=True):
            painter.drawText(mirrored(self, place), _LEADING, title)

    def _paint_name(self, painter: QPainter, model: ChartModel, top: int) -> None:
        place = QRect(0, top, self.width(), _NAME)
        painter.setFont(self._theme.font(TextRole.INTERFACE_STRONG))
        painter.setPen(self._theme.color("text"))
        name = painter.fontMetrics().elidedText(model.name, Qt.TextElideMode.ElideMiddle, self.width() // 2)
        painter.drawText(mirrored(self, place), _LEADING, name)
        used = painter.fontMetrics().horizontalAdvance(name) + _GAP
        painter.setFont(self._theme.font(TextRole.SMALL))
        painter.setPen(self._theme.color("text_3"))
        note = painter.fontMetrics().elidedText(model.note, Qt.TextElideMode.ElideRight, self.width() - used)
        painter.drawText(mirrored(self, place.adjusted(used, 0, 0, 0)), _LEADING, note)

    def _paint_row(self, painter: QPainter, row: ChartRow, top: int) -> None:
        painter.setFont(self._theme.font(TextRole.SMALL))
        painter.setPen(self._theme.color("text_2"))
        painter.drawText(mirrored(self, QRect(0, top, _LABEL, _ROW)), _LEADING, row.label)
        if row.why:
            painter.setPen(self._theme.color("text_3"))
            rest = QRect(_LABEL, top, self.width() - _LABEL, _ROW)
            words = painter.fontMetrics().elidedText(row.why, Qt.TextElideMode.ElideRight, rest.width())
            painter.drawText(mirrored(self, rest), _LEADING, words)
            return
        for number, (value, token) in enumerate(((row.read, "gauge_1"), (row.written, "gauge_4"))):
            self._paint_bar(painter, self._column(number, top, _ROW), value, self._largest[number], token)

    def _paint_bar(self, painter: QPainter, place: QRect, value: float | None, largest: float, token: str) -> None:
        room = place.width() - _NUMBER
        part = value / largest if value and largest else 0.0
        bar = QRect(place.left(), place.center().y() - _BAR // 2 + 1, max(_BAR, round(room * part)), _BAR)
        if value:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color(token))
            painter.drawRoundedRect(QRectF(mirrored(self, bar)), _BAR / 2, _BAR / 2)
        number = QRect(bar.right() + _GAP if value else place.left(), place.top(), _NUMBER, place.height())
        painter.setPen(self._theme.color("text"))
        painter.drawText(mirrored(self, number), _LEADING, shown_speed(value))

    @property
    def _largest(self) -> tuple[float, float]:
        rows = [row for model in self._models for row in model.rows]
        return max((row.read or 0.0 for row in rows), default=0.0), max(
            (row.written or 0.0 for row in rows), default=0.0
        )

    def _column(self, number: int, top: int, height: int) -> QRect:
        """Where the bars of reading (0) and of writing (1) are, as one reads from left to right."""
        width = (self.width() - _LABEL - _COLUMN_GAP) // 2
        return QRect(_LABEL + number * (width + _COLUMN_GAP), top, width, height)


_LEADING: Final = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading


def shown_speed(value: float | None) -> str:
    """Give a speed with two or three digits, a hyphen for none."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= _MANY else f"{value:.1f}"


def _told(model: ChartModel) -> str:
    rows = "; ".join(_told_row(row) for row in model.rows)
    return tr("{model}: {rows}.", model=model.name, rows=rows)


def _told_row(row: ChartRow) -> str:
    if row.why:
        return tr("after {tokens} tokens {why}", tokens=row.label, why=row.why)
    return tr(
        "after {tokens} tokens it reads {read} and writes {written} tokens a second",
        tokens=row.label,
        read=shown_speed(row.read),
        written=shown_speed(row.written),
    )

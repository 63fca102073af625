"""A model and its copy side by side, with what follows from it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget
from typing_extensions import override

from app.models.download.sizes import shown_size
from app.translation import tr
from app.ui.plain_label import PlainLabel
from app.ui.theme import TextRole, Theme
from app.workshop.comparison import Comparison, shown_times

_ROW: Final = 34
_RADIUS: Final = 8
_TIMES: Final = "\N{MULTIPLICATION SIGN}"


class ResultView(QWidget):
    """Figures first, then the sentences, the verdict last."""

    def __init__(self, comparison: Comparison, theme: Theme) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(_Table(_rows(comparison), theme))
        layout.addSpacing(8)
        verdict = comparison.verdict()
        said = f"{comparison.speed_words()} {comparison.closeness_words()}"
        tone = "ok" if comparison.pays else "text"
        for words, role, color in ((said, TextRole.INTERFACE, "text_2"), (verdict, TextRole.INTERFACE_STRONG, tone)):
            label = PlainLabel(words, theme, role, color)
            label.setWordWrap(True)
            layout.addWidget(label)
        note = tr(
            "“Undecided among” is the perplexity on a fixed text of ours: less is better, 2 % make no difference."
        )
        small = PlainLabel(note, theme, TextRole.SMALL, "text_3")
        small.setWordWrap(True)
        layout.addWidget(small)
        layout.addStretch(1)
        self.setAccessibleName(f"{comparison.size_words()} {said} {verdict}")


class _Table(QWidget):
    """Rows with hairlines between; the first is the head."""

    def __init__(self, rows: list[tuple[str, str, str, str]], theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rows = len(rows)
        grid = QGridLayout(self)
        grid.setContentsMargins(14, 0, 14, 0)
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(0, 1)
        for row, cells in enumerate(rows):
            grid.setRowMinimumHeight(row, _ROW)
            for column, words in enumerate(cells):
                strong = row == 0 or column == 2  # noqa: PLR2004 - the copy is what it is about
                role = TextRole.INTERFACE_STRONG if strong else TextRole.INTERFACE
                label = PlainLabel(words, theme, role, "text_3" if column == len(cells) - 1 else "text")
                end = Qt.AlignmentFlag.AlignLeading if column == 0 else Qt.AlignmentFlag.AlignTrailing
                grid.addWidget(label, row, column, end | Qt.AlignmentFlag.AlignVCenter)
        theme.changed.connect(self.update)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("border"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        step = self.height() / self._rows
        for row in range(1, self._rows):
            painter.fillRect(1, round(row * step), self.width() - 2, 1, self._theme.color("border"))
        painter.end()


def _rows(comparison: Comparison) -> list[tuple[str, str, str, str]]:
    before, after = comparison.before, comparison.after
    per_s = tr("tok/s")
    return [
        ("", before.quantization or tr("source"), after.quantization, ""),
        (
            tr("Size"),
            shown_size(before.size_bytes),
            shown_size(after.size_bytes),
            f"{_TIMES} {shown_times(after.size_bytes / before.size_bytes)}",
        ),
        (
            tr("Reads"),
            f"{before.prompt_tokens_per_s:,.0f} {per_s}",
            f"{after.prompt_tokens_per_s:,.0f} {per_s}",
            f"{_TIMES} {shown_times(comparison.prompt_gain)}",
        ),
        (
            tr("Writes"),
            f"{before.decode_tokens_per_s:,.1f} {per_s}",
            f"{after.decode_tokens_per_s:,.1f} {per_s}",
            f"{_TIMES} {shown_times(comparison.decode_gain)}",
        ),
        (
            tr("Undecided among"),
            tr("{count} tokens", count=f"{before.perplexity:,.1f}"),
            tr("{count} tokens", count=f"{after.perplexity:,.1f}"),
            f"{comparison.perplexity_growth:+.1%}",
        ),
    ]

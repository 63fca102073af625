"""What the numbers of the context gauge mean: what the model sees, part by part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QMargins, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from app.translation import tr, trn
from app.ui.composer.context_bar import CONVERSATION, DRAFT, REPLY, SUMMARY, SYSTEM, paint_use
from app.ui.composer.context_use import ContextUse
from app.ui.mirroring import mirrored
from app.ui.shadow import BLUR, DROP, paint_card
from app.ui.theme import TextRole, Theme

_SHADOW: Final = QMargins(BLUR, BLUR, BLUR, BLUR + DROP)
_WIDTH: Final = 320
_PADDING: Final = 16
_TITLE: Final = 24
_BAR: Final = 8
_ROW: Final = 25
_SWATCH: Final = 9
_LABEL_LEFT: Final = 18
_FOOT: Final = 34
_DISTANCE: Final = 8


@dataclass(frozen=True, slots=True)
class ContextLine:
    """One part of the prompt: its colour, its name, and how many tokens it has."""

    color: str
    label: str
    tokens: int


def lines_of(use: ContextUse) -> list[ContextLine]:
    """Give the parts that there are, in the order in which the model reads them."""
    conversation = trn("Conversation, {count} message", "Conversation, {count} messages", use.messages)
    if not use.messages:
        conversation = tr("Chat template")  # what it puts around the words
    lines = (
        ContextLine(SYSTEM, tr("System prompt"), use.system),
        ContextLine(SUMMARY, tr("Summary of what was left out"), use.summary),
        ContextLine(CONVERSATION, conversation, use.conversation),
        ContextLine(DRAFT, tr("Your draft"), use.draft),
        ContextLine(REPLY, tr("Kept free for the reply"), use.reply),
    )
    return [line for line in lines if line.tokens]


def total_words(use: ContextUse) -> str:
    """How long the prompt is, of how much."""
    return tr("{tokens} of {n_ctx} tokens", tokens=f"{use.tokens:,}", n_ctx=f"{use.n_ctx:,}")


def left_out_words(use: ContextUse) -> str:
    """How many messages the model does not see, or that there will soon be some."""
    if use.is_near_end:
        return tr("your next message will push out the oldest")
    if not use.left_out:
        return tr("nothing left out")
    return trn("{count} message left out", "{count} messages left out", use.left_out)


class ContextCard(QWidget):
    """Floats above the gauge while it is pointed at, and lets everything through: it can only be read."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(None)
        self._theme = theme
        self._use: ContextUse | None = None
        self.setObjectName("context_card")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        theme.changed.connect(self.update)

    def show_use(self, use: ContextUse) -> None:
        """Explain these numbers."""
        self._use = use
        self.resize(self._size())
        self.update()

    def show_above(self, window: QWidget, anchor: QRect) -> None:
        """Float above `anchor`, a rectangle of the window."""
        if self.parentWidget() is not window:
            self.setParent(window)
        size = self._size()
        card = QRect(QPoint(0, 0), size).marginsRemoved(_SHADOW)
        left = min(max(_DISTANCE, anchor.center().x() - card.width() // 2), window.width() - card.width() - _DISTANCE)
        top = max(_DISTANCE, anchor.top() - _DISTANCE - card.height())
        self.setGeometry(QRect(QPoint(left, top), card.size()).marginsAdded(_SHADOW))
        self.show()
        self.raise_()

    def card_geometry(self) -> QRect:
        """Where it stands in its window, without its shadow."""
        return self.geometry().marginsRemoved(_SHADOW)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        if self._use is None:
            return
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        card = self.rect().marginsRemoved(_SHADOW)
        paint_card(painter, card, self._theme)
        inner = card.adjusted(_PADDING, _PADDING - 2, -_PADDING, -_PADDING + 4)
        self._paint_words(painter, QRect(inner.left(), inner.top(), inner.width(), _TITLE), self._use)
        bar = QRectF(inner.left(), inner.top() + _TITLE + 6, inner.width(), _BAR)
        is_mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        paint_use(painter, bar, self._use, self._theme, is_mirrored=is_mirrored)
        top = inner.top() + _TITLE + _BAR + 16
        for line in lines_of(self._use):
            self._paint_line(painter, QRect(inner.left(), top, inner.width(), _ROW), line)
            top += _ROW
        self._paint_foot(painter, QRect(inner.left(), top + 6, inner.width(), _FOOT), self._use)
        painter.end()

    def _size(self) -> QSize:
        rows = len(lines_of(self._use)) if self._use else 0
        height = 2 * _PADDING - 2 + _TITLE + _BAR + 16 + rows * _ROW + _FOOT
        return QSize(_WIDTH, height).grownBy(_SHADOW)

    def _paint_words(self, painter: QPainter, line: QRect, use: ContextUse) -> None:
        painter.setPen(self._theme.color("text"))
        painter.setFont(self._theme.font(TextRole.INTERFACE_STRONG))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, tr("What the model sees"))
        self._paint_number(painter, line, total_words(use))

    def _paint_line(self, painter: QPainter, row: QRect, line: ContextLine) -> None:
        swatch = QRect(row.left(), row.top() + (row.height() - _SWATCH) // 2, _SWATCH, _SWATCH)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(line.color))
        painter.drawRoundedRect(mirrored(self, swatch), 2.5, 2.5)
        painter.setPen(self._theme.color("text"))
        painter.setFont(self._theme.font(TextRole.ROW))
        words = mirrored(self, row.adjusted(_LABEL_LEFT, 0, 0, 0))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, line.label)
        self._paint_number(painter, row, f"{line.tokens:,}")

    def _paint_foot(self, painter: QPainter, foot: QRect, use: ContextUse) -> None:
        painter.fillRect(QRect(foot.left(), foot.top(), foot.width(), 1), self._theme.color("border"))
        tone = "hay" if use.left_out or use.is_near_end else "text_3"
        self._paint_number(painter, foot.adjusted(0, 6, 0, 0), left_out_words(use), tone)

    def _paint_number(self, painter: QPainter, line: QRect, words: str, tone: str = "text_3") -> None:
        painter.setPen(self._theme.color(tone))
        painter.setFont(self._theme.font(TextRole.SMALL))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, words)

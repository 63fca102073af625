"""The line of forgetting: a fence across the column, with its sentence."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from app.translation import tr, trn
from app.ui.mirroring import mirrored
from app.ui.plain_label import PlainLabel
from app.ui.theme import TextRole
from app.ui.transcript.block_widgets.strip_view import StripView
from app.ui.transcript.strips import Fence
from app.ui.transcript.surroundings import Surroundings

_POST: Final = 2
_POST_HEIGHT: Final = 10
_BETWEEN_POSTS: Final = 40
_RAILS: Final = (2, 7)
_WORDS_TOP: Final = 16
_WORDS: Final = 18
_BETWEEN: Final = 16


class FenceView(StripView[Fence]):
    """Two rails, their posts, and below them what the line means. It can only be read."""

    def __init__(self, surroundings: Surroundings, parent: QWidget) -> None:
        super().__init__(surroundings, parent)
        self.words = PlainLabel(
            tr("Above this line the model no longer sees the conversation"),
            surroundings.theme,
            TextRole.SMALL,
            "hay",
            self,
        )
        self.words.setWordWrap(True)
        self.count = PlainLabel("", surroundings.theme, TextRole.SMALL, "text_3", self)

    @override
    def show_strip(self, strip: Fence) -> None:
        parts = [trn("{count:,} message", "{count:,} messages", strip.left_out)]
        if strip.pinned:
            parts.append(trn("{count:,} pinned stays in view", "{count:,} pinned stay in view", strip.pinned))
        self.count.setText(" · ".join(parts))
        self.setToolTip(self.count.text())
        self.setAccessibleName(f"{self.words.text()}: {self.count.text()}")
        self._place()

    @override
    def height_for(self, width: int) -> int:
        return _WORDS_TOP + max(_WORDS, self.words.heightForWidth(width))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        color = self.surroundings.theme.color("hay_line")
        for rail in _RAILS:
            painter.fillRect(0, rail, self.width(), 1, color)
        spans = max(1, round(self.width() / _BETWEEN_POSTS))
        for post in range(spans + 1):
            painter.fillRect(round(post * (self.width() - _POST) / spans), 0, _POST, _POST_HEIGHT, color)
        painter.end()

    def _place(self) -> None:
        """The count stands at the other end where there is room for it; the tooltip always has it."""
        count = self.count.sizeHint().width()
        words = self.words.fontMetrics().horizontalAdvance(self.words.text())
        has_room = words + _BETWEEN + count <= self.width()
        self.count.setVisible(has_room)
        height = self.height() - _WORDS_TOP
        room = self.width() - (count + _BETWEEN if has_room else 0)
        self.words.setGeometry(mirrored(self, QRect(0, _WORDS_TOP, room, height)))
        self.count.setGeometry(mirrored(self, QRect(self.width() - count, _WORDS_TOP, count, height)))

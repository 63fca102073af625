"""The quiet strips: what is being done, and a rule across the column."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from app.ui.theme import TextRole
from app.ui.transcript.block_widgets.strip_view import StripView
from app.ui.transcript.strips import Activity, RuleStrip
from app.ui.transcript.surroundings import Surroundings

_ACTIVITY: Final = 28  # as high as the footer that takes its place: nothing moves when a reply is done
_RULE: Final = 13
_MIDDLE: Final = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine


class ActivityView(StripView[Activity]):
    """What the engine is doing for this reply."""

    def __init__(self, surroundings: Surroundings, parent: QWidget) -> None:
        super().__init__(surroundings, parent)
        self._words = ""

    @override
    def show_strip(self, strip: Activity) -> None:
        self._words = strip.words
        self.setAccessibleName(strip.words)
        self.update()

    @override
    def height_for(self, width: int) -> int:
        return _ACTIVITY

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        painter.setFont(self.surroundings.theme.font(TextRole.SMALL))
        painter.setPen(self.surroundings.theme.color("text_3"))
        painter.drawText(self.rect(), _MIDDLE, self._words)
        painter.end()


class RuleView(StripView[RuleStrip]):
    """A hairline."""

    @override
    def show_strip(self, strip: RuleStrip) -> None:
        self.update()

    @override
    def height_for(self, width: int) -> int:
        return _RULE

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(0, _RULE // 2, self.width(), 1, self.surroundings.theme.color("border"))
        painter.end()

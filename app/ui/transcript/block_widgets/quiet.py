"""The quiet strips: who replies, what is being done, a rule across the column."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QBrush, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from app.ui.theme import TextRole
from app.ui.transcript.block_widgets.strip_view import StripView
from app.ui.transcript.strips import Activity, Header, RuleStrip
from app.ui.transcript.surroundings import Surroundings

_AVATAR: Final = 22
_AVATAR_RADIUS: Final = 6
_HEADER: Final = 24
_NAME_LEFT: Final = 31
_NOTE_GAP: Final = 10
_ACTIVITY: Final = 28  # as high as the footer that takes its place: nothing moves when a reply is done
_RULE: Final = 13
_MIDDLE: Final = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine


class HeaderView(StripView[Header]):
    """The model's head, its name, and a note about it."""

    def __init__(self, surroundings: Surroundings, parent: QWidget) -> None:
        super().__init__(surroundings, parent)
        self._shown = Header("")

    @override
    def show_strip(self, strip: Header) -> None:
        self._shown = strip
        self.setAccessibleName(f"{strip.name}, {strip.note}" if strip.note else strip.name)
        self.update()

    @override
    def height_for(self, width: int) -> int:
        return _HEADER

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self.surroundings.theme
        painter = QPainter(self)
        self._paint_avatar(painter)
        font = theme.font(TextRole.INTERFACE_STRONG)
        painter.setFont(font)
        painter.setPen(theme.color("text"))
        metrics = QFontMetrics(font)
        name = metrics.elidedText(self._shown.name, Qt.TextElideMode.ElideMiddle, self.width() - _NAME_LEFT)
        painter.drawText(QRect(_NAME_LEFT, 0, self.width() - _NAME_LEFT, _HEADER), _MIDDLE, name)
        left = _NAME_LEFT + metrics.horizontalAdvance(name) + _NOTE_GAP
        painter.setFont(theme.font(TextRole.INTERFACE))
        painter.setPen(theme.color("text_3"))
        note = painter.fontMetrics().elidedText(
            self._shown.note, Qt.TextElideMode.ElideRight, max(0, self.width() - left)
        )
        painter.drawText(QRect(left, 0, self.width() - left, _HEADER), _MIDDLE, note)
        painter.end()

    def _paint_avatar(self, painter: QPainter) -> None:
        """As a brush, because a clip would leave its corners jagged."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.translate(0, 1)
        painter.setBrush(QBrush(self.surroundings.icons.avatar(_AVATAR, self.devicePixelRatioF())))
        painter.drawRoundedRect(0, 0, _AVATAR, _AVATAR, _AVATAR_RADIUS, _AVATAR_RADIUS)
        painter.restore()


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

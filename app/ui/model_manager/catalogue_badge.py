"""Badges: one fact in one or two words on a soft tile."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from app.ui.model_manager.discover_shown import Badge, Tone
from app.ui.theme import TextRole, Theme

HEIGHT: Final = 20
_SIDE: Final = 7
_RADIUS: Final = 5
_GROUNDS: Final = {
    Tone.OK: "ok_soft",
    Tone.HAY: "hay_soft",
    Tone.ERROR: "error_soft",
    Tone.ACCENT: "accent_soft",
    Tone.QUIET: "inset",
}


def badge_width(badge: Badge, theme: Theme) -> int:
    """How wide a badge is."""
    return QFontMetrics(theme.font(TextRole.BADGE)).horizontalAdvance(badge.words) + 2 * _SIDE + 1


def paint_badge(painter: QPainter, place: QRect, badge: Badge, theme: Theme) -> None:
    """Paint a badge that fills `place`."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(_GROUNDS[badge.tone]))
    painter.drawRoundedRect(place, _RADIUS, _RADIUS)
    painter.setFont(theme.font(TextRole.BADGE))
    painter.setPen(theme.color(badge.tone))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, badge.words)


class BadgeLabel(QWidget):
    """A badge that stands in a layout."""

    def __init__(self, badge: Badge, theme: Theme) -> None:
        super().__init__()
        self.badge = badge
        self._theme = theme
        self.setAccessibleName(badge.words)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    @override
    def sizeHint(self) -> QSize:
        return QSize(badge_width(self.badge, self._theme), HEIGHT)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_badge(painter, QRect(QPoint(0, 0), self.size()), self.badge, self._theme)
        painter.end()

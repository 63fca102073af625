"""A switch: on or off, at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Property, QEasingCurve, QPropertyAnimation, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from typing_extensions import override

from app.ui.painted_button import PaintedButton
from app.ui.theme import POPOVER_MS, Theme

_SIZE: Final = QSize(40, 28)
_TRACK: Final = QRectF(0, 3, 40, 22)
_GAP: Final = 3.0


@dataclass(frozen=True, slots=True)
class SwitchLooks:
    """How a switch is painted: the token of its track when it is on, whether it is, and where the knob is, 0 to 1."""

    color_when_on: str
    is_on: bool
    place: float


def paint_switch(painter: QPainter, track: QRectF, looks: SwitchLooks, theme: Theme) -> None:
    """Paint a track with its knob; 0 is at the left."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(looks.color_when_on if looks.is_on else "border_control"))
    painter.drawRoundedRect(track, track.height() / 2, track.height() / 2)
    side = track.height() - 2 * _GAP
    left = track.left() + _GAP + looks.place * (track.width() - 2 * _GAP - side)
    painter.setBrush(theme.color("on_accent" if looks.is_on else "raised"))
    painter.drawEllipse(QRectF(left, track.top() + _GAP, side, side))


class Switch(PaintedButton):
    """On is coloured with the knob at the end of the line of reading, off is grey with the knob at its begin."""

    def __init__(self, theme: Theme, color_when_on: str = "accent") -> None:
        super().__init__(theme)
        self._color_when_on = color_when_on
        self._place = 0.0
        self._motion = QPropertyAnimation(self, b"knob_place", self)
        self._motion.setEasingCurve(QEasingCurve.Type.OutCubic)
        self.setCheckable(True)
        self.setFixedSize(_SIZE)
        self.toggled.connect(self._move)

    @override
    def sizeHint(self) -> QSize:
        return _SIZE

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        place = 1 - self._place if is_mirrored else self._place
        paint_switch(painter, _TRACK, SwitchLooks(self._color_when_on, self.isChecked(), place), self._theme)
        painter.end()

    def _move(self, is_on: bool) -> None:  # noqa: FBT001 - as `toggled` says it
        self._motion.stop()
        self._motion.setDuration(self._theme.duration(POPOVER_MS) if self.isVisible() else 0)
        self._motion.setStartValue(self._place)
        self._motion.setEndValue(1.0 if is_on else 0.0)
        self._motion.start()

    def _read_place(self) -> float:
        return self._place

    def _set_place(self, place: float) -> None:
        self._place = place
        self.update()

    knob_place = Property(float, _read_place, _set_place)

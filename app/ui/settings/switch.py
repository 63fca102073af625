"""A switch: on or off, at once."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Property, QEasingCurve, QPropertyAnimation, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from typing_extensions import override

from app.ui.painted_button import PaintedButton
from app.ui.theme import POPOVER_MS, Theme

_SIZE: Final = QSize(40, 28)
_TRACK: Final = QRectF(0, 3, 40, 22)
_KNOB: Final = 16.0
_GAP: Final = 3.0


class Switch(PaintedButton):
    """On is accent with the knob at the end of the line of reading, off is grey with the knob at its begin."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
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
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("accent" if self.isChecked() else "border_control"))
        painter.drawRoundedRect(_TRACK, _TRACK.height() / 2, _TRACK.height() / 2)
        painter.setBrush(self._theme.color("on_accent" if self.isChecked() else "raised"))
        painter.drawEllipse(self._knob())
        painter.end()

    def _knob(self) -> QRectF:
        room = _TRACK.width() - 2 * _GAP - _KNOB
        is_mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        way = (1 - self._place if is_mirrored else self._place) * room
        return QRectF(_GAP + way, _TRACK.top() + _GAP, _KNOB, _KNOB)

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

"""The dot before a model's name: filled when loaded, a ring when not, a turning line while loading."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from app.ui.composer.model_choice import EngineCondition
from app.ui.theme import Theme

DOT: Final = 7
_FULL_TURN: Final = 360 * 16
"""Qt counts angles in sixteenths of a degree."""


def paint_state_dot(painter: QPainter, rect: QRectF, condition: EngineCondition, turn: float, theme: Theme) -> None:
    """Paint the dot into `rect`; `turn` (0 to 1) is how far round the line of a loading model is."""
    match condition:
        case EngineCondition.LOADED:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("ok"))
            painter.drawEllipse(rect)
        case EngineCondition.FAILED:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("error"))
            painter.drawEllipse(rect)
        case EngineCondition.NOT_LOADED:
            painter.setPen(QPen(theme.color("hay"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(rect.adjusted(0.5, 0.5, -0.5, -0.5))
        case EngineCondition.LOADING:
            painter.setPen(QPen(theme.color("accent"), 1.75, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawArc(rect.adjusted(-0.5, -0.5, 0.5, 0.5), -round(turn * _FULL_TURN), _FULL_TURN * 3 // 5)

"""What appears when it is pointed at or reached by the keyboard, and fades away after."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QVariantAnimation
from PySide6.QtWidgets import QGraphicsOpacityEffect, QWidget

from app.ui.theme import Theme

_FADE_MS: Final = 80


class Fade(QObject):
    """The opacity of one widget, which keeps its place whether it is seen or not. At first it is not."""

    def __init__(self, widget: QWidget, theme: Theme) -> None:
        super().__init__(widget)
        self._theme = theme
        self._opacity = QGraphicsOpacityEffect(widget)
        widget.setGraphicsEffect(self._opacity)
        self._animation = QVariantAnimation(self)
        self._animation.valueChanged.connect(self._set)
        self._set(0.0)

    def jump(self, *, is_visible: bool) -> None:
        """Show or hide at once."""
        self._animation.stop()
        self._set(1.0 if is_visible else 0.0)

    def go(self, *, is_visible: bool) -> None:
        """Appear or fade."""
        target = 1.0 if is_visible else 0.0
        if self._animation.endValue() == target and self._animation.state() is QVariantAnimation.State.Running:
            return
        self._animation.stop()
        if self._opacity.opacity() == target:
            return
        self._animation.setStartValue(self._opacity.opacity())
        self._animation.setEndValue(target)
        self._animation.setDuration(self._theme.duration(_FADE_MS))
        self._animation.start()

    def _set(self, value: object) -> None:
        opacity = float(str(value))
        self._opacity.setOpacity(opacity)
        self._opacity.setEnabled(opacity < 1.0)

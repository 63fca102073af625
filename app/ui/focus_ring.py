"""The ring around the control that the keyboard is on."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget
from shiboken6 import isValid
from typing_extensions import override

from app.ui.theme import Theme

_DISTANCE: Final = 2
_WIDTH: Final = 2
_RADIUS: Final = 10
SHOWS_OWN_FOCUS: Final = "shows_own_focus"
"""A widget with this property set paints by itself where the keyboard is."""
_MOVES: Final = frozenset({QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Hide, QEvent.Type.Show})
_KEYS: Final = QEvent.Type.KeyPress
_POINTER: Final = frozenset({QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin})


class FocusRing(QWidget):
    """An overlay of one window. It shows while the last thing used was the keyboard, never after a click."""

    def __init__(self, window: QWidget, theme: Theme, app: QApplication) -> None:
        super().__init__(window)
        self._window = window
        self._theme = theme
        self._target: QWidget | None = None
        self._watched: list[QWidget] = []
        self._by_keyboard = False
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        app.focusChanged.connect(self._follow)
        theme.changed.connect(self.update)
        window.installEventFilter(self)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if watched is self._window and kind == QEvent.Type.Show:
            self._watch_input()
        if kind == _KEYS or kind in _POINTER:
            self._by_keyboard = kind == _KEYS
            if kind in _POINTER:
                self.hide()
        elif kind in _MOVES:
            self._place()
        return False

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("accent"), _WIDTH))
        half = _WIDTH / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), _RADIUS, _RADIUS)
        painter.end()

    def _watch_input(self) -> None:
        """Keys and clicks pass the native window before any widget; few other events do."""
        handle = self._window.windowHandle()
        handle.removeEventFilter(self)
        handle.installEventFilter(self)

    def _follow(self, old: QWidget | None, new: QWidget | None) -> None:
        del old
        for widget in filter(isValid, self._watched):  # a sheet that closes takes its widgets along
            widget.removeEventFilter(self)
        self._watched = []
        self._target = new if new is not None and self._rings(new) else None
        if self._target is not None:
            self._watched = list(_up_to(self._target, self._window))
            for widget in self._watched:
                widget.installEventFilter(self)
        self._place()

    def _rings(self, widget: QWidget) -> bool:
        if not self._by_keyboard or widget.window() is not self._window or widget is self._window:
            return False
        return not isinstance(widget, (QLineEdit, QPlainTextEdit, QTextEdit)) and not widget.property(SHOWS_OWN_FOCUS)

    def _place(self) -> None:
        target = self._target
        if target is None or not isValid(target) or not target.isVisible():
            self.hide()
            return
        gap = _DISTANCE + _WIDTH
        place, clip = _place_in(target, self._window), self._window.rect()
        for widget in _up_to(target, self._window):
            if isinstance(widget.parentWidget(), QAbstractScrollArea):
                seen = _place_in(widget, self._window)
                if not seen.intersects(place):
                    self.hide()
                    return
                clip &= seen.adjusted(-gap, -gap, gap, gap)
        self.setGeometry(place.adjusted(-gap, -gap, gap, gap) & clip)
        self.show()
        self.raise_()


def _place_in(widget: QWidget, window: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def _up_to(widget: QWidget, window: QWidget) -> list[QWidget]:
    chain: list[QWidget] = []
    current: QWidget | None = widget
    while current is not None and current is not window:
        chain.append(current)
        current = current.parentWidget()
    return chain

"""A short word at the bottom of a page with the one thing that can still be undone, or be done now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QRect, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QTextEdit, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.announcement import announce
from app.ui.icon_button import IconButton
from app.ui.icons import Icons
from app.ui.overlay import Overlay
from app.ui.plain_label import PlainLabel
from app.ui.shadow import BLUR, DROP, paint_card
from app.ui.shortcuts import show_keys
from app.ui.text_button import TextButton
from app.ui.theme import TextRole, Theme

_SHOWN_MS: Final = 8000
_HEIGHT: Final = 44
_BOTTOM: Final = 12
_GAP: Final = 8


class Toast(QWidget):
    """Says what was done, and takes it back or goes on. It goes after 8 s, but not while pointed at or focused."""

    gone = Signal()

    def __init__(self, text: str, act: Callable[[], None], theme: Theme, icons: Icons, action: str = "") -> None:
        """`action` is what `act` is called; without one it takes back what was done."""
        super().__init__(None)
        self._theme = theme
        self._act = act
        self.is_undo = not action
        """Whether it takes something back."""
        self._left_ms = _SHOWN_MS
        self._clock = QTimer(self, singleShot=True)
        self._clock.timeout.connect(self._go)
        self.setAccessibleName(text)
        label = PlainLabel(text, theme, TextRole.INTERFACE)
        button = TextButton(action or tr("Undo"), "accent")
        button.setObjectName("undo_button" if self.is_undo else "toast_action_button")
        button.setFont(theme.font(TextRole.ROW, weight=550))
        button.setToolTip(f"{tr('Undo')}   {show_keys('Ctrl+Z')}" if self.is_undo else "")
        close = IconButton("x", tr("Close"), theme, icons, size=28, icon_size=14)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(BLUR + 14, BLUR, BLUR + 6, BLUR + DROP)
        layout.setSpacing(8)
        for part in (label, button, close):
            layout.addWidget(part)
        button.clicked.connect(self.act)
        close.clicked.connect(self._go)
        for control in (button, close):
            control.installEventFilter(self)
        self.setFixedHeight(_HEIGHT + 2 * BLUR + DROP)
        theme.changed.connect(self.update)
        self._resume()

    @property
    def is_waiting(self) -> bool:
        """Whether its time runs; it stands still while somebody is about to use it."""
        return self._clock.isActive()

    def act(self) -> None:
        """Do what is on its button, and be gone."""
        self._act()
        self._go()

    @override
    def enterEvent(self, event: QEnterEvent) -> None:
        self._pause()

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self._resume()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QFocusEvent):
            self._pause() if event.gotFocus() else self._resume()
        return False

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_card(painter, self.rect().adjusted(BLUR, BLUR, -BLUR, -BLUR - DROP), self._theme)
        painter.end()

    def _pause(self) -> None:
        if self._clock.isActive():
            self._left_ms = self._clock.remainingTime()
            self._clock.stop()

    def _resume(self) -> None:
        self._clock.start(self._left_ms)

    def _go(self) -> None:
        self._clock.stop()
        self.hide()
        self.gone.emit()


class ToastArea(QWidget):
    """Where toasts stand: above each other, at the bottom of `host`.

    While one is seen, Ctrl+Z takes the newest back that can be, unless the keyboard is in a field that can undo typing,
    or in a popover. It is caught before any widget has it: fields claim the key also when they have nothing to undo.
    """

    def __init__(self, host: QWidget, theme: Theme, icons: Icons) -> None:
        super().__init__(host)
        self._host = host
        self._theme = theme
        self._icons = icons
        self._toasts: list[Toast] = []
        self.hide()
        host.installEventFilter(self)

    def show_undo(self, text: str, undo: Callable[[], None]) -> Toast:
        """Say `text` with a button that calls `undo`."""
        return self._show(Toast(text, undo, self._theme, self._icons), text)

    def show_action(self, text: str, action: str, act: Callable[[], None]) -> Toast:
        """Say `text` with a button called `action` that calls `act`."""
        return self._show(Toast(text, act, self._theme, self._icons, action), text)

    def _show(self, toast: Toast, text: str) -> Toast:
        toast.setParent(self)
        toast.gone.connect(lambda: self._remove(toast))
        self._toasts.append(toast)
        self._watch_keys()
        toast.show()
        self._place()
        announce(toast, text)
        return toast

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._host and event.type() == QEvent.Type.Resize:
            self._place()
        if isinstance(event, QKeyEvent) and self._undoes(event):
            newest = next((toast for toast in reversed(self._toasts) if toast.is_undo), None)
            if newest is not None:
                newest.act()
            return newest is not None
        return False

    def _watch_keys(self) -> None:
        """Keys pass the native window before any widget. Watching twice is watching once."""
        handle = self.window().windowHandle()
        handle.removeEventFilter(self)
        handle.installEventFilter(self)

    def _undoes(self, event: QKeyEvent) -> bool:
        is_key = event.type() == QEvent.Type.KeyPress and event.matches(QKeySequence.StandardKey.Undo)
        return is_key and self.isVisible() and not _needs_undo(self.window().focusWidget())

    def _remove(self, toast: Toast) -> None:
        self._toasts.remove(toast)
        toast.deleteLater()
        self._place()

    def _place(self) -> None:
        """The area is as large as its toasts, so that nothing beside them is covered."""
        step = _HEIGHT + _GAP
        sizes = [toast.sizeHint().width() for toast in self._toasts]
        width = min(max(sizes, default=0), self._host.width())
        height = (step * (len(sizes) - 1) + _HEIGHT + 2 * BLUR + DROP) if sizes else 0
        top = self._host.height() - _BOTTOM - height + BLUR + DROP
        self.setGeometry(QRect((self._host.width() - width) // 2, top, width, height))
        for number, toast in enumerate(self._toasts):
            toast.setGeometry(0, number * step, width, toast.height())
        self.setVisible(bool(sizes))
        self.raise_()


def _needs_undo(focused: QWidget | None) -> bool:
    """Whether the widget that has the keyboard has a use for Ctrl+Z of its own."""
    match focused:
        case QLineEdit():
            return focused.isUndoAvailable()
        case QTextEdit() | QPlainTextEdit():
            return not focused.isReadOnly() and focused.document().isUndoAvailable()
        case _:
            return _is_in_overlay(focused)


def _is_in_overlay(widget: QWidget | None) -> bool:
    while widget is not None and not isinstance(widget, Overlay):
        widget = widget.parentWidget()
    return widget is not None

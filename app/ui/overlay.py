"""Something that lies over the window until it is done with: Escape or a click beside it puts it away."""

from __future__ import annotations

import builtins

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QPoint, QRect, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QGraphicsOpacityEffect, QWidget
from shiboken6 import isValid
from typing_extensions import override

from app.ui.focus_keeper import neighbour_of, takes_tab
from app.ui.theme import Theme


class Overlay(QWidget):
    """Covers its window, holds one `content`, keeps the keyboard inside it, and gives the focus back at the end.

    Where what had it is gone, the overlay below gets it, or else the window: it knows what it shows.
    One that goes while another lies above it takes no focus: the other gives it back in its stead.

    Not a window of its own: so it needs no compositor for its shadow and cannot be left behind on the desktop.
    """

    dismissed = Signal()
    """It is closed, by whatever means."""

    def __init__(self, content: QWidget, theme: Theme, duration_ms: int) -> None:
        super().__init__(None)
        self._content = content
        self._theme = theme
        self._window: QWidget | None = None
        self._focus_before: QWidget | None = None
        self._duration_ms = duration_ms
        self._motion = QVariantAnimation(self, startValue=0.0, endValue=1.0)
        self._motion.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._motion.valueChanged.connect(self._move_to)
        self._motion.finished.connect(self._settle)
        self.hide()

    def open_over(self, window: QWidget) -> None:
        """Lay it over `window`."""
        self._window = window
        self._focus_before = window.focusWidget()
        self.setParent(window)
        self._content.setParent(self)
        self.setGeometry(window.rect())
        window.installEventFilter(self)
        self._content.show()
        self._content.setGeometry(self.content_geometry())
        self.show()
        self.raise_()
        self._content.setFocus(Qt.FocusReason.PopupFocusReason)
        self._start_motion()

    def dismiss(self) -> None:
        """Put it away; closing twice is closing once."""
        window = self._window
        if window is None:
            return
        self._motion.stop()
        self._settle()
        self.hide()
        window.removeEventFilter(self)
        self._window = None
        self._give_back(window)
        self._focus_before = None
        self.dismissed.emit()

    def content_geometry(self) -> QRect:
        """Where the content lies; asked again at each change of the window's size."""
        return self._content.geometry()

    def content_area(self) -> QRect:
        """The part in which a click does not close: the content without its shadow."""
        return self._content.geometry()

    def opening_shift(self) -> QPoint:
        """How far from its place the content starts."""
        return QPoint()

    def keeps_key(self, event: QKeyEvent) -> bool:
        """Whether a key belongs to what is open, and not to a shortcut of the window behind it."""
        del event
        return True

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self._window is not None:
            self.setGeometry(self._window.rect())
            self._content.setGeometry(self.content_geometry())
        return False

    @override
    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self.keeps_key(event):
            event.accept()
            return True
        return super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        event.accept()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.content_area().contains(event.position().toPoint()):
            self.dismiss()
        event.accept()

    @override
    def focusNextPrevChild(self, next: bool) -> bool:
        # Qt's own chain is not walked: PySide takes what `nextInFocusChain` gives for a child of who was asked,
        # and would give up wrappers all over the window (documents, viewports) when this overlay is deleted.
        widgets = self.findChildren(QWidget)
        if not next:
            widgets.reverse()
        focused = self.focusWidget()
        at = widgets.index(focused) if focused in widgets else -1
        stops = (widget for widget in (*widgets[at + 1 :], *widgets[: max(0, at)]) if takes_tab(widget))
        stop = builtins.next(stops, None)
        if stop is not None:
            stop.setFocus(Qt.FocusReason.TabFocusReason if next else Qt.FocusReason.BacktabFocusReason)
        return True

    def _give_back(self, window: QWidget) -> None:
        overlays = window.findChildren(Overlay, options=Qt.FindChildOption.FindDirectChildrenOnly)  # from the bottom up
        at = overlays.index(self)
        above = next((each for each in overlays[at + 1 :] if not each.isHidden()), None)
        if above is not None:
            above._take_over(self)  # noqa: SLF001 - another of this class
            return
        below = next((each for each in reversed(overlays[:at]) if not each.isHidden()), None)
        back = window if below is None else below._content  # noqa: SLF001 - as above
        before = self._focus_before
        if before is not None and isValid(before):  # it may be gone with what it stood in
            if before.isVisible() and before.isEnabled():
                back = before
            elif below is None or below.isAncestorOf(before):
                back = neighbour_of(before, window) or back
        back.setFocus(Qt.FocusReason.PopupFocusReason)

    def _take_over(self, gone: Overlay) -> None:
        """Give the focus at the end to what had it before `gone`, where it would have gone back there."""
        own = self._focus_before
        if own is None or not isValid(own) or gone.isAncestorOf(own):
            self._focus_before = gone._focus_before

    def _start_motion(self) -> None:
        duration = self._theme.duration(self._duration_ms)
        if not duration:
            return
        self._content.setGraphicsEffect(QGraphicsOpacityEffect(self._content))
        self._motion.setDuration(duration)
        self._motion.start()

    def _move_to(self, progress: float) -> None:
        shift = self.opening_shift() * (1 - progress)
        self._content.move(self.content_geometry().topLeft() + shift)
        effect = self._content.graphicsEffect()
        if isinstance(effect, QGraphicsOpacityEffect):
            effect.setOpacity(progress)

    def _settle(self) -> None:
        self._content.setGraphicsEffect(None)  # pyright: ignore[reportArgumentType] - None is how Qt takes an effect off
        self._content.setGeometry(self.content_geometry())

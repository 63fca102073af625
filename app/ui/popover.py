"""A raised card beside the control that opened it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QMargins, QPoint, QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget
from typing_extensions import override

from app.ui.overlay import Overlay
from app.ui.shadow import BLUR, DROP, paint_card
from app.ui.theme import POPOVER_MS, Theme

_GAP: Final = 8
_SHADOW: Final = QMargins(BLUR, BLUR, BLUR, BLUR + DROP)
_MOTION_PX: Final = 4
_PADDING: Final = 6


class Popover(Overlay):
    """Opens at `anchor`, a rectangle in the window's coordinates: above it where there is more room, else below."""

    def __init__(self, content: QWidget, theme: Theme) -> None:
        self._card = _Card(content, theme)
        super().__init__(self._card, theme, POPOVER_MS)
        self._anchor = QRect()

    def open_at(self, anchor: QWidget) -> None:
        """Open beside a control."""
        window = anchor.window()
        self._anchor = QRect(anchor.mapTo(window, QPoint(0, 0)), anchor.size())
        self.open_over(window)

    def open_at_point(self, widget: QWidget, point: QPoint) -> None:
        """Open as a context menu at `point` of `widget`."""
        self._anchor = QRect(widget.mapTo(widget.window(), point), QSize(1, 1))
        self.open_over(widget.window())

    @override
    def content_geometry(self) -> QRect:
        size = self._card.sizeHint().shrunkBy(_SHADOW)
        size = size.boundedTo(self.size() - QSize(2 * _GAP, 2 * _GAP))
        gap = 2 if self._is_context_menu() else _GAP
        top = self._anchor.top() - gap - size.height() if self._opens_above(size) else self._anchor.bottom() + 1 + gap
        rect = QRect(QPoint(self._left_edge(size), top), size)
        return self._kept_inside(rect).marginsAdded(_SHADOW)

    @override
    def content_area(self) -> QRect:
        return self._card.geometry().marginsRemoved(_SHADOW)

    @override
    def opening_shift(self) -> QPoint:
        above = self.content_area().bottom() < self._anchor.top()
        return QPoint(0, _MOTION_PX if above else -_MOTION_PX)

    def _is_context_menu(self) -> bool:
        return self._anchor.width() <= 1

    def _opens_above(self, size: QSize) -> bool:
        below = self.height() - self._anchor.bottom()
        return below < size.height() + 2 * _GAP and self._anchor.top() > below

    def _left_edge(self, size: QSize) -> int:
        """Aligned with the side of the anchor that keeps the card inside the window."""
        is_at_right = self._anchor.center().x() > self.width() / 2 and not self._is_context_menu()
        if is_at_right or self._anchor.left() + size.width() + _GAP > self.width():
            return self._anchor.right() + 1 - size.width()
        return self._anchor.left()

    def _kept_inside(self, rect: QRect) -> QRect:
        left = max(_GAP, min(rect.left(), self.width() - _GAP - rect.width()))
        top = max(_GAP, min(rect.top(), self.height() - _GAP - rect.height()))
        return QRect(QPoint(left, top), rect.size())


class _Card(QWidget):
    """The raised ground with its shadow; the shadow lies in its margins."""

    def __init__(self, content: QWidget, theme: Theme) -> None:
        super().__init__(None)
        self._theme = theme
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_SHADOW + QMargins(_PADDING, _PADDING, _PADDING, _PADDING))
        layout.addWidget(content)
        self.setFocusProxy(content)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_card(painter, self.rect().marginsRemoved(_SHADOW), self._theme)
        painter.end()

"""Under a finished reply: what can be done with it, and what it took."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.mirroring import mirrored
from app.ui.theme import TextRole
from app.ui.transcript.block_widgets.copy_button import CopyButton
from app.ui.transcript.block_widgets.fade import Fade
from app.ui.transcript.block_widgets.pin_button import PinButton
from app.ui.transcript.block_widgets.strip_view import StripView
from app.ui.transcript.statistics import further_details_of, statistics_of
from app.ui.transcript.strips import Footer
from app.ui.transcript.surroundings import Surroundings

_HEIGHT: Final = 28
_BETWEEN_BUTTONS: Final = 2
_BETWEEN: Final = " · "
_BESIDE_BUTTONS: Final = 16


class FooterView(StripView[Footer]):
    """Buttons at the left, statistics at the right. It keeps its place always and only fades."""

    overhang = 6

    def __init__(self, surroundings: Surroundings, parent: QWidget) -> None:
        super().__init__(surroundings, parent)
        self._shown = Footer("", None, is_newest=False)
        self._parts: list[str] = []
        self._more: list[str] = []
        self._is_pointed_at = False
        self.pin_button = PinButton(surroundings, self)
        self.copy_button = CopyButton(tr("Copy message"), surroundings, self, icon_size=16)
        self.copy_button.clicked.connect(
            lambda: surroundings.requests.message_copy_requested.emit(self._shown.message_id)
        )
        for button in self.buttons():
            button.installEventFilter(self)
        self._fade = Fade(self, surroundings.theme)

    @property
    def is_visible_now(self) -> bool:
        """Whether the footer is meant to be seen: under the newest reply, pointed at, or reached by the keyboard."""
        return self._shown.is_newest or self._is_pointed_at or any(map(QWidget.hasFocus, self.buttons()))

    @property
    def statistics(self) -> str:
        """All figures as one line, with those that are not painted."""
        return _BETWEEN.join((*self._parts, *self._more))

    @override
    def show_strip(self, strip: Footer) -> None:
        is_other = strip.message_id != self._shown.message_id
        self._shown = strip
        receipt = strip.receipt
        self._parts = statistics_of(receipt, strip.thinking_tokens) if receipt is not None else []
        self._more = further_details_of(receipt) if receipt is not None else []
        self.setToolTip(self.statistics)
        self.setAccessibleName(self.statistics)
        if is_other:
            self.copy_button.reset()
            self._is_pointed_at = False
            self._fade.jump(is_visible=self.is_visible_now)
        self.pin_button.show_state(strip.message_id, is_pinned=strip.is_pinned)
        self._fade.go(is_visible=self.is_visible_now)
        self.update()

    @override
    def set_pointed_at(self, *, is_pointed_at: bool) -> None:
        self._is_pointed_at = is_pointed_at
        self._fade.go(is_visible=self.is_visible_now)

    @override
    def buttons(self) -> Sequence[QWidget]:
        return (self.copy_button, self.pin_button)

    @override
    def height_for(self, width: int) -> int:
        return _HEIGHT

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._fade.go(is_visible=self.is_visible_now)
        return super().eventFilter(watched, event)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        left = 0
        for button in self.buttons():
            button.setGeometry(mirrored(self, QRect(QPoint(left, 0), button.size())))
            left += button.width() + _BETWEEN_BUTTONS

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        painter.setFont(self.surroundings.theme.font(TextRole.SMALL))
        painter.setPen(self.surroundings.theme.color("text_3"))
        left = self.copy_button.width() + _BETWEEN_BUTTONS + self.pin_button.width() + _BESIDE_BUTTONS
        place = mirrored(self, QRect(left, 0, self.width() - self.overhang - left, _HEIGHT))
        parts = list(self._parts)
        while parts and painter.fontMetrics().horizontalAdvance(_BETWEEN.join(parts)) > place.width():
            parts.pop()  # the tail is in the tooltip
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight | Qt.TextFlag.TextSingleLine
        painter.drawText(place, flags, _BETWEEN.join(parts))
        painter.end()

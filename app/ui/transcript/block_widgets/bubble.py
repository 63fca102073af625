"""What the user wrote: plain text on a ground of its own, at the right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.mirroring import mirrored
from app.ui.theme import TextRole
from app.ui.transcript.block_widgets.fade import Fade
from app.ui.transcript.block_widgets.pin_button import PinButton
from app.ui.transcript.block_widgets.strip_view import StripView
from app.ui.transcript.block_widgets.whole_text import TypedText
from app.ui.transcript.strips import Bubble
from app.ui.transcript.surroundings import Surroundings

_WIDEST: Final = 560
_WIDEST_PART: Final = 0.88
_SIDE: Final = 14
_ABOVE: Final = 10
_RADIUS: Final = 14
_BESIDE: Final = 4
_PIN_TOP: Final = 7


class BubbleView(StripView[Bubble]):
    """A rounded ground that embraces its text and keeps to the right side of the column."""

    def __init__(self, surroundings: Surroundings, parent: QWidget) -> None:
        super().__init__(surroundings, parent)
        self._shown: Bubble | None = None
        self.text = TypedText(self)
        self.text.setAccessibleName(tr("You"))
        self.pin_button = PinButton(surroundings, self)
        self.pin_button.installEventFilter(self)
        self._fade = Fade(self.pin_button, surroundings.theme)
        self._is_pointed_at = False

    @override
    def show_strip(self, strip: Bubble) -> None:
        before, self._shown = self._shown, strip
        if before is None or strip.text != before.text:
            with self.text.selection_kept():
                self._write(strip.text)
        self.pin_button.show_state(strip.message_id, is_pinned=strip.is_pinned)
        self.setAccessibleName(tr("pinned") if strip.is_pinned else "")
        if before is None or strip.message_id != before.message_id:
            self._is_pointed_at = False
            self._fade.jump(is_visible=self.shows_pin)
        self._fade.go(is_visible=self.shows_pin)

    @property
    def shows_pin(self) -> bool:
        """Whether the pin is meant to be seen: as the mark of what is pinned, pointed at, or on the keyboard's way."""
        is_pinned = self._shown is not None and self._shown.is_pinned
        return is_pinned or self._is_pointed_at or self.pin_button.hasFocus()

    @override
    def set_pointed_at(self, *, is_pointed_at: bool) -> None:
        self._is_pointed_at = is_pointed_at
        self._fade.go(is_visible=self.shows_pin)

    @override
    def buttons(self) -> Sequence[QWidget]:
        return (self.pin_button,)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._fade.go(is_visible=self.shows_pin)
        return super().eventFilter(watched, event)

    @override
    def height_for(self, width: int) -> int:
        widest = min(_WIDEST, round(width * _WIDEST_PART)) - 2 * _SIDE
        self.text.set_width(widest)
        words = math.ceil(self.text.document().idealWidth()) + 1
        self.text.set_width(min(words, widest))
        self._place()  # other words can need another width in a strip of the same size
        return self.text.lines_height() + 2 * _ABOVE

    @override
    def restyle(self) -> None:
        if self._shown is not None:
            with self.text.selection_kept():
                self._write(self._shown.text)
        self.update()

    @override
    def forget_selection(self) -> None:
        self.text.forget_selection()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.surroundings.theme.color("user"))
        ground = QRectF(self.text.geometry()).adjusted(-_SIDE, -_ABOVE, _SIDE, _ABOVE)
        painter.drawRoundedRect(ground, _RADIUS, _RADIUS)
        painter.end()

    def _place(self) -> None:
        width = self.text.lineWrapColumnOrWidth()
        place = QRect(self.width() - width - _SIDE, _ABOVE, width, self.height() - 2 * _ABOVE)
        self.text.setGeometry(mirrored(self, place))
        pin = self.pin_button.size()
        corner = QPoint(max(0, place.left() - _SIDE - _BESIDE - pin.width()), _PIN_TOP)
        self.pin_button.setGeometry(mirrored(self, QRect(corner, pin)))
        self.update()

    def _write(self, text: str) -> None:
        formats = self.surroundings.formats
        words = text.replace("\r\n", "\n").rstrip("\n")
        self.text.write(words, formats.look(TextRole.WRITING, self.tone), formats.typed(TextRole.WRITING))

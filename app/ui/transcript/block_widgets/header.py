"""Above a reply: the model's head, its name, a note, and the way to its thoughts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QBrush, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.mirroring import mirrored
from app.ui.theme import TextRole
from app.ui.transcript.block_widgets.fold_button import FoldButton
from app.ui.transcript.block_widgets.strip_view import StripView
from app.ui.transcript.strips import Header
from app.ui.transcript.surroundings import Surroundings

_AVATAR: Final = 22
_AVATAR_RADIUS: Final = 6
_HEADER: Final = 24
_NAME_LEFT: Final = 31
_NOTE_GAP: Final = 10
_PIN: Final = 14
_OPACITY_BEHIND: Final = 0.5
_MIDDLE: Final = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine


class HeaderView(StripView[Header]):
    """The model's head, its name, and a note about it."""

    def __init__(self, surroundings: Surroundings, parent: QWidget) -> None:
        super().__init__(surroundings, parent)
        self._shown = Header("")
        self.fold_button = FoldButton(surroundings.theme, surroundings.icons, self)
        self.fold_button.clicked.connect(lambda: surroundings.requests.thoughts_toggled.emit(self._shown.message_id))

    @override
    def show_strip(self, strip: Header) -> None:
        self._shown = strip
        said = (strip.name, strip.note, tr("pinned") if strip.is_pinned else "")
        self.setAccessibleName(", ".join(part for part in said if part))
        self.fold_button.setVisible(bool(strip.thoughts))
        self.fold_button.show_state(strip.thoughts, is_unfolded=strip.is_unfolded)
        self._place_button()
        self.update()

    @override
    def buttons(self) -> Sequence[QWidget]:
        return (self.fold_button,)

    @override
    def restyle(self) -> None:
        self._place_button()
        self.update()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place_button()

    @override
    def height_for(self, width: int) -> int:
        return _HEADER

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self.surroundings.theme
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        self._paint_avatar(painter)
        painter.setFont(theme.font(TextRole.INTERFACE_STRONG))
        painter.setPen(theme.color(self.tone))
        name = painter.fontMetrics().elidedText(
            self._shown.name, Qt.TextElideMode.ElideMiddle, self.width() - _NAME_LEFT
        )
        painter.drawText(mirrored(self, QRect(_NAME_LEFT, 0, self.width() - _NAME_LEFT, _HEADER)), _MIDDLE, name)
        left = self._note_left()
        painter.setFont(theme.font(TextRole.INTERFACE))
        painter.setPen(theme.color("text_3"))
        room = max(0, self.width() - left)
        note = painter.fontMetrics().elidedText(self._shown.note, Qt.TextElideMode.ElideRight, room)
        painter.drawText(mirrored(self, QRect(left, 0, room, _HEADER)), _MIDDLE, note)
        if self._shown.is_pinned:
            self._paint_pin(painter)
        painter.end()

    def _note_left(self) -> int:
        metrics = QFontMetrics(self.surroundings.theme.font(TextRole.INTERFACE_STRONG))
        return _NAME_LEFT + metrics.horizontalAdvance(self._shown.name) + _NOTE_GAP

    def _pin_left(self) -> int:
        left = self._note_left()
        if self._shown.note:
            metrics = QFontMetrics(self.surroundings.theme.font(TextRole.INTERFACE))
            left += metrics.horizontalAdvance(self._shown.note) + _NOTE_GAP
        return left

    def _place_button(self) -> None:
        left = self._pin_left() + (_PIN + _NOTE_GAP if self._shown.is_pinned else 0)
        width = self.fold_button.sizeHint().width()
        place = QRect(max(0, min(left - 4, self.width() - width)), 0, width, _HEADER)
        self.fold_button.setGeometry(mirrored(self, place))

    def _paint_pin(self, painter: QPainter) -> None:
        color = self.surroundings.theme.color("text_3")
        pin = self.surroundings.icons.pixmap("pin", color, _PIN, self.devicePixelRatioF())
        place = QRect(min(self._pin_left(), self.width() - _PIN), (_HEADER - _PIN) // 2, _PIN, _PIN)
        painter.drawPixmap(mirrored(self, place), pin)

    def _paint_avatar(self, painter: QPainter) -> None:
        """As a brush, because a clip would leave its corners jagged."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(_OPACITY_BEHIND if self.is_left_out else 1.0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.translate(mirrored(self, QRect(0, 1, _AVATAR, _AVATAR)).topLeft())
        painter.setBrush(QBrush(self.surroundings.icons.avatar(_AVATAR, self.devicePixelRatioF())))
        painter.drawRoundedRect(0, 0, _AVATAR, _AVATAR, _AVATAR_RADIUS, _AVATAR_RADIUS)
        painter.restore()

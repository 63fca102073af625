"""One model in the list of those that are here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy
from typing_extensions import override

from app.translation import tr
from app.ui.icon_button import IconButton
from app.ui.icons import Icons
from app.ui.list_walk import STEPS
from app.ui.mirroring import mirrored
from app.ui.model_manager.catalogue_badge import HEIGHT as BADGE_HEIGHT
from app.ui.model_manager.catalogue_badge import badge_width, paint_badge
from app.ui.model_manager.discover_shown import Badge, Tone
from app.ui.model_manager.my_models_shown import MyModel
from app.ui.painted_button import PaintedButton
from app.ui.shortcuts import show_keys
from app.ui.text_button import TextButton
from app.ui.theme import TextRole, Theme

_HEIGHT: Final = 64
_SIDE: Final = 16
_STAR: Final = 28
_STAR_LEFT: Final = 10
_TEXT_LEFT: Final = 46
_LINE: Final = 20
_TOP: Final = 11
_GAP: Final = 8
_USE: Final = QSize(58, 28)
_SIZE_WIDTH: Final = 92
_USED_WIDTH: Final = 112
_SPEED_WIDTH: Final = 96
_WIDE: Final = 900
"""From here on the speed and the last use have columns of their own; else they stand under the size."""
_NARROW: Final = 480
"""Below this the button gives way: Enter and a click lead to the same."""


@dataclass(frozen=True, slots=True)
class _Column:
    """Two lines at the end of a row: a strong one and a quiet one."""

    width: int
    above: str
    below: str


class MyModelRow(PaintedButton):
    """A star, name and facts, numbers at the end, and the button that has the model answer. A click shows details."""

    walked = Signal(int)
    """An arrow key, as a step."""
    focused = Signal()
    favourite_wished = Signal(bool)
    use_requested = Signal()
    delete_requested = Signal()

    def __init__(self, model: MyModel, theme: Theme, icons: Icons) -> None:
        super().__init__(theme)
        self._icons = icons
        self._model = model
        self._star = IconButton("star", "", theme, icons, size=_STAR, icon_size=15, parent=self)
        self._use = TextButton(tr("Use"), parent=self)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        for part in (self._star, self._use):
            part.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the row answers to keys for them: F, Ctrl+Enter
        self._star.clicked.connect(lambda: self.favourite_wished.emit(not self._model.is_favourite))
        self._use.clicked.connect(self.use_requested)
        self.show_model(model)

    @property
    def model(self) -> MyModel:
        """What the row shows."""
        return self._model

    def show_model(self, model: MyModel) -> None:
        """Show what is known of the model now."""
        self._model = model
        self.setText(model.name)
        self.setAccessibleName(model.name)
        self.setAccessibleDescription(
            tr("in use; {facts}", facts=model.sentence) if model.is_in_use else model.sentence
        )
        wish = tr("No longer a favourite") if model.is_favourite else tr("Make it a favourite")
        self._star.set_name(wish, key=show_keys("F"))
        self._star.set_drawing("star-filled" if model.is_favourite else "star")
        self._star.setCheckable(model.is_favourite)
        self._star.setChecked(model.is_favourite)
        self._use.setToolTip(tr("Have {model} answer   {key}", model=model.name, key=show_keys("Ctrl+Enter")))
        self._use.setAccessibleName(tr("Use {model}", model=model.name))
        self._place_parts()
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(320, _HEIGHT)

    @override
    def nextCheckState(self) -> None:
        """A click asks for details; whether the row is marked, the list says."""

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() in STEPS:
            self.walked.emit(STEPS[event.key()])
        elif enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.use_requested.emit()
        elif event.key() == Qt.Key.Key_F and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self.favourite_wished.emit(not self._model.is_favourite)
        elif event.key() == Qt.Key.Key_Delete and self._model.can_go:
            self.delete_requested.emit()
        else:
            super().keyPressEvent(event)

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_parts()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        right = self._paint_end(painter, self.width() - _SIDE)
        for column in reversed(self._columns()):
            right -= column.width
            self._paint_column(painter, QRect(right, _TOP, column.width, 2 * _LINE), column)
        self._paint_words(painter, right - _GAP)
        painter.end()

    def _paint_ground(self, painter: QPainter) -> None:
        ground = "accent_soft" if self.isChecked() else "hover_raised" if self.underMouse() else ""
        place = self.rect().adjusted(4, 4, -4, -3)
        if ground:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color(ground))
            painter.drawRoundedRect(place, 8, 8)

    def _paint_words(self, painter: QPainter, right: int) -> None:
        model, left = self._model, _TEXT_LEFT
        badges = [badge for badge in (self._in_use_badge(), model.trouble, model.licence) if badge]
        strong, small = self._theme.font(TextRole.ROW, weight=600), self._theme.font(TextRole.SMALL)
        room = right - left
        widths = [badge_width(badge, self._theme) + _GAP for badge in badges]
        while badges and sum(widths) > room // 2:  # the name comes before what is said of it
            badges.pop()
            widths.pop()
        name_width = min(QFontMetrics(strong).horizontalAdvance(model.name) + 2, room - sum(widths))
        self._draw(painter, QRect(left, _TOP, name_width, _LINE), model.name, strong, "text")
        x = left + name_width + _GAP
        parameters_width = QFontMetrics(small).horizontalAdvance(model.parameters) + 2
        if model.parameters and x + parameters_width + sum(widths) <= right:
            self._draw(painter, QRect(x, _TOP, parameters_width, _LINE), model.parameters, small, "text_3")
            x += parameters_width + _GAP
        for badge, width in zip(badges, widths, strict=True):
            place = QRect(x, _TOP, width - _GAP, BADGE_HEIGHT)
            paint_badge(painter, mirrored(self, place), badge, self._theme)
            x += width
        below = QRect(left, _TOP + _LINE + 2, room, _LINE)
        facts = "  ·  ".join(part for part in (model.quantization, model.context, model.place) if part)
        self._draw(painter, below, facts, self._theme.font(TextRole.SMALL_NAME), "text_2")

    def _paint_column(self, painter: QPainter, place: QRect, column: _Column) -> None:
        above = QRect(place.left(), place.top(), place.width(), _LINE)
        self._draw(painter, above, column.above, self._theme.font(TextRole.ROW, weight=500), "text")
        below = above.translated(0, _LINE + 2)
        self._draw(painter, below, column.below, self._theme.font(TextRole.SMALL_NAME), "text_3")

    def _paint_end(self, painter: QPainter, right: int) -> int:
        """Paint what stands in the place of a button that there is none, and give where the rest ends."""
        if self.width() < _NARROW:
            return right
        if self._model.is_in_use:
            mark = self._icons.pixmap("check", self._theme.color("text_2"), 14, self.devicePixelRatioF())
            word = tr("In use")
            font = self._theme.font(TextRole.ROW)
            width = QFontMetrics(font).horizontalAdvance(word) + 2
            middle = QRect(right - width, 0, width, self.height())
            self._draw(painter, middle, word, font, "text_2")
            place = QRect(right - width - 20, (self.height() - 14) // 2, 14, 14)
            painter.drawPixmap(mirrored(self, place).topLeft(), mark)
            return right - max(width + 20, _USE.width()) - _SIDE
        return right - _USE.width() - _SIDE

    def _columns(self) -> list[_Column]:
        model = self._model
        if self.width() >= _WIDE:
            used = _Column(_USED_WIDTH, model.last_used, tr("last used") if model.last_used_at else "")
            speed = _Column(_SPEED_WIDTH, model.speed, tr("measured here") if model.speed else "")
            return [_Column(_SIZE_WIDTH, model.size, ""), used, speed]
        return [_Column(_SIZE_WIDTH, model.size, model.speed or model.last_used)]

    def _in_use_badge(self) -> Badge | None:
        return Badge(tr("In use"), Tone.ACCENT) if self._model.is_in_use and self.width() < _NARROW else None

    def _draw(self, painter: QPainter, place: QRect, words: str, font: QFont, color: str) -> None:
        painter.setFont(font)
        painter.setPen(self._theme.color(color))
        shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, place.width())
        right_to_left = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # names and numbers keep their own direction
        side = Qt.AlignmentFlag.AlignRight if right_to_left else Qt.AlignmentFlag.AlignLeft
        painter.drawText(mirrored(self, place), side | Qt.AlignmentFlag.AlignVCenter, shown)

    def _place_parts(self) -> None:
        self._star.setGeometry(mirrored(self, QRect(_STAR_LEFT, (self.height() - _STAR) // 2, _STAR, _STAR)))
        width = max(_USE.width(), self._use.sizeHint().width())
        place = QRect(self.width() - _SIDE - width, (self.height() - _USE.height()) // 2, width, _USE.height())
        self._use.setGeometry(mirrored(self, place))
        offered = not self._model.is_in_use and self._model.can_be_used
        self._use.setVisible(offered and self.width() >= _NARROW)

"""One model in a list: purpose first, then licence, size, fit, speed, and one button."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy
from typing_extensions import override

from app.translation import tr
from app.ui.icons import Icons
from app.ui.mirroring import mirrored
from app.ui.model_manager.catalogue_badge import HEIGHT, badge_width, paint_badge
from app.ui.model_manager.discover_shown import Action, ShownModel
from app.ui.model_manager.fit_gauge import WIDTH, FitGauge
from app.ui.painted_button import PaintedButton
from app.ui.text_button import TextButton
from app.ui.theme import TextRole, Theme
from app.ui.title_line import paint_title

_HEIGHT: Final = 64
_SIDE: Final = 16
_GAP: Final = 12
_BADGE_GAP: Final = 8
_SIZE_COLUMN: Final = 96
_SPEED_COLUMN: Final = 72
_BUTTON_COLUMN: Final = 92
_SPEED_BELOW: Final = 860
"""In rows narrower than this the speed moves under the size."""
_NO_SIZE_BELOW: Final = 560
"""In rows narrower than this the size joins the purpose's line."""
_LINE: Final = 18


class ModelRow(PaintedButton):
    """A row that leads to the model's page; its button fetches it. Words and numbers come ready to be painted."""

    get_requested = Signal(str)
    """The model with this key is wanted."""

    def __init__(self, shown: ShownModel, theme: Theme, icons: Icons) -> None:
        super().__init__(theme)
        self._icons = icons
        self._gauge = FitGauge(theme, icons)
        self._gauge.setParent(self)
        self.shown = shown
        self.button = TextButton("", parent=self)
        self.button.clicked.connect(self._act)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_model(shown)

    def show_model(self, shown: ShownModel) -> None:
        """Show another state of it."""
        self.shown = shown
        self.setAccessibleName(shown.sentence)
        self.setToolTip(shown.purpose.replace("<", "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}"))  # never markup
        self._gauge.show_fit(shown.fit)
        is_get = shown.action in {Action.GET, Action.GET_ANYWAY}
        self.button.setText(tr("Get") if is_get else tr("Details"))
        self.button.setProperty("kind", "" if shown.action is Action.GET else "plain")
        self.button.setAccessibleName(
            tr("Get {name}", name=shown.name) if is_get else tr("Details of {name}", name=shown.name)
        )
        self.button.setVisible(shown.action is not Action.NONE)
        self.button.style().polish(self.button)
        self._place()
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(480, _HEIGHT)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(320, _HEIGHT)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._place()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Up, Qt.Key.Key_Down}:
            event.ignore()  # the list walks its rows; a button would look for its neighbours by itself
        else:
            super().keyPressEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(self.layoutDirection())
        if self.underMouse() or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("pressed_raised" if self.isDown() else "hover_raised"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 11, 11)
        self._paint_name(painter)
        self._paint_purpose(painter)
        self._paint_size(painter)
        self._paint_speed(painter)
        self._paint_state(painter)
        painter.end()

    def _paint_name(self, painter: QPainter) -> None:
        shown, theme = self.shown, self._theme
        widths = [badge_width(badge, theme) for badge in shown.badges]
        strong, small = theme.font(TextRole.INTERFACE_STRONG), theme.font(TextRole.SMALL)
        parameters = _width(small, shown.parameters)
        room = self._words_right() - _SIDE - sum(width + _BADGE_GAP for width in widths) - parameters - _BADGE_GAP
        name = min(_width(strong, shown.name), max(80, room))
        painter.setFont(strong)
        painter.setPen(theme.color("text"))
        paint_title(painter, mirrored(self, QRect(_SIDE, 13, name, _LINE)), shown.name)
        left = _SIDE + name + _BADGE_GAP
        if parameters:
            painter.setFont(small)
            painter.setPen(theme.color("text_3"))
            self._write(painter, QRect(left, 13, parameters, _LINE), shown.parameters)
            left += parameters + _BADGE_GAP
        for badge, width in zip(shown.badges, widths, strict=True):
            if left + width <= self._words_right():
                paint_badge(painter, mirrored(self, QRect(left, 12, width, HEIGHT)), badge, theme)
                left += width + _BADGE_GAP

    def _paint_purpose(self, painter: QPainter) -> None:
        shown = self.shown
        words = shown.purpose if self.width() >= _NO_SIZE_BELOW else f"{shown.size} · {shown.purpose}"
        painter.setFont(self._theme.font(TextRole.INTERFACE))
        painter.setPen(self._theme.color("text_2"))
        place = QRect(_SIDE, 33, self._words_right() - _SIDE, _LINE)
        paint_title(painter, mirrored(self, place), words.strip(" ·"))

    def _paint_size(self, painter: QPainter) -> None:
        if self.width() < _NO_SIZE_BELOW:
            return
        left = self._size_left()
        painter.setFont(self._theme.font(TextRole.INTERFACE, weight=500))
        painter.setPen(self._theme.color("text"))
        self._write(painter, QRect(left, 13, _SIZE_COLUMN, _LINE), self.shown.size)
        is_narrow = self.width() < _SPEED_BELOW
        below = self._speed() if is_narrow and self._speed() else self.shown.quantization
        painter.setFont(self._theme.font(TextRole.BADGE, weight=400))
        painter.setPen(self._theme.color("text_3"))
        self._write(painter, QRect(left, 33, _SIZE_COLUMN, _LINE), below)

    def _paint_speed(self, painter: QPainter) -> None:
        if self.width() >= _SPEED_BELOW and self._speed():
            painter.setFont(self._theme.font(TextRole.INTERFACE))
            painter.setPen(self._theme.color("text_2"))
            place = QRect(self.width() - _BUTTON_COLUMN - _SIDE - _SPEED_COLUMN, 0, _SPEED_COLUMN, _HEIGHT)
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignTrailing
            painter.drawText(mirrored(self, place), flags, self._speed())

    def _paint_state(self, painter: QPainter) -> None:
        if self.shown.action is Action.NONE:
            painter.setFont(self._theme.font(TextRole.INTERFACE))
            painter.setPen(self._theme.color("text_2"))
            place = QRect(self.width() - _BUTTON_COLUMN - _SIDE, 0, _BUTTON_COLUMN, _HEIGHT)
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignTrailing
            painter.drawText(mirrored(self, place), flags, self.shown.state)

    def _write(self, painter: QPainter, place: QRect, words: str) -> None:
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        painter.drawText(mirrored(self, place), flags, words)

    def _speed(self) -> str:
        return self.shown.fit.speed if self.shown.fit else ""

    def _gauge_left(self) -> int:
        is_wide = self.width() >= _SPEED_BELOW
        speed = _SPEED_COLUMN + _GAP if is_wide else 0
        return self.width() - _SIDE - _BUTTON_COLUMN - speed - WIDTH - (_GAP if is_wide else 0)

    def _size_left(self) -> int:
        return self._gauge_left() - _SIZE_COLUMN - (_GAP if self.width() >= _SPEED_BELOW else 0)

    def _words_right(self) -> int:
        has_size = self.width() >= _NO_SIZE_BELOW and bool(self.shown.size)
        return (self._size_left() if has_size else self._gauge_left()) - _GAP

    def _place(self) -> None:
        size = self.button.sizeHint()
        left = self.width() - _SIDE - size.width()
        self.button.setGeometry(
            mirrored(self, QRect(left, (_HEIGHT - size.height()) // 2, size.width(), size.height()))
        )
        gauge = self._gauge.sizeHint()
        self._gauge.setGeometry(mirrored(self, QRect(self._gauge_left(), 13, WIDTH + _GAP, gauge.height())))

    def _act(self) -> None:
        if self.shown.action in {Action.GET, Action.GET_ANYWAY}:
            self.get_requested.emit(self.shown.key)
        else:
            self.click()


def _width(font: QFont, words: str) -> int:
    return QFontMetrics(font).horizontalAdvance(words) + 2 if words else 0

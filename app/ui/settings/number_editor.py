"""The control of a setting that is a number, or nothing."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLineEdit, QStyle
from typing_extensions import override

from app.settings.registry import Setting, SettingError, Value
from app.translation import tr
from app.ui.icons import Icons
from app.ui.line_ends import keep_room
from app.ui.settings.setting_editor import SettingEditor
from app.ui.theme import TextRole, Theme

_WIDTH: Final = 160
_OPTIONAL_WIDTH: Final = 260
_STEPS: Final = 26
_GAP: Final = 4
_CHEVRON: Final = 13
_RADIUS: Final = 8
_DIGITS: Final = 6


class NumberEditor(SettingEditor):
    """A field for a number. An optional setting may be left empty; the field then says what that means."""

    def __init__(self, setting: Setting, theme: Theme, icons: Icons) -> None:
        self._field = _NumberField(tr(setting.unit), theme, icons)
        self._field.setFixedWidth(_OPTIONAL_WIDTH if setting.optional else _WIDTH)
        self._field.setPlaceholderText(tr(setting.none_label) if setting.optional else "")
        self._shown = ""
        super().__init__(setting, self._field)
        self._field.editingFinished.connect(self.finish)
        self._field.stepped.connect(self._step)

    def show_value(self, value: Value) -> None:
        """Show the value that the setting has now."""
        self._shown = "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
        if self._field.text() != self._shown:
            self._field.setText(self._shown)

    @override
    def show_wrong(self, *, is_wrong: bool) -> None:
        self._field.show_wrong(is_wrong=is_wrong)

    @override
    def finish(self) -> None:
        typed = self._field.text().strip()
        if typed == self._shown:
            self.given_up.emit()
        else:
            self._wish(typed)

    def _wish(self, typed: str) -> None:
        self.edited.emit(None if self.setting.optional and not typed else typed)

    def _step(self, direction: int) -> None:
        """Go to the next multiple of the setting's step; from nothing, or from no number, begin at the least one."""
        try:
            value = self.setting.parse(self._field.text())
        except SettingError:
            value = None
        at = float(value) if isinstance(value, (int, float)) else 0.0
        self._field.setText(self._stepped(at, direction))
        self._wish(self._field.text())

    def _stepped(self, at: float, direction: int) -> str:
        step = self.setting.step or 1
        steps = round(at / step, _DIGITS)
        multiple = (math.floor(steps) + 1 if direction > 0 else math.ceil(steps) - 1) * step
        lowest, highest = self.setting.minimum, self.setting.maximum
        bounded = max(multiple if lowest is None else lowest, multiple)
        bounded = min(bounded if highest is None else highest, bounded)
        return f"{round(bounded, _DIGITS):g}" if self.setting.kind is float else str(int(bounded))


class _NumberField(QLineEdit):
    """A line with its unit and two arrows painted at its end; the arrow keys do the same."""

    stepped = Signal(int)
    """Up is 1, down is -1."""

    def __init__(self, unit: str, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._unit = unit
        self._theme = theme
        self._icons = icons
        self._is_wrong = False
        self.setFont(theme.font(TextRole.ROW))
        self._unit_font = theme.font(TextRole.SMALL)
        self._keep_room()
        self.textChanged.connect(self._keep_room)
        self.setMouseTracking(True)
        theme.changed.connect(self.update)

    def show_wrong(self, *, is_wrong: bool) -> None:
        """Have the border in the colour of errors, or not."""
        self._is_wrong = is_wrong
        self.update()

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._keep_room()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        direction = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
        if direction is None:
            super().keyPressEvent(event)
        else:
            self.stepped.emit(direction)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        if self._steps().contains(place):
            self.stepped.emit(1 if place.y() < self.height() / 2 else -1)
        else:
            super().mousePressEvent(event)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        is_over = self._steps().contains(event.position().toPoint())
        self.setCursor(Qt.CursorShape.ArrowCursor if is_over else Qt.CursorShape.IBeamCursor)
        super().mouseMoveEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._is_wrong:
            painter.setPen(QPen(self._theme.color("error"), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        if self.text():
            self._paint_unit(painter)
        self._paint_steps(painter)
        painter.end()

    def _keep_room(self) -> None:
        """A number has its unit behind it; what an empty field means may take that place."""
        unit = QFontMetrics(self._unit_font).horizontalAdvance(self._unit) + _GAP if self._unit and self.text() else 0
        keep_room(self, end=_STEPS + unit)

    def _paint_unit(self, painter: QPainter) -> None:
        painter.setFont(self._unit_font)
        painter.setPen(self._theme.color("text_3"))
        place = QStyle.visualRect(self.layoutDirection(), self.rect(), self.rect().adjusted(0, 0, -_STEPS - _GAP, 0))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignTrailing, self._unit)

    def _paint_steps(self, painter: QPainter) -> None:
        tone = self._theme.color("text_2")
        steps = self._steps()
        left = steps.center().x() - _CHEVRON // 2
        middle = self.height() // 2
        for name, top in (("chevron-up", middle - _CHEVRON), ("chevron-down", middle)):
            painter.drawPixmap(left, top, self._icons.pixmap(name, tone, _CHEVRON, self.devicePixelRatioF()))

    def _steps(self) -> QRect:
        """Where the arrows are."""
        place = QRect(QPoint(self.width() - _STEPS, 0), QSize(_STEPS, self.height()))
        return QStyle.visualRect(self.layoutDirection(), self.rect(), place)

"""The control of a setting with a few known values."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QComboBox, QStyle
from typing_extensions import override

from app.settings.registry import Setting, Value
from app.translation import tr
from app.ui.icons import Icons
from app.ui.popover import Popover
from app.ui.settings.choice_list import ChoiceList
from app.ui.settings.setting_editor import SettingEditor
from app.ui.theme import TextRole, Theme

_HEIGHT: Final = 32
_LEAST_WIDTH: Final = 160
_MOST_WIDTH: Final = 260
_CARD_PADDING: Final = 6
_RADIUS: Final = 8
_CHEVRON: Final = 13
_PADDING: Final = 11
_ROUNDING: Final = 2
"""Widths of words are rounded down: what is exactly as wide would be cut."""


class ChoiceEditor(SettingEditor):
    """A box with the chosen label; it opens the list of all of them."""

    def __init__(self, setting: Setting, theme: Theme, icons: Icons) -> None:
        self._box = ChoiceBox(theme, icons)
        for value, label in setting.choices:
            self._box.addItem(tr(label), value)
        super().__init__(setting, self._box)
        self._box.activated.connect(self._say)

    def show_value(self, value: Value) -> None:
        """Show the value that the setting has now."""
        self._box.setCurrentIndex(self._box.findData(value))

    def _say(self, index: int) -> None:
        self.edited.emit(self._box.itemData(index))


class ChoiceBox(QComboBox):
    """Painted as the other controls are; the wheel scrolls the page and changes nothing."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._icons = icons
        self.setFont(theme.font(TextRole.ROW, weight=500))
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # a combo box would take the keyboard by the wheel
        theme.changed.connect(self.update)

    @override
    def sizeHint(self) -> QSize:
        widths = [self.fontMetrics().horizontalAdvance(self.itemText(index)) for index in range(self.count())]
        wished = max(widths, default=0) + _ROUNDING + 2 * _PADDING + 2 * _CHEVRON
        return QSize(max(_LEAST_WIDTH, min(wished, _MOST_WIDTH)), _HEIGHT)

    @override
    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()  # what is chosen is whole; the words beside it can break their lines

    @override
    def showPopup(self) -> None:
        labels = [self.itemText(index) for index in range(self.count())]
        choices = ChoiceList(labels, self.currentIndex(), self._theme, self._icons)
        choices.setAccessibleName(self.accessibleName())
        choices.setMinimumWidth(self.width() - 2 * _CARD_PADDING)
        popover = Popover(choices, self._theme)
        choices.taken.connect(popover.dismiss)
        choices.taken.connect(self._take)
        popover.dismissed.connect(popover.deleteLater)
        popover.open_at(self)

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("border_strong"), 1))
        painter.setBrush(self._theme.color("hover_raised" if self.underMouse() else "raised"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        painter.setPen(self._theme.color("text"))
        words = self.rect().adjusted(_PADDING, 0, -_PADDING, 0)
        room = words.width() - 2 * _CHEVRON
        text = self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, text)
        chevron = QStyle.alignedRect(
            self.layoutDirection(),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight,
            QSize(_CHEVRON, _CHEVRON),
            words,
        )
        tone = self._theme.color("text_2")
        painter.drawPixmap(chevron, self._icons.pixmap("chevron-down", tone, _CHEVRON, self.devicePixelRatioF()))
        painter.end()

    def _take(self, index: int) -> None:
        self.setCurrentIndex(index)
        self.activated.emit(index)

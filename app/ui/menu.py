"""A menu of actions on a popover: rows with icon, words and key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QVBoxLayout, QWidget
from typing_extensions import override

from app.ui.focus_ring import SHOWS_OWN_FOCUS
from app.ui.icons import Icons
from app.ui.list_walk import STEPS, walk
from app.ui.mirroring import mirrored
from app.ui.popover import Popover
from app.ui.theme import TextRole, Theme

_ROW: Final = 32
_LEAST_WIDTH: Final = 180
_TEXT_LEFT: Final = 36
_PADDING: Final = 10


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One action: what it is called, what it does, and the key that does the same."""

    icon: str
    label: str
    trigger: Callable[[], None]
    key: str = ""


class Menu(QWidget):
    """Rows that are walked with the arrow keys and used with Enter."""

    def __init__(self, name: str, entries: Sequence[MenuEntry], theme: Theme, icons: Icons) -> None:
        super().__init__(None)
        self.setAccessibleName(name)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.rows = [MenuRow(entry, theme, icons) for entry in entries]
        for row in self.rows:
            layout.addWidget(row)
        self.setFocusProxy(self.rows[0])

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = STEPS.get(event.key())
        if step is None:
            super().keyPressEvent(event)
        else:
            walk(self.rows, step)


class MenuRow(QAbstractButton):
    """One row of a menu."""

    def __init__(self, entry: MenuEntry, theme: Theme, icons: Icons) -> None:
        super().__init__(None)
        self._entry = entry
        self._theme = theme
        self._icons = icons
        self.setText(entry.label)
        self.setAccessibleName(entry.label)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setProperty(SHOWS_OWN_FOCUS, True)
        self.setFont(theme.font(TextRole.ROW))

    @property
    def entry(self) -> MenuEntry:
        """The action of this row."""
        return self._entry

    @override
    def sizeHint(self) -> QSize:
        words = QFontMetrics(self.font()).horizontalAdvance(f"{self._entry.label}      {self._entry.key}")
        return QSize(max(_LEAST_WIDTH, words + _TEXT_LEFT + _PADDING), _ROW)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() == Qt.Key.Key_Space:
            super().keyPressEvent(event)
        else:
            event.ignore()  # arrows and Escape are the menu's

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.hasFocus():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("pressed_raised" if self.isDown() else "hover_raised"))
            painter.drawRoundedRect(QRectF(self.rect()), 8, 8)
        icon = self._icons.pixmap(self._entry.icon, self._theme.color("text_2"), 16, self.devicePixelRatioF())
        painter.drawPixmap(mirrored(self, QRect(_PADDING, (self.height() - 16) // 2, 16, 16)).topLeft(), icon)
        painter.setPen(self._theme.color("text"))
        words = mirrored(self, self.rect().adjusted(_TEXT_LEFT, 0, -_PADDING, 0))
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._entry.label)
        painter.setPen(self._theme.color("text_3"))
        painter.setFont(self._theme.font(TextRole.SMALL))
        painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._entry.key)
        painter.end()


def open_menu(menu: Menu, theme: Theme, widget: QWidget, point: QPoint) -> Popover:
    """Open `menu` at `point` of `widget`; a chosen row closes it first and then acts."""
    popover = Popover(menu, theme)
    for row in menu.rows:
        row.clicked.connect(popover.dismiss)
        row.clicked.connect(row.entry.trigger)
    popover.dismissed.connect(popover.deleteLater)
    popover.open_at_point(widget, point)
    return popover

"""The groups of settings, in place of the sidebar's list."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QStyle, QVBoxLayout, QWidget
from typing_extensions import override

from app.settings.registry import Group
from app.translation import tr
from app.ui.icons import Icons
from app.ui.painted_button import PaintedButton
from app.ui.settings.groups import ICONS, SHOWN
from app.ui.theme import TextRole, Theme

_HEIGHT: Final = 32
_RADIUS: Final = 8
_PADDING: Final = 8
_ICON: Final = 16
_CHOSEN_WEIGHT: Final = 550


class GroupList(QWidget):
    """One row for each group; the arrow keys walk them."""

    group_chosen = Signal(object)

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self.setAccessibleName(tr("Groups of settings"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.rows = {group: _GroupRow(group, theme, icons) for group in SHOWN}
        for group, row in self.rows.items():
            row.toggled.connect(partial(self._say, group))
            layout.addWidget(row)

    def choose(self, group: Group) -> None:
        """Have `group` chosen."""
        self.rows[group].setChecked(True)

    def show_none(self) -> None:
        """Have none chosen: a search looks through all of them."""
        for row in self.rows.values():
            row.setAutoExclusive(False)
            row.setChecked(False)
            row.setAutoExclusive(True)

    def set_narrow(self, *, is_narrow: bool) -> None:
        """Show the icons only, with their names in tooltips; or the names too."""
        for row in self.rows.values():
            row.set_narrow(is_narrow=is_narrow)

    def _say(self, group: Group, is_chosen: bool) -> None:  # noqa: FBT001 - as `toggled` says it
        if is_chosen:
            self.group_chosen.emit(group)


class _GroupRow(PaintedButton):
    def __init__(self, group: Group, theme: Theme, icons: Icons) -> None:
        super().__init__(theme)
        self._drawing = ICONS[group]
        self._icons = icons
        self._is_narrow = False
        self.setText(tr(group))
        self.setAccessibleName(tr(group))
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_narrow(self, *, is_narrow: bool) -> None:
        """Show the icon only, or the name too."""
        self._is_narrow = is_narrow
        self.setToolTip(self.text() if is_narrow else "")
        self.updateGeometry()
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(_ICON + 2 * _PADDING, _HEIGHT)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = "accent_soft" if self.isChecked() else "hover" if self.underMouse() else ""
        if ground:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color(ground))
            painter.drawRoundedRect(QRectF(self.rect()), _RADIUS, _RADIUS)
        tone = self._theme.color("accent" if self.isChecked() else "text_2")
        left = (self.width() - _ICON) // 2 if self._is_narrow else _PADDING
        place = QRect(left, (self.height() - _ICON) // 2, _ICON, _ICON)
        mirrored = QStyle.visualRect(self.layoutDirection(), self.rect(), place)
        painter.drawPixmap(mirrored, self._icons.pixmap(self._drawing, tone, _ICON, self.devicePixelRatioF()))
        if not self._is_narrow:
            self._paint_name(painter)
        painter.end()

    def _paint_name(self, painter: QPainter) -> None:
        painter.setFont(self._theme.font(TextRole.ROW, weight=_CHOSEN_WEIGHT if self.isChecked() else None))
        painter.setPen(self._theme.color("text"))
        place = self.rect().adjusted(_PADDING + _ICON + 8, 0, -_PADDING, 0)
        mirrored = QStyle.visualRect(self.layoutDirection(), self.rect(), place)
        painter.drawText(mirrored, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, self.text())

"""What models have to do with on this laptop, at the end of the title's line."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.icons import Icons
from app.ui.mirroring import mirrored
from app.ui.plain_label import PlainLabel
from app.ui.text_button import TextButton
from app.ui.theme import TextRole, Theme

_ICON: Final = 16


class MemoryLine(QWidget):
    """How much memory there is, and how much of it is free now; in narrow windows only the latter.

    It is hidden until somebody has looked.
    """

    hardware_requested = Signal()

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._icons = icons
        self._all = PlainLabel("", theme, TextRole.INTERFACE, "text_2")
        self._free = PlainLabel("", theme, TextRole.INTERFACE_STRONG)
        self._disk = PlainLabel("", theme, TextRole.INTERFACE, "text_2")
        hardware = TextButton(tr("Hardware"), "accent")
        hardware.setObjectName("hardware_button")
        hardware.clicked.connect(self.hardware_requested)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(_ICON + 8, 0, 0, 0)
        layout.setSpacing(5)
        for part in (self._all, self._free, self._disk, hardware):
            layout.addWidget(part)
        self.hide()
        theme.changed.connect(self.update)

    def show_memory(self, total: str, free: str, disk_free: str) -> None:
        """Show the numbers, each with its unit."""
        self._all.setText(tr("{total} memory,", total=total))
        self._free.setText(tr("{free} free now", free=free))
        self._disk.setText(tr("· {size} disk free", size=disk_free))
        words = tr("{total} memory, {free} free now, {size} disk free", total=total, free=free, size=disk_free)
        self.setAccessibleName(words)
        self.show()

    def set_narrow(self, *, is_narrow: bool) -> None:
        """Show what is free only, or all."""
        self._all.setVisible(not is_narrow)
        self._disk.setVisible(not is_narrow)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        icon = self._icons.pixmap("laptop", self._theme.color("text_2"), _ICON, self.devicePixelRatioF())
        place = QRect(0, (self.height() - _ICON) // 2, _ICON, _ICON)
        painter.drawPixmap(mirrored(self, place).topLeft(), icon)
        painter.end()

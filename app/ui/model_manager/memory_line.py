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
    """How much memory there is, and how much of it a model could have; in narrow windows only the latter.

    What a loaded model takes counts as free: it would make room. It is hidden until somebody has looked.
    """

    hardware_requested = Signal()

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._icons = icons
        self._total = ""
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

    def show_memory(self, total: str, free: str) -> None:
        """Show how much there is, and how much of it a model could have; each with its unit."""
        self._total = total
        self._all.setText(tr("{total} memory,", total=total))
        self.show_free(free)
        self.show()

    def show_free(self, free: str) -> None:
        """Show another number of what a model could have."""
        self._free.setText(tr("{free} free for a model", free=free))
        words = tr("{total} memory, {free} free for a model", total=self._total, free=free)
        self.setAccessibleName(words)

    def show_disk(self, free: str) -> None:
        """Show how much room there is for files."""
        self._disk.setText(tr("· {size} disk free", size=free))
        self.setAccessibleDescription(tr("{size} disk free", size=free))

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

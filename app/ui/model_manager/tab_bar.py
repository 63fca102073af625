"""The names of the model manager's pages, in a row above them."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.mirroring import mirrored
from app.ui.model_manager.tab import TAB_NAMES, Tab
from app.ui.painted_button import PaintedButton
from app.ui.shortcuts import shortcut_text
from app.ui.theme import TextRole, Theme

_HEIGHT: Final = 36
_PADDING: Final = 10
_LINE: Final = 2
_GAP: Final = 7
_BADGE_HEIGHT: Final = 19
_BADGE_PADDING: Final = 6
_CHOSEN_WEIGHT: Final = 600


class TabBar(QWidget):
    """One name for each page; the arrow keys walk them."""

    tab_chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setAccessibleName(tr("Pages about models"))
        self.tabs = {tab: TabButton(tab, theme) for tab in Tab}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for tab, button in self.tabs.items():
            button.toggled.connect(partial(self._say, tab))
            layout.addWidget(button)
        layout.addStretch(1)

    def choose(self, tab: Tab) -> None:
        """Have `tab` chosen."""
        self.tabs[tab].setChecked(True)

    def _say(self, tab: Tab, is_chosen: bool) -> None:  # noqa: FBT001 - as `toggled` says it
        if is_chosen:
            self.tab_chosen.emit(tab)


class TabButton(PaintedButton):
    """A page's name, a number beside it, and a line below it while the page is shown."""

    def __init__(self, tab: Tab, theme: Theme) -> None:
        super().__init__(theme)
        self._count = 0
        self._has_badge = tab is Tab.DOWNLOADS  # what is going on stands out; what there is, is only a number
        self.setObjectName(f"{tab}_tab")
        self.setText(tr(TAB_NAMES[tab]))
        self.setToolTip(shortcut_text(tab))
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_count(0)

    def set_count(self, count: int) -> None:
        """Show `count` beside the name; 0 shows none."""
        self._count = count
        self.setAccessibleName(tr("{name}, {count:,}", name=self.text(), count=count) if count else self.text())
        self.updateGeometry()
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(self._name_width() + self._count_width() + 2 * _PADDING, _HEIGHT)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._theme.font(TextRole.ROW, weight=_CHOSEN_WEIGHT if self.isChecked() else None))
        painter.setPen(self._theme.color("text" if self.isChecked() or self.underMouse() else "text_2"))
        name = QRect(_PADDING, 0, self._name_width(), self.height() - _LINE)
        painter.drawText(mirrored(self, name), Qt.AlignmentFlag.AlignCenter, self.text())
        if self._count:
            left = name.right() + 1 + _GAP
            top = (self.height() - _LINE - _BADGE_HEIGHT) // 2
            badge = QRect(left, top, self.width() - _PADDING - left, _BADGE_HEIGHT)
            self._paint_count(painter, QRectF(mirrored(self, badge)))
        if self.isChecked():
            line = self.rect().adjusted(_PADDING, self.height() - _LINE, -_PADDING, 0)
            painter.fillRect(line, self._theme.color("accent"))
        painter.end()

    def _paint_count(self, painter: QPainter, badge: QRectF) -> None:
        if self._has_badge:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("accent_soft"))
            painter.drawRoundedRect(badge, 5, 5)
        painter.setFont(self._theme.font(TextRole.BADGE))
        painter.setPen(self._theme.color("accent" if self._has_badge else "text_2"))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, f"{self._count:,}")

    def _name_width(self) -> int:
        """As wide as when it is chosen, so that nothing moves by choosing."""
        metrics = QFontMetrics(self._theme.font(TextRole.ROW, weight=_CHOSEN_WEIGHT))
        return metrics.horizontalAdvance(self.text()) + 2

    def _count_width(self) -> int:
        if not self._count:
            return 0
        digits = QFontMetrics(self._theme.font(TextRole.BADGE)).horizontalAdvance(f"{self._count:,}")
        return _GAP + digits + (2 * _BADGE_PADDING if self._has_badge else 2)

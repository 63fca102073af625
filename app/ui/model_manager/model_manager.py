"""The frame of the model manager: its title, the way back, and the pages under their names."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHideEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.icons import Icons
from app.ui.model_manager.memory_line import MemoryLine
from app.ui.model_manager.tab import Tab
from app.ui.model_manager.tab_bar import TabBar
from app.ui.notice import Notice
from app.ui.page import MARGIN, Page, PageHead
from app.ui.plain_label import PlainLabel
from app.ui.shortcuts import find_shortcut
from app.ui.theme import TextRole, Theme
from app.ui.toast import ToastArea

_NARROW: Final = 720
"""Below this width less is said of the laptop."""


class ModelManager(Page):
    """Shows the page of one tab. Each page is put in by who makes it; Escape leads back to the conversation."""

    tab_chosen = Signal(object)
    """The tab that is to be shown, a `Tab`; its page may not have been made yet."""
    left = Signal()
    """Something else is shown in its place."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._head = PageHead(tr("Back"), PlainLabel(tr("Models"), theme, TextRole.PAGE_TITLE), theme, icons)
        self._stack = QStackedWidget()
        self._pages: dict[Tab, QWidget] = {}
        self._keys = [self._shortcut(tab) for tab in Tab]
        self.tabs = TabBar(theme)
        self.memory = MemoryLine(theme, icons)
        self.notice = Notice(theme, icons)
        self.setObjectName("model_manager")
        self.setAccessibleName(tr("Models"))
        self._lay_out()
        self.toasts = ToastArea(self._stack, theme, icons)
        self._head.back.clicked.connect(self.closed)
        self.tabs.tab_chosen.connect(self._show_chosen)
        theme.changed.connect(self.update)

    @property
    def tab(self) -> Tab | None:
        """The tab that is shown; None before the first."""
        return next((tab for tab, button in self.tabs.tabs.items() if button.isChecked()), None)

    def has_page(self, tab: Tab) -> bool:
        """Whether the page of `tab` has been made."""
        return tab in self._pages

    def set_page(self, tab: Tab, page: QWidget) -> None:
        """Put `page` under `tab`."""
        self._pages[tab] = page
        self._stack.addWidget(page)
        if tab is self.tab:
            self._stack.setCurrentWidget(page)

    def show_tab(self, tab: Tab) -> None:
        """Show the page of `tab`, and say so as if the user had chosen it."""
        if tab is self.tab:
            self._show_chosen(tab)
        else:
            self.tabs.choose(tab)

    def set_count(self, tab: Tab, count: int) -> None:
        """Show a number beside the name of `tab`; 0 shows none."""
        self.tabs.tabs[tab].set_count(count)

    def focus_page(self, reason: Qt.FocusReason) -> None:
        """Put the keyboard on the page that is shown; on its tab, where the page takes none."""
        page = self._pages.get(self.tab) if self.tab is not None else None
        if page is not None and (page.focusPolicy() != Qt.FocusPolicy.NoFocus or page.focusProxy() is not None):
            page.setFocus(reason)
        elif self.tab is not None:
            self.tabs.tabs[self.tab].setFocus(reason)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.memory.set_narrow(is_narrow=self.width() < _NARROW)

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self.isHidden():  # not the whole window
            self.left.emit()

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        self.focus_page(event.reason())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("window"))
        painter.fillRect(QRect(0, self._stack.y() - 1, self.width(), 1), self._theme.color("border"))
        painter.end()

    def _show_chosen(self, tab: Tab) -> None:
        self.tab_chosen.emit(tab)  # the page may be made now
        page = self._pages.get(tab)
        if page is not None:
            self._stack.setCurrentWidget(page)

    def _choose_by_key(self, tab: Tab) -> None:
        self.show_tab(tab)
        self.focus_page(Qt.FocusReason.ShortcutFocusReason)

    def _shortcut(self, tab: Tab) -> QShortcut:
        shortcut = QShortcut(QKeySequence(find_shortcut(tab).keys), self)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)  # wherever the keyboard is, while this is shown
        shortcut.activated.connect(partial(self._choose_by_key, tab))
        return shortcut

    def _lay_out(self) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._head.setContentsMargins(MARGIN - 8, 14, MARGIN, 0)
        self._head.addWidget(self.memory)
        names = QHBoxLayout()
        names.setContentsMargins(MARGIN - 10, 6, MARGIN, 1)
        names.addWidget(self.tabs)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._head)
        layout.addLayout(names)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self.notice)

"""Places the panels. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QEvent, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QFocusEvent, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from app.ui.composer.composer import Composer
from app.ui.empty_state import EmptyState
from app.ui.icons import Icons
from app.ui.notice import Notice
from app.ui.rail import Rail
from app.ui.side_panel import SidePanel, SidePanelMode
from app.ui.sidebar.sidebar import Sidebar, SidebarAction
from app.ui.theme import Theme
from app.ui.toast import ToastArea
from app.ui.top_bar import TopBar
from app.ui.transcript.transcript import Transcript

_FIRST_SIZE: Final = (1280, 860)
_SMALLEST: Final = (640, 480)
_SHARE_OF_SCREEN: Final = 0.92


class MainWindow(QMainWindow):
    """The sidebar at the left; beside it the top bar, the transcript and the composer; or a page in place of all."""

    files_dropped = Signal(list)
    """Paths of files that were dropped anywhere on the window."""
    closing = Signal()
    activated = Signal()
    """It is the window that has the keyboard now."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._icons = icons
        self.setObjectName("main_window")
        self.setWindowTitle("Paddock")
        self.setAccessibleName("Paddock")
        self.setMinimumSize(*_SMALLEST)
        self.setAcceptDrops(True)
        self.sidebar = Sidebar(theme, icons)
        self.rail = Rail(theme, icons)
        self.side_panel = SidePanel(self.sidebar, self.rail, theme)
        self.top_bar = TopBar(theme, icons)
        self.transcript = Transcript(theme, icons)
        self.empty_state = EmptyState(theme, icons)
        self.notice = Notice(theme, icons)
        self.composer = Composer(theme, icons)
        self._foot: QWidget | None = None
        self._column = QWidget()
        self._above_composer = QStackedWidget()
        self._beside_sidebar = QStackedWidget()
        self._pages = QStackedWidget()
        self._above_page_foot = _column()
        self._above_window_foot = _column()
        self._place()
        self.toasts = ToastArea(self._above_composer, theme, icons)
        self.side_panel.mode_changed.connect(self._show_menu_button)

    def restore(self, geometry: QByteArray, sidebar_width: int, *, sidebar_hidden: bool) -> None:
        """Be where the window was; a first window takes its designed size, as far as the screen allows it."""
        if geometry.isEmpty() or not self.restoreGeometry(geometry):
            screen = QGuiApplication.primaryScreen().availableGeometry()
            width, height = _FIRST_SIZE
            self.resize(
                min(width, round(screen.width() * _SHARE_OF_SCREEN)),
                min(height, round(screen.height() * _SHARE_OF_SCREEN)),
            )
        self.side_panel.set_sidebar_width(sidebar_width)
        self.side_panel.set_collapsed(sidebar_hidden)

    def set_actions(self, actions: Sequence[SidebarAction]) -> None:
        """Show these ways to other pages at the bottom of the sidebar and of the rail."""
        self.sidebar.set_actions(actions)
        self.rail.set_actions(actions)

    def mark_action(self, action_id: str, *, is_here: bool) -> None:
        """Mark the way to the page where the user is, in the sidebar and in the rail; or no longer."""
        self.sidebar.mark_action(action_id, is_here=is_here)
        self.rail.mark_action(action_id, is_here=is_here)

    def panels(self) -> list[tuple[QWidget, QWidget]]:
        """The panels in reading order, each with the widget in it that takes the keyboard."""
        return [
            (self.sidebar, self.sidebar.list),
            (self.rail, self.rail.first_button),
            (self.top_bar, self.top_bar.title),
            (self.transcript, self.transcript),
            (self.composer, self.composer.editor),
        ]

    def set_foot(self, foot: QWidget) -> None:
        """Have `foot` below whatever page is shown."""
        self._foot = foot
        self._pages.currentChanged.connect(self._place_foot)
        self._place_foot()

    def place_above_composer(self, card: QWidget) -> None:
        """Have `card` between the words and the composer, while it is not hidden."""
        column = self._column.layout()
        if isinstance(column, QVBoxLayout):
            column.insertWidget(column.indexOf(self.composer), card)

    def show_words(self, *, first_time: bool) -> None:
        """Show the transcript above the composer; with the first conversation the greeting stays above the words."""
        if not first_time:
            self.transcript.set_lead(None)
        elif self.transcript.lead_widget is None:
            greeting = EmptyState(self._theme, self._icons)
            greeting.show_above_words()
            self.transcript.set_lead(greeting)
        self._above_composer.setCurrentWidget(self.transcript)

    def show_empty_state(self, *, first_time: bool) -> None:
        """Show what stands where no words are yet; the first time it greets."""
        if first_time:
            self.empty_state.show_first_start()
        else:
            self.empty_state.show_new_conversation()
        self._above_composer.setCurrentWidget(self.empty_state)

    def show_page(self, page: QWidget) -> None:
        """Show a page in place of everything."""
        _show_in(self._pages, page)

    def show_beside_sidebar(self, page: QWidget) -> None:
        """Show a page in place of the conversation; the sidebar stays."""
        self.side_panel.close_over()
        _show_in(self._beside_sidebar, page)

    def leave_page(self) -> None:
        """Come back from a page in place of everything to what was there before it: another page, or the words."""
        before = self._beside_sidebar.currentWidget()
        if before is None or before is self._column:
            self.show_conversation()
        else:
            self._pages.setCurrentIndex(0)
            before.setFocus()

    def show_conversation(self) -> None:
        """Come back from a page, or from the sidebar that lies over the words, and let the user write."""
        self.side_panel.close_over()
        self._pages.setCurrentIndex(0)
        self._beside_sidebar.setCurrentIndex(0)
        self.composer.focus_editor()

    def _place(self) -> None:
        words = QVBoxLayout(self._column)
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(0)
        words.addWidget(self.top_bar)
        self._above_composer.addWidget(self.empty_state)
        self._above_composer.addWidget(self.transcript)
        words.addWidget(self._above_composer, 1)
        words.addWidget(self.notice)
        words.addWidget(self.composer)
        page = QWidget()
        panels = QHBoxLayout(page)
        panels.setContentsMargins(0, 0, 0, 0)
        panels.setSpacing(0)
        panels.addWidget(self.side_panel)
        self._beside_sidebar.addWidget(self._column)
        self._above_page_foot.addWidget(self._beside_sidebar, 1)
        panels.addLayout(self._above_page_foot, 1)
        self._pages.addWidget(page)
        everything = QWidget(self)
        everything.setLayout(self._above_window_foot)
        self._above_window_foot.addWidget(self._pages, 1)
        self.setCentralWidget(everything)

    def _place_foot(self) -> None:
        """Beside the sidebar, or below a page that stands in place of everything."""
        if self._foot is not None:
            is_hidden = self._foot.isHidden()
            above = self._above_window_foot if self._pages.currentIndex() else self._above_page_foot
            above.addWidget(self._foot)
            self._foot.setHidden(is_hidden)  # a new parent would hide it

    def _show_menu_button(self, mode: SidePanelMode) -> None:
        self.top_bar.set_menu_visible(mode is SidePanelMode.NOTHING)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.side_panel.set_window_width(self.width())

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.activated.emit()

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard belongs to what is shown."""
        page = self._pages.currentWidget() if self._pages.currentIndex() else self._beside_sidebar.currentWidget()
        if page is self._column:
            self.composer.focus_editor()
        elif page is not None:
            page.setFocus(event.reason())

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        self.closing.emit()
        super().closeEvent(event)

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.files_dropped.emit(paths)


def _column() -> QVBoxLayout:
    column = QVBoxLayout()
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    return column


def _show_in(stack: QStackedWidget, page: QWidget) -> None:
    if stack.indexOf(page) < 0:
        stack.addWidget(page)
    stack.setCurrentWidget(page)
    page.setFocus()

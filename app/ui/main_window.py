"""Places the panels. It decides nothing."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.composer.composer import Composer
from app.ui.empty_state import EmptyState
from app.ui.icons import Icons
from app.ui.rail import SidePanel
from app.ui.sidebar.sidebar import Sidebar
from app.ui.theme import Theme
from app.ui.toast import ToastArea
from app.ui.top_bar import TopBar
from app.ui.transcript.transcript import Transcript


class MainWindow(QMainWindow):
    """The sidebar at the left; beside it the top bar, the transcript and the composer, or the settings in place of all."""

    files_dropped = Signal(list)
    closing = Signal()

    def __init__(self, theme: Theme, icons: Icons) -> None:
        """Make the panels and put them in their places."""
        super().__init__()
        self.setObjectName("main_window")
        self.setWindowTitle("Paddock")
        self.setMinimumSize(640, 480)
        self.setAcceptDrops(True)
        self.sidebar = Sidebar(theme, icons)
        self.side_panel = SidePanel(theme, icons, self.sidebar)
        self.top_bar = TopBar(theme, icons)
        self.transcript = Transcript(theme, icons)
        self.empty_state = EmptyState(theme, icons)
        self.composer = Composer(theme, icons)
        self.pages = QStackedWidget()
        self._place()
        self.toasts = ToastArea(self.transcript, theme, icons)

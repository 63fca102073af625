"""The round that Tab makes through the window, from the sidebar to a toast."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.ui.icons import Icons
from app.ui.main_window import MainWindow
from app.ui.row_button import RowButton
from app.ui.sidebar import SidebarAction
from app.ui.theme import Theme
from tests.ui.hands import press, show_active

pytestmark = pytest.mark.ui


@pytest.fixture
def window(qtbot: QtBot, theme: Theme, icons: Icons) -> MainWindow:
    """The main window with two ways to other pages, as they are set after it was made."""
    window = MainWindow(theme, icons)
    window.resize(1280, 860)
    window.set_actions(
        [SidebarAction("trash-2", "Bin", window.hide), SidebarAction("settings", "Settings", window.hide)]
    )
    show_active(qtbot, window)
    return window


def focused() -> QWidget:
    """Where the keyboard is."""
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def test_tab_goes_from_the_list_to_the_ways_below_it(window: MainWindow) -> None:
    """In the order in which they are seen, and back."""
    bin_, settings = (row for row in window.sidebar.findChildren(RowButton) if row.text() in ("Bin", "Settings"))
    window.sidebar.list.setFocus()
    for row in (bin_, settings):
        press(Qt.Key.Key_Tab)
        assert focused() is row
    for widget in (bin_, window.sidebar.list):
        press(Qt.Key.Key_Backtab)
        assert focused() is widget


def test_after_the_composer_tab_comes_to_the_toast(window: MainWindow) -> None:
    """One key after the last control of the composer the word just said can be taken back."""
    undone: list[str] = []
    window.toasts.show_undo("Moved to the bin.", lambda: undone.append("lease"))
    window.composer.picker.setFocus()
    press(Qt.Key.Key_Tab)
    assert isinstance(focused(), QPushButton)
    assert focused().objectName() == "undo_button"
    press(Qt.Key.Key_Space)
    assert undone == ["lease"]

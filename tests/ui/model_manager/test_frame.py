"""The frame of the model manager: pages that are made when they are wanted, tabs, keys, and the way back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.ui.icons import Icons
from app.ui.model_manager.model_manager import ModelManager
from app.ui.model_manager.tab import Tab
from app.ui.shortcuts import find_shortcut
from app.ui.theme import Theme
from tests.ui.hands import click, emitted, press, show_active

pytestmark = pytest.mark.ui


@pytest.fixture
def frame(qtbot: QtBot, theme: Theme, icons: Icons) -> ModelManager:
    """The frame with two pages, "My models" shown."""
    frame = ModelManager(theme, icons)
    frame.resize(900, 600)
    for tab in (Tab.MY_MODELS, Tab.DISCOVER):
        frame.set_page(tab, QPushButton(str(tab)))
    frame.show_tab(Tab.MY_MODELS)
    show_active(qtbot, frame)
    return frame


def seen(frame: ModelManager) -> list[str]:
    """The pages that can be seen."""
    return [page.text() for page in frame.findChildren(QPushButton) if page.text() and page.isVisible()]


def test_a_click_on_a_tab_shows_its_page(frame: ModelManager) -> None:
    """It is said too, because the page may have to be made first."""
    chosen = emitted(frame.tab_chosen)
    click(frame.tabs.tabs[Tab.DISCOVER])
    assert chosen == [(Tab.DISCOVER,)]
    assert frame.tab is Tab.DISCOVER
    assert seen(frame) == ["discover"]


def test_a_page_that_is_made_late_is_shown_at_once(frame: ModelManager) -> None:
    """Who makes pages need not show them."""

    def make(tab: Tab) -> None:
        if not frame.has_page(tab):
            frame.set_page(tab, QPushButton("made"))

    frame.tab_chosen.connect(make)
    frame.show_tab(Tab.DOWNLOADS)
    assert seen(frame) == ["made"]


def test_the_arrow_keys_walk_the_tabs(frame: ModelManager) -> None:
    """From name to name, and the pages follow."""
    frame.tabs.tabs[Tab.MY_MODELS].setFocus(Qt.FocusReason.TabFocusReason)
    press(Qt.Key.Key_Right)
    assert frame.tab is Tab.DISCOVER
    press(Qt.Key.Key_Left)
    assert frame.tab is Tab.MY_MODELS


@pytest.mark.parametrize(("tab", "key"), [(Tab.MY_MODELS, Qt.Key.Key_1), (Tab.DISCOVER, Qt.Key.Key_2)])
def test_each_tab_has_a_key(frame: ModelManager, tab: Tab, key: Qt.Key) -> None:
    """Ctrl and its number, from wherever the keyboard is on the page; the page takes the keyboard."""
    frame.show_tab(Tab.DOWNLOADS)
    frame.tabs.tabs[Tab.DOWNLOADS].setFocus()
    press(key, Qt.KeyboardModifier.ControlModifier)
    assert frame.tab is tab
    focused = QApplication.focusWidget()
    assert isinstance(focused, QPushButton)
    assert focused.text() == str(tab)
    assert QKeySequence(find_shortcut(tab).keys) == QKeySequence(Qt.KeyboardModifier.ControlModifier | key)


def test_the_keys_of_the_tabs_are_heard_while_the_frame_is_shown(qtbot: QtBot, theme: Theme, icons: Icons) -> None:
    """Also where the keyboard is beside it; a conversation in its place does not hear them."""
    window, beside, frame = QWidget(), QLineEdit(), ModelManager(theme, icons)
    layout = QVBoxLayout(window)
    layout.addWidget(beside)
    layout.addWidget(frame)
    frame.show_tab(Tab.MY_MODELS)
    show_active(qtbot, window)
    beside.setFocus()
    press(Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert frame.tab is Tab.DISCOVER
    frame.hide()
    beside.setFocus()
    press(Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert frame.tab is Tab.DISCOVER


def test_escape_and_the_arrow_lead_back(frame: ModelManager) -> None:
    """Both say the same."""
    closed = emitted(frame.closed)
    frame.focus_page(Qt.FocusReason.TabFocusReason)
    press(Qt.Key.Key_Escape)
    back = next(child for child in frame.findChildren(QWidget) if child.accessibleName() == "Back")
    click(back)
    assert len(closed) == 2


def test_a_number_beside_a_tab_is_said_too(frame: ModelManager) -> None:
    """Nobody needs eyes to know that two downloads run; none is not worth a word."""
    frame.set_count(Tab.DOWNLOADS, 2)
    assert frame.tabs.tabs[Tab.DOWNLOADS].accessibleName() == "Downloads, 2"
    frame.set_count(Tab.DOWNLOADS, 0)
    assert frame.tabs.tabs[Tab.DOWNLOADS].accessibleName() == "Downloads"


def test_nothing_moves_when_a_tab_is_chosen(frame: ModelManager) -> None:
    """A chosen name is heavier, and as wide as before."""
    before = [button.geometry() for button in frame.tabs.tabs.values()]
    frame.show_tab(Tab.DOWNLOADS)
    QTest.qWait(0)
    assert [button.geometry() for button in frame.tabs.tabs.values()] == before

"""The left edge of the window: a sidebar, a rail or nothing, and the sidebar over the words."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QHBoxLayout, QTextEdit, QWidget
from pytestqt.qtbot import QtBot

from app.ui.icon_button import IconButton
from app.ui.icons import Icons
from app.ui.rail import RAIL_WIDTH, Rail
from app.ui.shortcuts import make_shortcuts
from app.ui.side_panel import SidePanel, SidePanelMode
from app.ui.sidebar import Sidebar, SidebarAction
from app.ui.theme import Theme
from tests.ui.hands import click, emitted, press, show_active

pytestmark = pytest.mark.ui


class Window(QWidget):
    """The left edge beside words, as the main window has it."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__(None)
        self.sidebar = Sidebar(theme, icons)
        self.rail = Rail(theme, icons)
        self.panel = SidePanel(self.sidebar, self.rail, theme)
        self.words = QTextEdit()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.panel)
        layout.addWidget(self.words, 1)

    def be_wide(self, width: int) -> None:
        """Take a width, and tell the panel, as resizing does."""
        self.resize(width, 600)
        self.panel.set_window_width(width)
        QApplication.processEvents()


@pytest.fixture
def window(qtbot: QtBot, theme: Theme, icons: Icons) -> Window:
    """A wide window."""
    made = Window(theme, icons)
    made.be_wide(1280)
    show_active(qtbot, made)
    return made


@pytest.mark.parametrize(
    ("width", "mode", "panel_width"),
    [
        (1280, SidePanelMode.SIDEBAR, 264),
        (960, SidePanelMode.SIDEBAR, 264),
        (959, SidePanelMode.RAIL, RAIL_WIDTH),
        (720, SidePanelMode.RAIL, RAIL_WIDTH),
        (719, SidePanelMode.NOTHING, 0),
    ],
)
def test_the_edge_takes_what_the_window_can_spare(
    window: Window, width: int, mode: SidePanelMode, panel_width: int
) -> None:
    """Words come first: the sidebar gives way to a rail, and the rail to nothing."""
    window.be_wide(width)
    assert window.panel.mode is mode
    assert (window.panel.width() if window.panel.isVisible() else 0) == panel_width
    assert window.sidebar.isVisible() == (mode is SidePanelMode.SIDEBAR)
    assert window.rail.isVisible() == (mode is SidePanelMode.RAIL)


def test_the_top_bar_is_told_when_it_must_offer_the_menu(window: Window) -> None:
    """Each change of the edge is told once."""
    modes = emitted(window.panel.mode_changed)
    for width in (1000, 800, 790, 600):
        window.be_wide(width)
    assert modes == [(SidePanelMode.RAIL,), (SidePanelMode.NOTHING,)]


@pytest.mark.parametrize("width", [900, 650])
def test_in_a_small_window_the_sidebar_lies_over_the_words_until_escape(window: Window, width: int) -> None:
    """It opens with the keyboard in the search, and Escape gives everything back."""
    window.be_wide(width)
    window.words.setFocus()
    place = window.words.geometry()
    window.panel.open_sidebar()
    assert window.sidebar.isVisible()
    assert window.words.geometry() == place, "the words must not move"
    assert window.sidebar.search_field.hasFocus()
    press(Qt.Key.Key_Escape)
    assert not window.sidebar.isVisible()
    assert window.words.hasFocus()


def test_over_the_words_the_keys_of_the_window_still_work(window: Window) -> None:
    """The row says Ctrl N, so Ctrl N works; only Escape belongs to the sidebar now."""
    used: list[str] = []
    actions = {"new_conversation": lambda: used.append("new"), "toggle_sidebar": window.panel.toggle}
    make_shortcuts(window, {**actions, "stop": lambda: used.append("stop")})
    window.be_wide(900)
    window.panel.open_sidebar()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Escape)
    assert used == ["new"]
    assert not window.panel.is_over
    for is_over in (True, False):
        QTest.keyClick(window.windowHandle(), Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
        assert window.panel.is_over == is_over


def test_a_click_beside_the_open_sidebar_closes_it(qtbot: QtBot, window: Window) -> None:
    """A click in it does not."""
    window.be_wide(900)
    click(window.rail.findChildren(IconButton)[0])
    assert window.panel.is_over
    overlay = window.sidebar.parentWidget()
    assert overlay is not None
    click(overlay, QPoint(100, 400))
    assert window.panel.is_over
    click(overlay, QPoint(700, 300))
    assert not window.panel.is_over


def test_choosing_a_conversation_closes_the_sidebar_over_the_words(window: Window) -> None:
    """One came to open something; it is open."""
    window.be_wide(900)
    window.panel.open_sidebar()
    window.sidebar.conversation_selected.emit("c1")
    assert not window.panel.is_over
    assert not window.sidebar.isVisible()


def test_tab_stays_inside_what_lies_on_top(window: Window) -> None:
    """The words behind cannot be reached until the sidebar is away."""
    window.be_wide(900)
    window.panel.open_sidebar()
    for _ in range(8):
        press(Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        assert focused is not None
        assert window.sidebar.isAncestorOf(focused)


def test_a_window_that_grows_takes_the_sidebar_back_into_its_place(window: Window) -> None:
    """Open over the words, then wide: it stands beside them."""
    window.be_wide(900)
    window.panel.open_sidebar()
    window.be_wide(1200)
    assert not window.panel.is_over
    assert window.sidebar.isVisible()
    assert window.sidebar.parentWidget() is window.panel


def test_the_width_is_dragged_and_told(window: Window) -> None:
    """It stays between 200 and 360, and can be given back at the next start."""
    widths = emitted(window.panel.width_changed)
    for x, expected in ((300, 300), (900, 360), (20, 200)):
        drag_edge(window, x)
        assert window.panel.width() == expected
    assert widths == [(300,), (360,), (200,)]
    window.panel.set_sidebar_width(280)
    assert window.panel.width() == window.panel.sidebar_width == 280


def test_the_sidebar_folds_into_the_rail_and_back(window: Window) -> None:
    """Ctrl+B where there is room; the choice is remembered by the panel."""
    window.panel.toggle()
    assert window.panel.is_collapsed
    assert window.panel.mode is SidePanelMode.RAIL
    window.panel.toggle()
    assert window.panel.mode is SidePanelMode.SIDEBAR
    assert window.panel.width() == 264


def test_folding_moves_unless_motion_is_reduced(qtbot: QtBot, window: Window, theme: Theme) -> None:
    """160 ms on the way from 264 to 52 pixels, and it arrives."""
    theme.set_reduced_motion(False)
    window.panel.toggle()
    assert window.panel.width() > RAIL_WIDTH
    qtbot.waitUntil(lambda: window.panel.width() == RAIL_WIDTH)


def test_opening_over_the_words_slides_and_arrives(qtbot: QtBot, window: Window, theme: Theme) -> None:
    """With motion it starts outside the window and ends at its edge."""
    theme.set_reduced_motion(False)
    window.be_wide(900)
    window.panel.open_sidebar()
    qtbot.waitUntil(lambda: window.sidebar.x() == 0)
    qtbot.waitUntil(lambda: window.sidebar.graphicsEffect() is None)  # pyright: ignore[reportUnnecessaryComparison]


def test_the_rail_leads_where_the_sidebar_leads(window: Window) -> None:
    """Same pages, each button with a name and a key to learn."""
    visited: list[str] = []
    window.rail.set_actions([SidebarAction("settings", "Settings", lambda: visited.append("settings"), "Ctrl ,")])
    buttons = window.rail.findChildren(IconButton)
    assert [button.accessibleName() for button in buttons] == [
        "Show the sidebar",
        "New conversation",
        "Search the conversations",
        "Settings",
    ]
    assert all("Ctrl" in button.toolTip() for button in buttons)
    buttons[-1].click()
    assert visited == ["settings"]


def test_right_to_left_the_edge_is_at_the_other_side(qtbot: QtBot, theme: Theme, icons: Icons) -> None:
    """The sidebar over the words comes from the right."""
    window = Window(theme, icons)
    window.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    show_active(qtbot, window)
    window.be_wide(900)
    window.panel.open_sidebar()
    assert window.sidebar.geometry().right() == window.width() - 1


def drag_edge(window: Window, x: int) -> None:
    """Drag the edge of the sidebar to `x`."""
    handle = window.panel.childAt(QPoint(window.panel.width() - 2, 300))
    assert handle is not None
    assert not isinstance(handle, QAbstractButton)
    QTest.mousePress(handle, Qt.MouseButton.LeftButton)
    point = QPointF(window.mapToGlobal(QPoint(x, 300)))
    moved = QMouseEvent(
        QMouseEvent.Type.MouseMove,
        QPointF(2, 2),
        point,
        Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(handle, moved)
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton)

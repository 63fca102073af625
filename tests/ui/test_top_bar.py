"""The bar above the words: the title that can be changed, and the line that says something is loading."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.ui.icon_button import IconButton
from app.ui.icons import Icons
from app.ui.loading_line import LoadingLine
from app.ui.theme import Theme
from app.ui.top_bar import TopBar
from tests.ui.hands import click, emitted, press, show_active

pytestmark = pytest.mark.ui


@pytest.fixture
def window(qapp: object) -> QWidget:
    """The window that the bar is in."""
    widget = QWidget()
    widget.resize(800, 300)
    return widget


@pytest.fixture
def bar(qtbot: QtBot, window: QWidget, theme: Theme, icons: Icons) -> TopBar:
    """A bar above something else that can have the keyboard."""
    made = TopBar(theme, icons)
    layout = QVBoxLayout(window)
    layout.addWidget(made)
    layout.addWidget(QPushButton("elsewhere"))
    made.set_title("Notice period in the lease", "Clients")
    show_active(qtbot, window)
    return made


def retype(bar: TopBar, words: str) -> None:
    """Write `words` over the selected title."""
    QTest.keyClicks(bar.title, words)


def test_a_click_edits_the_title_and_enter_keeps_it(bar: TopBar) -> None:
    """All of it is selected: typing replaces it."""
    renamed = emitted(bar.renamed)
    click(bar.title)
    retype(bar, "The lease")
    press(Qt.Key.Key_Return)
    assert renamed == [("The lease",)]
    assert bar.title.text() == "The lease"
    assert bar.title.isReadOnly()


def test_a_title_is_read_in_its_own_direction(bar: TopBar) -> None:
    """The exclamation mark of a Hebrew one stands at its left, wherever it begins."""
    bar.title.setFixedWidth(200)
    pictures: list[QImage] = []
    for title in ("שכר!", "\u202bשכר!\u202c", "\u202aשכר!\u202c"):
        bar.set_title(title)
        pictures.append(bar.title.grab().toImage())
    assert pictures[0] == pictures[1]
    assert pictures[0] != pictures[2]


def test_escape_keeps_the_old_title(bar: TopBar) -> None:
    """Nothing is told."""
    renamed = emitted(bar.renamed)
    bar.title.edit_title()
    retype(bar, "Something else")
    press(Qt.Key.Key_Escape)
    assert renamed == []
    assert bar.title.text() == "Notice period in the lease"


def test_leaving_the_field_keeps_what_was_typed(bar: TopBar, window: QWidget) -> None:
    """A click elsewhere is no reason to lose words."""
    renamed = emitted(bar.renamed)
    bar.title.edit_title()
    retype(bar, "The lease")
    elsewhere = window.findChild(QPushButton)
    assert isinstance(elsewhere, QPushButton)
    elsewhere.setFocus(Qt.FocusReason.MouseFocusReason)
    assert renamed == [("The lease",)]


@pytest.mark.parametrize("words", ["   ", "Notice period in the lease"])
def test_an_empty_or_unchanged_title_tells_nothing(bar: TopBar, words: str) -> None:
    """A conversation always has a title."""
    renamed = emitted(bar.renamed)
    bar.title.edit_title()
    retype(bar, words)
    press(Qt.Key.Key_Return)
    assert renamed == []
    assert bar.title.text() == "Notice period in the lease"


def test_a_title_that_arrives_does_not_disturb_the_pen(bar: TopBar) -> None:
    """The automatic title comes while one is typing another: the typed one wins."""
    renamed = emitted(bar.renamed)
    bar.title.edit_title()
    retype(bar, "Mine")
    bar.set_title("Automatic title")
    assert bar.title.text() == "Mine"
    press(Qt.Key.Key_Return)
    assert renamed == [("Mine",)]


def test_without_a_conversation_there_is_no_title_to_edit(bar: TopBar) -> None:
    """F2 on nothing does nothing."""
    bar.set_title("")
    bar.title.edit_title()
    assert not bar.title.isVisible()
    assert bar.title.isReadOnly()


def test_the_title_has_its_name(bar: TopBar) -> None:
    """For assistive technology, and for scripts."""
    assert bar.title.objectName() == "title_field"
    assert bar.title.accessibleName() == "Title"


def test_a_quick_load_shows_no_line(qtbot: QtBot, bar: TopBar) -> None:
    """What is over within 300 ms never flickers; what takes longer shows how far it is."""
    line = bar.findChild(LoadingLine)
    assert isinstance(line, LoadingLine)
    bar.set_loading(0.0)
    bar.set_loading(None)
    assert line.isHidden()
    bar.set_loading(0.1)
    assert line.isHidden()
    bar.set_loading(0.4)
    qtbot.waitUntil(line.isVisible)
    assert line.value() == 400
    assert line.width() == bar.width()
    bar.set_loading(None)
    assert line.isHidden()


def test_a_load_that_was_over_early_does_not_show_late(qtbot: QtBot, bar: TopBar) -> None:
    """The pause before the line ends with the load."""
    line = bar.findChild(LoadingLine)
    assert isinstance(line, LoadingLine)
    shown = emitted(line.valueChanged)
    bar.set_loading(0.2)
    bar.set_loading(None)
    bar.set_loading(0.3)
    qtbot.waitUntil(line.isVisible)
    assert shown == [(200,), (300,)]


def test_buttons_are_those_handed_in(qtbot: QtBot, bar: TopBar, theme: Theme, icons: Icons) -> None:
    """A second set replaces the first; the menu button comes only when asked for."""
    bar.set_buttons([IconButton("search", "Find", theme, icons)])
    bar.set_buttons([IconButton("menu", "More", theme, icons, key="F10")])
    qtbot.waitUntil(lambda: [each.accessibleName() for each in visible_buttons(bar)] == ["More"])
    asked = emitted(bar.menu_requested)
    bar.set_menu_visible(True)
    menu = next(button for button in bar.findChildren(IconButton) if button.accessibleName() == "Show the sidebar")
    assert menu.isVisible()
    click(menu)
    assert asked == [()]


def visible_buttons(bar: TopBar) -> list[IconButton]:
    """The buttons that can be seen."""
    return [button for button in bar.findChildren(IconButton) if button.isVisible()]

"""Small controls: buttons with only an icon, the ring of the keyboard, the table of keys, plain words."""

from __future__ import annotations

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.conversation import ConversationOptions, UsedAdapter
from app.ui.focus_ring import FocusRing
from app.ui.icon_button import IconButton
from app.ui.icons import Icons
from app.ui.menu import Menu, MenuEntry, MenuRow, open_menu
from app.ui.panel_walk import PanelWalk
from app.ui.plain_label import PlainLabel
from app.ui.scale_field import ScaleField
from app.ui.shortcuts import SHORTCUTS, find_shortcut, make_shortcuts, shortcut_label, shortcut_text, show_keys
from app.ui.stylesheet import make_stylesheet
from app.ui.text_button import TextButton
from app.ui.theme import TextRole, Theme
from app.ui.this_conversation import ThisConversation
from tests.ui.hands import click, emitted, press, show_active

pytestmark = pytest.mark.ui


@pytest.fixture
def window(qapp: QApplication) -> QWidget:
    """A window with two buttons and a field."""
    widget = QWidget()
    widget.resize(400, 300)
    layout = QVBoxLayout(widget)
    for name in ("first", "second"):
        button = QPushButton(name)
        button.setObjectName(name)
        layout.addWidget(button)
    layout.addWidget(QLineEdit())
    return widget


def test_an_icon_says_what_it_does_and_by_which_key(qtbot: QtBot, theme: Theme, icons: Icons) -> None:
    """Tooltip with key, accessible name, Enter and Space; a size that can be hit."""
    button = IconButton("search", "Find in this conversation", theme, icons, key="Ctrl F")
    show_active(qtbot, button)
    clicks = emitted(button.clicked)
    button.setFocus()
    press(Qt.Key.Key_Return)
    press(Qt.Key.Key_Space)
    click(button)
    assert len(clicks) == 3
    assert button.accessibleName() == "Find in this conversation"
    assert button.toolTip() == "Find in this conversation   Ctrl F"
    assert min(button.width(), button.height()) >= 28


@pytest.mark.parametrize("kind", ["", "primary", "plain", "accent"])
def test_words_are_pressed_by_enter_too(qtbot: QtBot, window: QWidget, theme: Theme, kind: str) -> None:
    """As icons are; and that makes no button larger than Qt's own."""
    button, qts = TextButton("Continue", kind, window), QPushButton("Continue", window)
    qts.setProperty("kind", kind)
    window.setStyleSheet(make_stylesheet(theme.tokens))
    show_active(qtbot, window)
    clicks = emitted(button.clicked)
    button.setFocus()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
        press(key)
    assert len(clicks) == 3
    assert button.sizeHint() == qts.sizeHint()


def test_an_icon_looks_different_when_it_cannot_be_used(theme: Theme, icons: Icons) -> None:
    """Off, on and at rest are three pictures."""
    button = IconButton("search", "Find", theme, icons)
    button.setCheckable(True)
    rest = button.grab().toImage()
    button.setChecked(True)
    checked = button.grab().toImage()
    button.setChecked(False)
    button.setEnabled(False)
    assert len({rest.pixelColor(15, 15).name(), checked.pixelColor(15, 15).name()}) == 2
    assert button.grab().toImage() != rest


def test_an_icon_follows_the_theme(theme: Theme, icons: Icons) -> None:
    """Dark icons on a dark ground would be gone."""
    button = IconButton("search", "Find", theme, icons)
    light = button.grab().toImage()
    theme.set_choice("dark")
    assert button.grab().toImage() != light


def test_the_ring_follows_the_keyboard_and_hides_from_the_mouse(
    qtbot: QtBot, window: QWidget, theme: Theme, qapp: QApplication
) -> None:
    """Tab shows where one is, 2 px outside the control; a click does not need to."""
    ring = FocusRing(window, theme, qapp)
    show_active(qtbot, window)
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Tab)
    focused = QApplication.focusWidget()
    assert isinstance(focused, QPushButton)
    assert ring.isVisible()
    assert ring.geometry() == focused.geometry().adjusted(-4, -4, 4, 4)
    window.resize(600, 400)
    qtbot.waitUntil(lambda: ring.geometry() == focused.geometry().adjusted(-4, -4, 4, 4))
    other = next(button for button in window.findChildren(QPushButton) if button is not focused)
    QTest.mouseClick(
        window.windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, other.geometry().center()
    )
    assert other.hasFocus()
    assert not ring.isVisible()


def test_the_ring_of_what_reaches_the_edge_is_whole(
    qtbot: QtBot, window: QWidget, theme: Theme, qapp: QApplication
) -> None:
    """There is nothing outside of the window to paint on."""
    ring = FocusRing(window, theme, qapp)
    window.layout().setContentsMargins(0, 0, 0, 0)  # pyright: ignore[reportOptionalMemberAccess] - the fixture made it
    show_active(qtbot, window)
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Tab)
    assert ring.isVisible()
    assert window.rect().contains(ring.geometry())
    assert ring.width() == window.width()


def test_the_ring_goes_with_what_is_scrolled_away(
    qtbot: QtBot, window: QWidget, theme: Theme, qapp: QApplication
) -> None:
    """It is not painted over what stands above the list."""
    ring = FocusRing(window, theme, qapp)
    area, inside = QScrollArea(window), QWidget()
    button = QPushButton("Use", inside)
    button.move(0, 20)
    inside.resize(200, 2000)
    area.setWidget(inside)
    area.setGeometry(100, 100, 200, 200)
    show_active(qtbot, window)
    button.setFocus()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Shift)
    button.clearFocus()
    button.setFocus()
    assert ring.isVisible()
    area.verticalScrollBar().setValue(30)
    assert ring.geometry().top() == 100 + area.frameWidth() - 4
    area.verticalScrollBar().setValue(500)
    assert not ring.isVisible()
    area.verticalScrollBar().setValue(0)
    assert ring.isVisible()


def test_the_ring_outlives_what_it_was_around(qtbot: QtBot, window: QWidget, theme: Theme, qapp: QApplication) -> None:
    """A sheet that had the keyboard is closed by it; the next widget is ringed as ever."""
    sheet = QWidget(window)
    gone, stays = QPushButton("Accept", sheet), QPushButton("Elsewhere", window)
    ring = FocusRing(window, theme, qapp)
    show_active(qtbot, window)
    gone.setFocus()
    QTest.keyClick(gone, Qt.Key.Key_Shift)
    shiboken6.delete(sheet)
    stays.setFocus()
    qtbot.waitUntil(ring.isVisible)


def test_a_field_shows_its_own_focus(qtbot: QtBot, window: QWidget, theme: Theme, qapp: QApplication) -> None:
    """Its border is accent already; a second ring would be noise."""
    ring = FocusRing(window, theme, qapp)
    show_active(qtbot, window)
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Tab)
    field = window.findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    field.setFocus(Qt.FocusReason.TabFocusReason)
    assert not ring.isVisible()


def test_a_menu_lets_no_key_through_to_the_window(qtbot: QtBot, window: QWidget, theme: Theme, icons: Icons) -> None:
    """While it is open, Ctrl+N opens no conversation behind it; Escape closes only the menu."""
    opened: list[str] = []
    make_shortcuts(window, {"new_conversation": lambda: opened.append("new"), "stop": lambda: opened.append("stop")})
    show_active(qtbot, window)
    entries = [MenuEntry("pencil", "Rename", lambda: opened.append("rename"))]
    menu = open_menu(Menu("Row", entries, theme, icons), theme, window, window.rect().center())
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Escape)
    assert opened == []
    qtbot.waitUntil(lambda: not window.findChildren(MenuRow))
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert opened == ["new"]
    del menu


def test_a_menu_stays_inside_the_window(qtbot: QtBot, window: QWidget, theme: Theme, icons: Icons) -> None:
    """Opened in the last corner, all of its rows can be reached."""
    show_active(qtbot, window)
    menu = Menu("Row", [MenuEntry("pencil", "Rename", window.hide)], theme, icons)
    popover = open_menu(menu, theme, window, window.rect().bottomRight())
    assert window.rect().contains(popover.content_area())


def test_a_popover_fades_in_and_arrives(qtbot: QtBot, window: QWidget, theme: Theme, icons: Icons) -> None:
    """With motion it ends where it would have been without."""
    theme.set_reduced_motion(False)
    show_active(qtbot, window)
    menu = Menu("Row", [MenuEntry("pencil", "Rename", window.hide)], theme, icons)
    popover = open_menu(menu, theme, window, window.rect().center())
    qtbot.waitUntil(lambda: popover.content_geometry() == menu.parentWidget().geometry())  # pyright: ignore[reportOptionalMemberAccess]
    assert menu.rows[0].hasFocus()


def test_each_key_means_one_thing() -> None:
    """Two lines of the table with the same key would both do nothing."""
    keys = [shortcut.keys for shortcut in SHORTCUTS]
    assert len(keys) == len(set(keys))
    assert all(shortcut_label(shortcut.id) for shortcut in SHORTCUTS)


def test_keys_are_shown_as_people_read_them() -> None:
    """Without plus signs, but never without the key."""
    assert shortcut_text("new_conversation") == "Ctrl N"
    assert shortcut_text("settings") == "Ctrl ,"
    assert show_keys("Ctrl++") == "Ctrl++"


def test_only_what_is_built_has_a_key(qtbot: QtBot, window: QWidget) -> None:
    """A key that is in the table but not asked for does nothing, and a misspelt one is an error at once."""
    made = make_shortcuts(window, {"search": window.hide})
    assert list(made) == ["search"]
    assert made["search"].key().toString() == "Ctrl+K"
    with pytest.raises(KeyError):
        find_shortcut("no_such_thing")


@pytest.mark.parametrize("typed", ["9", "-0.1", "much", "nan", ""])
def test_a_strength_that_cannot_be_is_refused_in_words(qtbot: QtBot, theme: Theme, icons: Icons, typed: str) -> None:
    """The one before stays, and the popover says what a strength is, until it has one."""
    options = ConversationOptions(adapters=(UsedAdapter("/models/poet.gguf", 0.5),))
    popover = ThisConversation(options, (), theme, icons)
    show_active(qtbot, popover)
    wanted = emitted(popover.changed)
    (field,) = popover.findChildren(ScaleField)
    field.setFocus()
    field.setText(typed)
    press(Qt.Key.Key_Return)
    said = "A strength is a number from 0 to 2. It stays 0.5."
    assert (field.text(), wanted) == ("0.5", [])
    assert said in [label.text() for label in popover.findChildren(PlainLabel)]
    field.setText("2")
    press(Qt.Key.Key_Return)
    assert len(wanted) == 1
    assert said not in [label.text() for label in popover.findChildren(PlainLabel)]


def test_a_label_shows_markup_instead_of_obeying_it(theme: Theme) -> None:
    """A title like this must not load a file."""
    label = PlainLabel("<img src='file:///etc/hostname'>", theme, TextRole.SMALL, "text_2")
    assert label.textFormat() is Qt.TextFormat.PlainText
    assert label.palette().windowText().color() == theme.color("text_2")
    theme.set_choice("dark")
    assert label.palette().windowText().color() == theme.color("text_2")
    label.set_color("error")
    assert label.palette().windowText().color() == theme.color("error")


def test_f6_walks_the_panels_that_can_be_seen(qtbot: QtBot, window: QWidget) -> None:
    """In order, round and round, and past a panel that is hidden; backwards too."""
    first, second = (found for name in ("first", "second") if (found := window.findChild(QPushButton, name)))
    field = window.findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    show_active(qtbot, window)
    field.setFocus()
    walk = PanelWalk([(first, first), (second, second), (field, field)])
    walk.forward()
    assert first.hasFocus()
    second.hide()
    walk.forward()
    assert field.hasFocus()
    walk.backward()
    assert first.hasFocus()

"""Toasts can be undone in time, by mouse and by keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QPushButton, QTextEdit, QWidget
from pytestqt.qtbot import QtBot

from app.errors import Fault, PaddockError
from app.ui.icon_button import IconButton
from app.ui.icons import Icons
from app.ui.notice import Notice
from app.ui.popover import Popover
from app.ui.theme import Theme
from app.ui.toast import Toast, ToastArea
from tests.ui.hands import click, emitted, press, show_active

pytestmark = pytest.mark.ui

WORDS = "Moved to the bin. It stays there for 30 days."


@pytest.fixture
def host(qtbot: QtBot) -> QWidget:
    """Where the words are."""
    widget = QWidget()
    widget.resize(800, 500)
    show_active(qtbot, widget)
    return widget


@pytest.fixture
def area(host: QWidget, theme: Theme, icons: Icons) -> ToastArea:
    """The place for toasts in it."""
    return ToastArea(host, theme, icons)


def undo_button(toast: Toast) -> QPushButton:
    """The button that takes it back."""
    found = toast.findChild(QPushButton, "undo_button")
    assert isinstance(found, QPushButton)
    return found


def test_undo_is_called_once_and_the_toast_is_gone(qtbot: QtBot, area: ToastArea) -> None:
    """One click takes it back."""
    undone: list[str] = []
    toast = area.show_undo(WORDS, lambda: undone.append("lease"))
    click(undo_button(toast))
    assert undone == ["lease"]
    assert not area.isVisible()


def test_a_toast_can_offer_what_comes_next(area: ToastArea) -> None:
    """Ctrl+Z takes back what was done before it, and never does what it offers."""
    used: list[str] = []
    undone: list[str] = []
    area.show_undo(WORDS, lambda: undone.append("lease"))
    offer = area.show_action("Qwen3 4B is here.", "Use it now", lambda: used.append("Qwen3 4B"))
    area.window().setFocus()
    QTest.keyClick(area.window(), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert (undone, used) == (["lease"], [])
    button = offer.findChild(QPushButton, "toast_action_button")
    assert isinstance(button, QPushButton)
    click(button)
    assert used == ["Qwen3 4B"]
    assert not area.isVisible()


def test_undo_is_reached_with_the_keyboard_and_waits_for_it(area: ToastArea) -> None:
    """While the keyboard is on it, its time stands still."""
    undone: list[str] = []
    toast = area.show_undo(WORDS, lambda: undone.append("lease"))
    assert toast.is_waiting
    undo_button(toast).setFocus(Qt.FocusReason.TabFocusReason)
    assert not toast.is_waiting
    press(Qt.Key.Key_Space)
    assert undone == ["lease"]


def test_toasts_and_notices_are_spoken(
    host: QWidget, area: ToastArea, theme: Theme, icons: Icons, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who does not see them hears them, once."""
    spoken: list[str] = []

    def hear(event: QAccessibleAnnouncementEvent) -> None:
        spoken.append(event.message())

    monkeypatch.setattr(QAccessible, "updateAccessibility", hear)
    area.show_undo(WORDS, host.hide)
    Notice(theme, icons, host).show_words("The disk is full.", "20 MB are enough.")
    assert spoken == [WORDS, "The disk is full. 20 MB are enough."]


def test_a_toast_waits_while_it_is_pointed_at(area: ToastArea) -> None:
    """Its 8 seconds go on when the pointer leaves."""
    toast = area.show_undo(WORDS, lambda: None)
    toast.enterEvent(None)  # pyright: ignore[reportArgumentType] - what the event holds does not matter
    assert not toast.is_waiting
    QApplication.sendEvent(toast, QEvent(QEvent.Type.Leave))
    assert toast.is_waiting


def test_a_toast_goes_by_itself_without_undoing(qtbot: QtBot, area: ToastArea, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody touched it: it was meant."""
    monkeypatch.setattr("app.ui.toast._SHOWN_MS", 20)
    undone: list[str] = []
    toast = area.show_undo(WORDS, lambda: undone.append("lease"))
    with qtbot.waitSignal(toast.gone):
        pass
    assert undone == []
    assert not area.isVisible()


def test_two_toasts_stand_above_each_other_and_undo_their_own(area: ToastArea, host: QWidget) -> None:
    """The first deletion can still be undone after the second."""
    undone: list[str] = []
    first = area.show_undo(WORDS, lambda: undone.append("first"))
    second = area.show_undo(WORDS, lambda: undone.append("second"))
    assert first.y() < second.y()
    click(undo_button(first))
    assert undone == ["first"]
    assert second.isVisible()
    host.resize(600, 400)
    assert area.geometry().center().x() == pytest.approx(300, abs=1)


def press_through_window(host: QWidget, key: Qt.Key) -> None:
    """Press Ctrl and a key as the system delivers it: to the native window."""
    QTest.keyClick(host.windowHandle(), key, Qt.KeyboardModifier.ControlModifier)


@pytest.mark.parametrize("field_class", [QLineEdit, QTextEdit, QPlainTextEdit, QPushButton])
def test_ctrl_z_takes_the_newest_back(
    area: ToastArea, host: QWidget, field_class: type[QLineEdit | QTextEdit | QPlainTextEdit | QPushButton]
) -> None:
    """Wherever the keyboard is, also in a field in which nothing was typed; without a toast the key does nothing."""
    field = field_class(host)
    field.show()
    field.setFocus()
    undone: list[str] = []
    area.show_undo(WORDS, lambda: undone.append("first"))
    area.show_undo(WORDS, lambda: undone.append("second"))
    for expected in (["second"], ["second", "first"], ["second", "first"]):
        press_through_window(host, Qt.Key.Key_Z)
        assert undone == expected


@pytest.mark.parametrize("field_class", [QLineEdit, QTextEdit, QPlainTextEdit])
def test_what_was_typed_is_undone_before_what_was_deleted(
    area: ToastArea, host: QWidget, field_class: type[QLineEdit | QTextEdit | QPlainTextEdit]
) -> None:
    """Ctrl+Z in a field with a history belongs to the field, until that is empty."""
    field = field_class(host)
    field.show()
    field.setFocus()
    undone: list[str] = []
    area.show_undo(WORDS, lambda: undone.append("lease"))
    QTest.keyClicks(field, "Dear")
    press_through_window(host, Qt.Key.Key_Z)
    assert undone == []
    press_through_window(host, Qt.Key.Key_Z)
    assert undone == ["lease"]


def test_ctrl_z_in_a_popover_or_behind_a_page_undoes_nothing(area: ToastArea, host: QWidget, theme: Theme) -> None:
    """What cannot be seen, or lies behind what is open, is not undone by accident."""
    button = QPushButton(host)
    button.show()
    button.setFocus()
    undone: list[str] = []
    area.show_undo(WORDS, lambda: undone.append("lease"))
    popover = Popover(QPushButton("Rename"), theme)
    popover.open_at(host)
    press_through_window(host, Qt.Key.Key_Z)
    popover.dismiss()
    area.hide()
    press_through_window(host, Qt.Key.Key_Z)
    assert undone == []
    area.show()
    press_through_window(host, Qt.Key.Key_Z)
    assert undone == ["lease"]


def test_good_news_goes_by_itself_and_an_error_stays(
    qtbot: QtBot, host: QWidget, theme: Theme, icons: Icons, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error that follows good news is not taken along."""
    monkeypatch.setattr("app.ui.notice._SHOWN_MS", 30)
    notice = Notice(theme, icons, host)
    notice.move(200, 200)  # away from the pointer of the test's screen, for which it would wait
    with qtbot.waitSignal(notice.closed):
        notice.show_words("There is room again.")
    assert notice.isHidden()
    notice.show_words("There is room again.")
    notice.show_error(PaddockError("The disk is full."))
    with qtbot.assertNotEmitted(notice.closed, wait=120):
        pass
    assert notice.isVisible()


def test_an_error_is_said_in_words_and_stays_until_it_is_closed(
    qtbot: QtBot, host: QWidget, theme: Theme, icons: Icons
) -> None:
    """Sentence and next step, with their values, never as markup."""

    class NoRoomError(PaddockError):
        fault = Fault.MACHINE

    notice = Notice(theme, icons, host)
    assert notice.isHidden()
    error = NoRoomError("{name} needs {size}.", next_step="Close {name}.", name="<b>X</b>", size="7.9 GB")
    notice.show_error(error)
    assert notice.isVisible()
    assert notice.accessibleName() == "<b>X</b> needs 7.9 GB. Close <b>X</b>."
    closed = emitted(notice.closed)
    close = notice.findChild(IconButton)
    assert isinstance(close, IconButton)
    click(close)
    assert notice.isHidden()
    notice.clear()
    assert closed == [()]

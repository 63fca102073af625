"""What lies over the window: the keyboard goes back to where it was, if that is still there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.ui.overlay import Overlay
from app.ui.shortcuts import make_shortcuts
from app.ui.theme import Theme
from tests.ui.hands import press, show_active

pytestmark = pytest.mark.ui


def _window(qtbot: QtBot) -> tuple[QWidget, QLineEdit]:
    window = QWidget()
    field = QLineEdit()
    QVBoxLayout(window).addWidget(field)
    show_active(qtbot, window)
    field.setFocus()
    return window, field


def test_the_keyboard_goes_back(qtbot: QtBot, theme: Theme) -> None:
    """To the field in which somebody was writing."""
    window, field = _window(qtbot)
    overlay = Overlay(QWidget(), theme, 0)
    overlay.open_over(window)
    assert not field.hasFocus()
    overlay.dismiss()
    assert field.hasFocus()


def _forbid(field: QLineEdit) -> None:
    field.setEnabled(False)


@pytest.mark.parametrize("end", [QLineEdit.deleteLater, QLineEdit.hide, _forbid])
def test_the_keyboard_goes_to_the_page_where_what_had_it_is_gone(
    qtbot: QtBot, theme: Theme, end: Callable[[QLineEdit], None]
) -> None:
    """A button that gave way to a sentence cannot take it back."""
    window, field = _window(qtbot)
    overlay = Overlay(QWidget(), theme, 0)
    overlay.open_over(window)
    end(field)
    QCoreApplication.sendPostedEvents(field, QEvent.Type.DeferredDelete.value)
    overlay.dismiss()
    assert window.focusWidget() is window


def test_the_keyboard_goes_to_a_neighbour_of_what_is_gone(qtbot: QtBot, theme: Theme) -> None:
    """The button in a row became a figure: the next key is not for the page's first button."""
    window, _field = _window(qtbot)
    row = QWidget()
    layout = QVBoxLayout(row)
    stays, gone = QPushButton("Page on the hub"), QPushButton("Get")
    layout.addWidget(stays)
    layout.addWidget(gone)
    window.layout().addWidget(row)  # pyright: ignore[reportOptionalMemberAccess] - the helper made it
    row.show()
    gone.setFocus()
    overlay = Overlay(QWidget(), theme, 0)
    overlay.open_over(window)
    gone.hide()
    overlay.dismiss()
    assert stays.hasFocus()


def test_what_had_the_keyboard_may_be_gone(qtbot: QtBot, theme: Theme) -> None:
    """A question that came over a sheet outlives it, and its answer is heard."""
    window, field = _window(qtbot)
    overlay = Overlay(QWidget(), theme, 0)
    overlay.open_over(window)
    shiboken6.delete(field)
    with qtbot.waitSignal(overlay.dismissed):
        overlay.dismiss()


def _open_over(window: QWidget, theme: Theme) -> tuple[Overlay, QPushButton]:
    """Lay a card with one button over the window."""
    button = QPushButton("Yes")
    overlay = Overlay(button, theme, 0)
    overlay.open_over(window)
    assert button.hasFocus()
    return overlay, button


def test_a_sheet_that_goes_leaves_the_keyboard_to_the_question_above_it(qtbot: QtBot, theme: Theme) -> None:
    """It is answered by its keys, nothing behind it hears them, and the field has the keyboard again after both."""
    window, field = _window(qtbot)
    opened: list[str] = []
    make_shortcuts(window, {"downloads": lambda: opened.append("downloads")})
    sheet, _ = _open_over(window, theme)
    question, answer = _open_over(window, theme)
    answer.clicked.connect(question.dismiss)
    sheet.dismiss()
    sheet.deleteLater()
    QCoreApplication.sendPostedEvents(sheet, QEvent.Type.DeferredDelete.value)
    press(Qt.Key.Key_Tab)
    press(Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert answer.hasFocus()
    assert opened == []
    press(Qt.Key.Key_Space)
    assert not question.isVisible()
    assert field.hasFocus()


def test_a_question_that_goes_leaves_the_keyboard_to_the_sheet_below_it(qtbot: QtBot, theme: Theme) -> None:
    """Also where the button that had it may not be pressed now."""
    window, _ = _window(qtbot)
    card = QWidget()
    card.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button = QPushButton("Download", card)
    sheet = Overlay(card, theme, 0)
    sheet.open_over(window)
    button.setFocus()
    question, _ = _open_over(window, theme)
    button.setEnabled(False)
    question.dismiss()
    assert card.hasFocus()

"""What lies over the window: the keyboard goes back to where it was, if that is still there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.ui.overlay import Overlay
from app.ui.theme import Theme
from tests.ui.hands import show_active

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


def test_what_had_the_keyboard_may_be_gone(qtbot: QtBot, theme: Theme) -> None:
    """A question that came over a sheet outlives it, and its answer is heard."""
    window, field = _window(qtbot)
    overlay = Overlay(QWidget(), theme, 0)
    overlay.open_over(window)
    shiboken6.delete(field)
    with qtbot.waitSignal(overlay.dismissed):
        overlay.dismiss()

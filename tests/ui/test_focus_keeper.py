"""Where the keyboard goes when the control that had it goes."""

from __future__ import annotations

import pytest
import shiboken6
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.ui.focus_keeper import FocusKeeper
from tests.ui.hands import show_active


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> QWidget:
    """A page with a card of four buttons, and a sidebar before and behind it."""
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    layout.addWidget(QPushButton("Sidebar"))
    card = QWidget()
    card.setObjectName("card")
    inner = QVBoxLayout(card)
    for name in ("Far", "Stop", "Measure", "Table"):
        each = QPushButton(name)
        each.setObjectName(name)
        inner.addWidget(each)
    layout.addWidget(card)
    layout.addWidget(QPushButton("Offline"))
    FocusKeeper(window, qapp)
    return window


def button(window: QWidget, name: str) -> QPushButton:
    """The button of that name."""
    found = window.findChild(QPushButton, name)
    assert isinstance(found, QPushButton)
    return found


def test_what_stands_in_its_place_gets_the_keyboard(qtbot: QtBot, window: QWidget) -> None:
    """Pressed, "Measure" makes room for "Stop": the next press of Space stops, and does nothing else."""
    stop, measure = button(window, "Stop"), button(window, "Measure")
    stop.hide()
    show_active(qtbot, window)
    measure.setFocus()
    measure.hide()
    stop.show()
    qtbot.waitUntil(stop.hasFocus)


@pytest.mark.parametrize("goes", ["hides", "is disabled", "is deleted with its card's row"])
def test_a_neighbour_gets_the_keyboard(qtbot: QtBot, window: QWidget, goes: str) -> None:
    """The nearest one of the same card."""
    measure = button(window, "Measure")
    show_active(qtbot, window)
    measure.setFocus()
    if goes == "is disabled":
        measure.setEnabled(False)
    else:
        measure.hide()
    if goes.startswith("is deleted"):
        shiboken6.delete(measure)
    qtbot.waitUntil(button(window, "Stop").hasFocus)


def test_a_focus_that_was_set_on_purpose_stays(qtbot: QtBot, window: QWidget) -> None:
    """Whoever hid the control knew better."""
    measure, far = button(window, "Measure"), button(window, "Far")
    show_active(qtbot, window)
    measure.setFocus()
    measure.hide()
    far.setFocus()
    QApplication.processEvents()
    assert far.hasFocus()


def test_a_card_that_goes_whole_leaves_it_to_qt(qtbot: QtBot, window: QWidget) -> None:
    """Nothing near is left."""
    show_active(qtbot, window)
    button(window, "Measure").setFocus()
    card = window.findChild(QWidget, "card")
    assert isinstance(card, QWidget)
    card.hide()
    focused = QApplication.focusWidget()
    QApplication.processEvents()
    assert QApplication.focusWidget() is focused
    shiboken6.delete(card)
    QApplication.processEvents()

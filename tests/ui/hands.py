"""The hands and ears of a test: press keys, click, and listen to signals."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, SignalInstance
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

NO_KEY = Qt.KeyboardModifier.NoModifier


def emitted(signal: SignalInstance) -> list[tuple[object, ...]]:
    """Give a list that grows by the arguments of each emission from now on."""
    heard: list[tuple[object, ...]] = []

    def listen(*arguments: object) -> None:
        heard.append(arguments)

    signal.connect(listen)
    return heard


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = NO_KEY) -> None:
    """Press a key where the keyboard is."""
    focused = QApplication.focusWidget()
    assert focused is not None, "nothing has the keyboard"
    QTest.keyClick(focused, key, modifiers)


def click(widget: QWidget, place: QPoint | None = None) -> None:
    """Click with the left button, in the middle unless told."""
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, NO_KEY, place if place is not None else widget.rect().center())


def show_active(qtbot: QtBot, window: QWidget) -> None:
    """Show a window and give it the keyboard."""
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)

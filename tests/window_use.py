"""The window as its user has it: what can be done there, and what is seen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from app.conversation import Message
from app.ui.desktop import Desktop


class WindowUse:
    """What a user does with the window, and sees."""

    def __init__(self, desktop: Desktop, qtbot: QtBot, patience_ms: int = 10_000) -> None:
        self.desktop = desktop
        self.window = desktop.window
        self.qtbot = qtbot
        self.patience_ms = patience_ms

    def find(self, name: str) -> QWidget:
        """Give the widget that is called so."""
        widget = self.window.findChild(QWidget, name)
        assert widget is not None, f"there is no {name}"
        return widget

    def write(self, text: str) -> None:
        """Type into the editor."""
        QTest.keyClicks(self.find("prompt_editor"), text)

    def send(self, text: str) -> None:
        """Type and press Enter."""
        self.write(text)
        self.press_key(Qt.Key.Key_Return)

    def press_key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key in the editor."""
        QTest.keyClick(self.find("prompt_editor"), key, modifiers)

    def press(self, name: str) -> None:
        """Click a button that can be seen."""
        self.until(lambda: any(button.isVisible() for button in self._buttons(name)))
        button = next(button for button in self._buttons(name) if button.isVisible())
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def until(self, condition: Callable[[], bool]) -> None:
        """Let the window work until something is so."""
        self.qtbot.waitUntil(condition, timeout=self.patience_ms)

    def messages(self) -> list[Message]:
        """The open conversation as it is on the disk."""
        conversation = self.desktop.conversations.conversation
        return [] if conversation is None else self.desktop.parts.store.branch(conversation.id)

    def shown(self) -> list[str]:
        """The texts of the transcript."""
        transcript = self.window.transcript
        return [transcript.message_text(message_id) for message_id in transcript.message_ids()]

    def until_answered(self, *texts: str) -> None:
        """Wait until the transcript shows these texts and nothing streams."""
        self.until(lambda: self.shown() == list(texts) and not self.find("stop_button").isVisible())

    def notice(self) -> str:
        """What the notice above the composer says; "" when there is none."""
        notice = self.find("notice")
        return notice.accessibleName() if notice.isVisible() else ""

    def _buttons(self, name: str) -> list[QAbstractButton]:
        return self.window.findChildren(QAbstractButton, name)

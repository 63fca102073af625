"""The program as a double click starts it, with somebody at the keyboard who asks one thing and closes the window.

python -m tests.integration.one_chat
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtTest import QTest
from typing_extensions import override

from app.conversation import MessageStatus, Role
from app.ui import desktop


class _User(QObject):
    """Types when the window is there, and closes it when the reply has ended."""

    def __init__(self, own: desktop.Desktop) -> None:
        super().__init__(own.window)
        self._desktop = own
        self._has_asked = False
        self._look = QTimer(self, interval=100)
        self._look.timeout.connect(self._act)
        self._look.start()

    def _act(self) -> None:
        if not self._has_asked and self._desktop.window.isVisible():
            editor = self._desktop.window.composer.editor
            QTest.keyClicks(editor, "Name one colour.")
            QTest.keyClick(editor, Qt.Key.Key_Return)
            self._has_asked = True
        elif self._has_asked and self._is_answered():
            self._look.stop()
            self._desktop.window.close()

    def _is_answered(self) -> bool:
        conversation = self._desktop.conversations.conversation
        if conversation is None:
            return False
        messages = self._desktop.parts.store.branch(conversation.id)
        return messages[-1].role is Role.ASSISTANT and messages[-1].status is MessageStatus.COMPLETE


class _DrivenDesktop(desktop.Desktop):
    @override
    def start(self) -> None:
        super().start()
        _User(self)


def main() -> int:
    """Run the program with its user, and give its exit status."""
    from app.application import run

    desktop.Desktop = _DrivenDesktop
    return run([])


if __name__ == "__main__":
    sys.exit(main())

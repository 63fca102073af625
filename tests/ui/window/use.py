"""The whole window as its user has it: what can be done, and what is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeAlias

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.conversation import Message
from app.engine.worker import EngineWorker
from app.models.hashes import FileHashes
from app.models.library import ModelLibrary
from app.models.starter import find_starter
from app.parts import Parts
from app.paths import Paths
from app.settings.file import SettingsFile
from app.storage.conversations import ConversationStore
from app.ui.desktop import Desktop
from tests.fakes import FakeEngine


@contextmanager
def parts_with(engine: FakeEngine, paths: Paths) -> Iterator[Parts]:
    """Build what the application builds, but for the engine."""
    paths.create()
    store = ConversationStore.open(paths)
    worker = EngineWorker(engine)
    try:
        yield Parts(
            paths=paths,
            settings=SettingsFile(paths.settings),
            models=ModelLibrary(paths, find_starter()),
            hashes=FileHashes(paths.model_hashes),
            store=store,
            engine=worker,
        )
    finally:
        worker.close()
        store.close()


class Use:
    """What a user does with the window, and sees."""

    def __init__(self, desktop: Desktop, engine: FakeEngine, qtbot: QtBot) -> None:
        self.desktop = desktop
        self.window = desktop.window
        self.engine = engine
        self.qtbot = qtbot

    def find(self, name: str) -> QWidget:
        """Give the widget that is called so."""
        widget = self.window.findChild(QWidget, name)
        assert widget is not None, f"there is no {name}"
        return widget

    def write(self, text: str) -> None:
        """Type into the editor."""
        self.qtbot.keyClicks(self.find("prompt_editor"), text)

    def send(self, text: str) -> None:
        """Type and press Enter."""
        self.write(text)
        self.press_key(Qt.Key.Key_Return)

    def press_key(self, key: Qt.Key) -> None:
        """Press a key in the editor."""
        self.qtbot.keyClick(self.find("prompt_editor"), key)

    def press(self, name: str) -> None:
        """Click a button that can be seen."""
        self.until(lambda: any(button.isVisible() for button in self._buttons(name)))
        button = next(button for button in self._buttons(name) if button.isVisible())
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def until(self, condition: Callable[[], bool]) -> None:
        """Let the window work until something is so."""
        self.qtbot.waitUntil(condition, timeout=10_000)

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


@contextmanager
def open_window(engine: FakeEngine, paths: Paths, app: QApplication, qtbot: QtBot) -> Iterator[Use]:
    """Open the window on a data folder; leaving the context closes it as a user does."""
    with parts_with(engine, paths) as parts:
        desktop = Desktop(app, parts)
        desktop.start()
        qtbot.waitExposed(desktop.window)
        yield Use(desktop, engine, qtbot)
        desktop.window.close()
        desktop.end()


OpenWindow: TypeAlias = Callable[[FakeEngine], AbstractContextManager[Use]]

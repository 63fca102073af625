"""The real window with a real engine process behind it, as its user has them."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psutil
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.application import built_parts
from app.conversation import Message, MessageStatus, Role
from app.paths import find_paths
from app.ui.desktop import Desktop
from tests.window_use import WindowUse

ANSWER_MS = 60_000
END_OF_TURN = 2
"""The id of `<|im_end|>` in the starter model's vocabulary."""


class RealUse(WindowUse):
    """A window whose engine is a process with a real model."""

    def replies(self) -> list[Message]:
        """The replies of the open conversation as they are on the disk."""
        return [message for message in self.messages() if message.role is Role.ASSISTANT]

    def shown_reply(self) -> str:
        """The words of the newest reply on the screen."""
        return self.shown()[-1] if self.shown() else ""

    def ended_reply(self, count: int) -> Message:
        """Wait until `count` replies have ended, and give the last."""
        self.until(lambda: len(self.replies()) == count and self.replies()[-1].status is not MessageStatus.STREAMING)
        return self.replies()[-1]

    def let_replies_end(self, may_end: bool) -> None:
        """Let the starter model's next replies come to an end, or have them last until they are stopped."""
        self.desktop.parts.settings.change("sampling.logit_bias", "" if may_end else f"{END_OF_TURN} = never")

    def engine_pid(self) -> int:
        """The engine process."""
        return engine_processes()[0]

    def choose_file(self, path: Path) -> None:
        """Drop a model file on the window, and wait until it was taken or refused."""
        self.window.notice.clear()
        self.window.files_dropped.emit([path])
        self.until(lambda: self.is_chosen(path) or bool(self.notice()))

    def is_chosen(self, path: Path) -> bool:
        """Whether the model file at `path` answers next."""
        chosen = self.desktop.models.chosen
        return chosen is not None and chosen.path == path


@contextmanager
def opened_window(app: QApplication, qtbot: QtBot, home: Path) -> Generator[RealUse]:
    """Have a window that has just been opened on the data folder `home`."""
    paths = find_paths(home)
    paths.create()
    with built_parts(paths) as parts:
        desktop = Desktop(app, parts)
        desktop.start()
        qtbot.waitExposed(desktop.window)
        yield RealUse(desktop, qtbot, ANSWER_MS)
        desktop.window.close()
        desktop.end()


def engine_processes() -> list[int]:
    """The engine processes that this one has started and that still run."""
    pids: list[int] = []
    for child in psutil.Process(os.getpid()).children(recursive=True):
        try:
            if "--engine" in child.cmdline():
                pids.append(child.pid)
        except psutil.Error:
            continue  # it ended while it was looked at
    return pids

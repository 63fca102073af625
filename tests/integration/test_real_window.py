"""The real window, the real starter model, a real engine process: the main job from end to end."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.conversation import MessageStatus
from tests.integration.real_use import RealUse, opened_window


@pytest.fixture
def in_use(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[RealUse]:
    """A window that has just been opened on an empty data folder."""
    with opened_window(qapp, qtbot, tmp_path / "home") as use:
        yield use


@pytest.mark.model
def test_a_conversation_with_the_starter_model(in_use: RealUse) -> None:
    """Type, send, see pieces, stop, ask again, lose the engine in the middle, and go on."""
    in_use.let_replies_end(False)
    lengths: list[int] = []
    in_use.send("Write a long story about the sea.")
    for _ in range(3):
        seen = len(in_use.shown_reply())
        in_use.until(lambda seen=seen: len(in_use.shown_reply()) > seen)
        lengths.append(len(in_use.shown_reply()))
    assert lengths == sorted(lengths)

    in_use.press("stop_button")
    stopped = in_use.ended_reply(1)
    assert stopped.status is MessageStatus.CANCELLED
    in_use.until(lambda: stopped.text == in_use.shown_reply())

    in_use.send("Now write about a mountain.")
    in_use.until(lambda: len(in_use.replies()) == 2 and len(in_use.shown_reply()) > 0)
    in_use.press("stop_button")
    second = in_use.ended_reply(2)
    assert second.receipt is not None
    assert second.receipt.reused > second.receipt.evaluated

    in_use.send("And write a long story about a desert.")
    in_use.until(lambda: len(in_use.replies()) == 3 and len(in_use.shown_reply()) > 20)
    os.kill(in_use.engine_pid(), signal.SIGKILL)
    broken = in_use.ended_reply(3)
    assert broken.status is MessageStatus.ERROR
    assert broken.trouble is not None
    assert len(broken.text) > 20
    in_use.until(lambda: in_use.find("engine_trouble_card").isVisible())

    in_use.let_replies_end(True)
    in_use.send("What is the capital of France?")
    last = in_use.ended_reply(4)
    assert (last.status, bool(last.text)) == (MessageStatus.COMPLETE, True)

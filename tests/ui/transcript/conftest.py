"""A transcript on a window of its own, and messages to show in it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.conversation import Generation, Message, MessageStatus, Receipt, Role, Trouble
from app.ui.icons import Icons
from app.ui.theme import Theme
from app.ui.transcript.transcript import Transcript
from tests.fakes import receipt

MakeMessage: TypeAlias = Callable[..., Message]

RECEIPT = receipt(
    seed=1,
    n_ctx=8192,
    tokens_in=3200,
    tokens_out=214,
    reused=3105,
    evaluated=95,
    timings={"prompt": 0.5, "generation": 18.13, "first_token": 0.6},
)


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    """The light theme, on the whole application."""
    theme = Theme("light")
    theme.apply(qapp)
    return theme


@pytest.fixture
def view(qtbot: QtBot, theme: Theme) -> Transcript:
    """A transcript of 1000 x 800 on the screen."""
    view = Transcript(theme, Icons(theme))
    qtbot.addWidget(view)
    view.resize(1000, 800)
    with qtbot.waitExposed(view):
        view.show()
    return view


@pytest.fixture
def make() -> MakeMessage:
    """Makes messages with ids 0, 1, 2, ..."""
    ids = itertools.count()

    def made(
        role: Role,
        text: str,
        status: MessageStatus = MessageStatus.COMPLETE,
        *,
        receipt: Receipt | None = None,
        trouble: Trouble | None = None,
    ) -> Message:
        generations = (Generation(0, 0, receipt=receipt),) if receipt else ()
        name = "Qwen3 4B Instruct" if role is Role.ASSISTANT else None
        now = datetime.now(UTC)
        return Message(
            str(next(ids)),
            "c",
            None,
            role,
            text,
            status,
            now,
            model_name=name,
            trouble=trouble,
            generations=generations,
        )

    return made

"""What somebody hears who does not see the screen."""

from __future__ import annotations

import gc

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.conversation import Role
from app.ui.icons import Icons
from app.ui.theme import Theme
from app.ui.transcript.block_widgets.words import WordsView
from app.ui.transcript.transcript import Transcript
from tests.ui.transcript.conftest import MakeMessage

pytestmark = pytest.mark.ui


def test_every_message_can_be_read_by_index(view: Transcript, make: MakeMessage) -> None:
    """Messages far off the screen are there, with who says them and what."""
    view.show_messages([make(Role.ASSISTANT if at % 2 else Role.USER, f"message {at}") for at in range(200)])
    heard = QAccessible.queryAccessibleInterface(view)
    assert heard.role() is QAccessible.Role.List
    assert heard.text(QAccessible.Text.Name) == "Conversation, 200 messages"
    assert heard.childCount() >= 200
    first, second = heard.child(0), heard.child(1)
    assert first.text(QAccessible.Text.Name) == "You: message 0"
    assert second.text(QAccessible.Text.Name) == "Qwen3 4B Instruct: message 1"
    assert second.text(QAccessible.Text.Value) == "message 1"
    assert heard.indexOfChild(second) == 1
    assert heard.child(199).rect().intersects(heard.rect())
    assert not first.rect().intersects(heard.rect())


def test_a_reply_is_heard_as_it_stands(view: Transcript, make: MakeMessage) -> None:
    """Words that are not drawn yet are there already."""
    reply = make(Role.ASSISTANT, "Once")
    view.show_messages([reply])
    view.append_piece(reply.id, " upon")
    assert QAccessible.queryAccessibleInterface(view).child(0).text(QAccessible.Text.Value) == "Once upon"


def test_live_text_has_a_name_and_its_words(view: Transcript, make: MakeMessage) -> None:
    """Text on the screen can be explored letter by letter."""
    view.show_messages([make(Role.ASSISTANT, "Once upon a time")])
    words = next(live for _, live in view.live.items() if isinstance(live, WordsView))
    heard = QAccessible.queryAccessibleInterface(words.text)
    assert heard.text(QAccessible.Text.Name) == "Reply"
    assert heard.textInterface().characterCount() == len("Once upon a time")


def test_a_view_that_is_gone_is_not_heard(qtbot: QtBot, qapp: QApplication, theme: Theme, make: MakeMessage) -> None:
    """Views come and go, and what was handed out for them with them."""
    for _ in range(20):
        view = Transcript(theme, Icons(theme))
        view.show_messages([make(Role.USER, "Hello")])
        assert QAccessible.queryAccessibleInterface(view).child(0).isValid()
        view.deleteLater()
        qapp.processEvents()
        del view
        gc.collect()

"""A search hit brings its message into view."""

from __future__ import annotations

from datetime import UTC, datetime

from pytestqt.qtbot import QtBot

from app.conversation import Message, MessageStatus, Role
from app.ui.icons import Icons
from app.ui.theme import Theme
from app.ui.transcript.transcript import Transcript


def message(number: int) -> Message:
    """A message of several lines."""
    text = f"This is message {number}. " * 30
    return Message(f"m{number}", "c", None, Role.USER, text, MessageStatus.COMPLETE, datetime.now(UTC))


def test_a_message_far_above_is_shown(qtbot: QtBot, theme: Theme, icons: Icons) -> None:
    """Its first words are near the top, wherever the reader was; an unknown message changes nothing."""
    transcript = Transcript(theme, icons)
    qtbot.addWidget(transcript)
    transcript.resize(800, 600)
    transcript.show()
    transcript.show_messages([message(number) for number in range(200)])
    for number in (5, 120, 0, 150):
        transcript.show_message(f"m{number}")
        views = transcript.live_of_message(number)
        assert views
        top = views[0].mapTo(transcript.viewport(), views[0].rect().topLeft()).y()
        assert 0 <= top < 100
        assert not transcript.is_following_end
    before = transcript.verticalScrollBar().value()
    transcript.show_message("nobody")
    assert transcript.verticalScrollBar().value() == before

"""What the engine tells apart as reasoning streams into the folded thoughts, and says for how long."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.conversation import Generation, MessageStatus, Receipt
from app.ui.icons import Icons
from app.ui.theme import Theme
from app.ui.transcript.block_widgets.footer import FooterView
from app.ui.transcript.block_widgets.header import HeaderView
from app.ui.transcript.block_widgets.notice import NoticeView
from app.ui.transcript.block_widgets.thoughts import ThoughtsView
from app.ui.transcript.transcript import Transcript
from tests.ui.transcript.conftest import RECEIPT, MakeMessage
from tests.ui.transcript.screen import ASSISTANT, STREAMING, USER, click, heard, shown_text, visible

pytestmark = pytest.mark.ui


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """The time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture
def view(qtbot: QtBot, theme: Theme, clock: Clock) -> Transcript:
    """A transcript that measures with the test's clock."""
    view = Transcript(theme, Icons(theme), clock=clock)
    qtbot.addWidget(view)
    view.resize(1000, 800)
    with qtbot.waitExposed(view):
        view.show()
    return view


def fold_words(view: Transcript) -> str:
    """What the way to the thoughts says."""
    return visible(view, HeaderView)[-1].fold_button.text()


def thoughts(view: Transcript) -> list[str]:
    """The unfolded thoughts on the screen."""
    return [strip.text.toPlainText() for strip in visible(view, ThoughtsView)]


def test_thoughts_stream_in_folded_and_their_time_runs(view: Transcript, make: MakeMessage, clock: Clock) -> None:
    """They stay folded while they come, the seconds are counted, and the answer ends the count."""
    reply = make(ASSISTANT, "", STREAMING)
    view.show_messages([make(USER, "Why?"), reply])
    view.append_reasoning(reply.id, "First")
    view.flush()
    assert fold_words(view) == "Thinking"
    clock.now += 4
    view.append_reasoning(reply.id, " this.")
    view.flush()
    assert fold_words(view) == "Thinking for 4 seconds"
    assert thoughts(view) == []
    click(visible(view, HeaderView)[0].fold_button)
    assert thoughts(view) == ["First this."]
    clock.now += 5
    view.append_piece(reply.id, "Because.")
    view.flush()
    clock.now += 50
    view.append_piece(reply.id, " So.")
    view.flush()
    assert fold_words(view) == "Thought for 9 seconds"
    assert shown_text(view) == "Because. So."
    assert view.message_text(reply.id) == "Because. So.", "thoughts are no part of the text"


def test_thoughts_come_with_their_answer_in_one_drawing(view: Transcript, make: MakeMessage) -> None:
    """What arrives between two drawings keeps its order: first the thoughts, then the words."""
    reply = make(ASSISTANT, "", STREAMING)
    view.show_messages([reply])
    view.append_reasoning(reply.id, "Hm.")
    view.append_piece(reply.id, "Yes.")
    view.flush()
    assert fold_words(view) == "Thoughts"
    assert shown_text(view) == "Yes."


def test_a_stored_reply_shows_its_reasoning(view: Transcript, make: MakeMessage) -> None:
    """How long it took follows from its tokens; the footer tells their number; only the answer is copied."""
    generation = Generation(0, 0, receipt=RECEIPT, reasoning_tokens=107)
    reply = replace(make(ASSISTANT, "The answer."), reasoning="First this.\n\nThen that.", generations=(generation,))
    view.show_messages([reply])
    assert fold_words(view) == "Thought for 9 seconds"
    click(visible(view, HeaderView)[0].fold_button)
    assert thoughts(view) == ["First this.\n\nThen that."]
    footer = visible(view, FooterView)[0]
    assert footer.statistics.startswith("214 tokens, 107 of them thinking · ")
    footer.copy_button.click()
    assert QGuiApplication.clipboard().text() == "The answer."


def test_a_reply_that_was_watched_looks_like_the_stored_one(view: Transcript, make: MakeMessage) -> None:
    """When the reply is saved nothing is read twice, and the thoughts are those of the message."""
    reply = make(ASSISTANT, "", STREAMING)
    view.show_messages([reply])
    view.append_reasoning(reply.id, "Hm")
    view.append_piece(reply.id, "Yes")
    view.update_message(replace(reply, text="Yes", reasoning="Hm", status=MessageStatus.COMPLETE))
    click(visible(view, HeaderView)[0].fold_button)
    assert thoughts(view) == ["Hm"]
    assert shown_text(view) == "Yes"


def test_reasoning_of_another_conversation_is_none_of_ours(view: Transcript, make: MakeMessage) -> None:
    """A reply may still be thought about while another conversation is read."""
    view.show_messages([make(USER, "Here")])
    view.append_reasoning("elsewhere", "Hm")
    view.flush()
    assert view.message_count() == 1


def test_many_thoughts_cost_what_is_new(view: Transcript, make: MakeMessage) -> None:
    """Words that come are appended to those that stand there: the text is not written again."""
    reply = make(ASSISTANT, "", STREAMING)
    view.show_messages([reply])
    view.append_reasoning(reply.id, "Hm.\n")
    view.flush()
    click(visible(view, HeaderView)[0].fold_button)
    document = visible(view, ThoughtsView)[0].text.document()
    added: list[int] = []

    def note(_place: int, _removed: int, count: int) -> None:
        added.append(count)

    document.contentsChange.connect(note)
    for _ in range(40):
        view.append_reasoning(reply.id, "and one more thought")
        view.flush()
    assert max(added) < 30
    assert thoughts(view)[0].count("one more") == 40


FULL = replace(RECEIPT, tokens_in=4000, tokens_out=96, n_ctx=4096)
COMPLETE = MessageStatus.COMPLETE
LONGEST = replace(RECEIPT, tokens_out=50, sampling={"max_tokens": 50})


class Ended(NamedTuple):
    """How a reply ended, and what is said of it."""

    text: str
    reasoning: str
    receipt: Receipt | None
    status: MessageStatus
    sentence: str


@pytest.mark.parametrize(
    "ended",
    [
        Ended("Once", "", FULL, COMPLETE, "The context window is full, so this reply ends here."),
        Ended("Once", "", LONGEST, COMPLETE, "This reply has reached its longest length."),
        Ended("", "Hm", FULL, COMPLETE, "The context window was full before the model had thought to its end."),
        Ended("", "Hm", LONGEST, COMPLETE, "The model was still thinking when the reply reached its longest length."),
        Ended("", "Hm", RECEIPT, MessageStatus.CANCELLED, "Stopped while the model was still thinking."),
        Ended(
            "",
            "Hm",
            RECEIPT,
            MessageStatus.INTERRUPTED,
            "Interrupted when Paddock closed, while the model was still thinking.",
        ),
        Ended("<think>Hm", "", None, MessageStatus.CANCELLED, "Stopped while the model was still thinking."),
        Ended("", "", LONGEST, COMPLETE, "This reply has reached its longest length."),
    ],
)
def test_a_reply_that_ended_too_early_says_why_and_can_go_on(view: Transcript, make: MakeMessage, ended: Ended) -> None:
    """In words, and with *Continue*: also where it ended before its first word."""
    made = make(ASSISTANT, ended.text, ended.status, receipt=ended.receipt)
    reply = replace(made, reasoning=ended.reasoning)
    view.show_messages([make(USER, "One?"), make(ASSISTANT, "One."), make(USER, "Two?"), reply])
    assert visible(view, NoticeView)[0].sentence.text() == ended.sentence
    button = view.findChild(QPushButton, "continue_button")
    assert isinstance(button, QPushButton)
    requests = heard(view.continue_requested)
    click(button)
    assert requests == [reply.id]


def test_enter_continues(view: Transcript, make: MakeMessage) -> None:
    """Whoever came to *Continue* by Tab presses the key that is under the hand."""
    reply = make(ASSISTANT, "Once upon", MessageStatus.CANCELLED)
    view.show_messages([reply])
    button = visible(view, NoticeView)[0].button
    button.setFocus(Qt.FocusReason.TabFocusReason)
    requests = heard(view.continue_requested)
    QTest.keyClick(button, Qt.Key.Key_Return)
    QTest.keyClick(button, Qt.Key.Key_Enter)
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert requests == [reply.id] * 3


def test_a_model_that_had_nothing_to_answer_is_not_asked_to_go_on(view: Transcript, make: MakeMessage) -> None:
    """It ended by itself: there is nothing to continue, and that is said."""
    view.show_messages([replace(make(ASSISTANT, "", receipt=RECEIPT), reasoning="Hm")])
    notice = visible(view, NoticeView)[0]
    assert notice.sentence.text() == "The model thought, and ended without an answer."
    assert not notice.button.isVisible()


def test_long_thinking_is_told_in_minutes(view: Transcript, make: MakeMessage, clock: Clock) -> None:
    """Nobody divides by sixty."""
    reply = make(ASSISTANT, "", STREAMING)
    view.show_messages([reply])
    view.append_reasoning(reply.id, "Hm")
    view.flush()
    clock.now += 200
    view.append_reasoning(reply.id, "Hm")
    view.flush()
    assert fold_words(view) == "Thinking for 3 minutes"
    view.append_piece(reply.id, "So")
    view.flush()
    assert fold_words(view) == "Thought for 3 minutes"

"""What a model thinks first is folded away, and never lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QGuiApplication

from app.conversation import MessageStatus, Role
from app.ui.transcript.block_widgets.footer import FooterView
from app.ui.transcript.block_widgets.header import HeaderView
from app.ui.transcript.block_widgets.thoughts import ThoughtsView
from app.ui.transcript.reasoning import Reasoning
from app.ui.transcript.transcript import Transcript
from tests.ui.transcript.conftest import MakeMessage
from tests.ui.transcript.screen import click, shown_text, visible

PARTS = st.lists(st.sampled_from(["<think>", "</think>", "<thi", "</th", "a", " ", "\n", "<"]), max_size=8).map("".join)


@given(PARTS, st.data())
def test_thoughts_are_kept_apart_however_they_arrive(text: str, data: st.DataObject) -> None:
    """Any cut gives the same thoughts and the same answer."""
    whole, cut = Reasoning(), Reasoning()
    answer = whole.feed(text) + whole.finish()
    at = data.draw(st.integers(0, len(text)))
    parts = cut.feed(text[:at]) + cut.feed(text[at:]) + cut.finish()
    assert (parts.strip(), cut.thoughts.strip()) == (answer.strip(), whole.thoughts.strip())


def test_a_tag_inside_an_answer_is_a_word() -> None:
    """Only what a reply begins with is thinking."""
    reasoning = Reasoning()
    assert reasoning.feed("Use <think> tags.") == "Use <think> tags."
    assert reasoning.thoughts == ""


@pytest.mark.ui
def test_thoughts_are_folded_until_they_are_asked_for(view: Transcript, make: MakeMessage) -> None:
    """The answer stands alone; one click shows what was thought, another hides it."""
    view.show_messages([make(Role.ASSISTANT, "<think>\nFirst this.\n\nThen that.\n</think>\n\nThe answer.")])
    assert shown_text(view) == "The answer."
    button = visible(view, HeaderView)[0].fold_button
    assert button.isVisible()
    click(button)
    assert [thoughts.text.toPlainText() for thoughts in visible(view, ThoughtsView)] == ["First this.\n\nThen that."]
    click(button)
    assert visible(view, ThoughtsView) == []
    visible(view, FooterView)[0].copy_button.click()
    assert QGuiApplication.clipboard().text() == "The answer."


@pytest.mark.ui
def test_thinking_is_said_while_it_goes_on(view: Transcript, make: MakeMessage) -> None:
    """One sees that the model thinks, and may watch it."""
    reply = make(Role.ASSISTANT, "", MessageStatus.STREAMING)
    view.show_messages([reply])
    for piece in ("<th", "ink>So", " far"):
        view.append_piece(reply.id, piece)
        view.flush()
    header = visible(view, HeaderView)[0]
    assert header.fold_button.text().startswith("Thinking")
    click(header.fold_button)
    view.append_piece(reply.id, " so good</think>Done")
    view.flush()
    assert visible(view, ThoughtsView)[0].text.toPlainText() == "So far so good"
    assert visible(view, HeaderView)[0].fold_button.text().startswith("Thought")
    assert shown_text(view) == "Done"

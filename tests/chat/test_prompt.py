"""What the model is given of a conversation."""

from __future__ import annotations

from datetime import UTC, datetime

from app.chat.prompt import prompt_messages
from app.conversation import Message, MessageStatus, Role
from app.engine.requests import PromptMessage


def message(role: Role, text: str) -> Message:
    """A message of which only role and text matter."""
    return Message("id", "conversation", None, role, text, MessageStatus.COMPLETE, datetime.now(UTC))


def test_a_branch_becomes_its_messages_in_order() -> None:
    """System, user, reply, user: as they stand."""
    branch = [
        message(Role.SYSTEM, "Be brief."),
        message(Role.USER, "Hello"),
        message(Role.ASSISTANT, "Hi"),
        message(Role.USER, "Bye"),
    ]
    assert prompt_messages(branch) == (
        PromptMessage(Role.SYSTEM, "Be brief."),
        PromptMessage(Role.USER, "Hello"),
        PromptMessage(Role.ASSISTANT, "Hi"),
        PromptMessage(Role.USER, "Bye"),
    )


def test_a_reply_without_words_is_left_out() -> None:
    """The reply that is about to be written is not part of its own prompt."""
    assert prompt_messages([message(Role.USER, "Hello"), message(Role.ASSISTANT, "")]) == (
        PromptMessage(Role.USER, "Hello"),
    )


def test_a_question_without_an_answer_stays_a_turn_of_its_own() -> None:
    """One that was too long can fall out of the window, so that the next one is answered."""
    branch = [message(Role.USER, "One"), message(Role.ASSISTANT, ""), message(Role.USER, "Two")]
    assert prompt_messages(branch) == (PromptMessage(Role.USER, "One"), PromptMessage(Role.USER, "Two"))


def test_a_reply_to_continue_comes_last() -> None:
    """Its words so far are what the model goes on from."""
    branch = [message(Role.USER, "Count"), message(Role.ASSISTANT, "One, two,")]
    assert prompt_messages(branch)[-1] == PromptMessage(Role.ASSISTANT, "One, two,")

"""What the model is given of a conversation."""

from __future__ import annotations

from collections.abc import Sequence

from app.conversation import Message
from app.engine.requests import PromptMessage


def prompt_messages(branch: Sequence[Message]) -> tuple[PromptMessage, ...]:
    """Turn a branch, root first, into prompt messages. A reply that never got a word is left out.

    The question before it stays a turn of its own: one that was too long for the window can fall out of it again.
    """
    return tuple(PromptMessage(message.role, message.text) for message in branch if message.text)

"""What the model is given of a conversation."""

from __future__ import annotations

from collections.abc import Sequence

from app.conversation import Message
from app.engine.engine import PromptMessage


def prompt_messages(branch: Sequence[Message]) -> tuple[PromptMessage, ...]:
    """Turn a branch, root first, into prompt messages.

    A reply that never got a word is left out; neighbours of the same role become one message, because most chat
    templates refuse two turns of the same speaker in a row.
    """
    spoken: list[PromptMessage] = []
    for message in branch:
        if not message.text:
            continue
        if spoken and spoken[-1].role is message.role:
            spoken[-1] = PromptMessage(message.role, f"{spoken[-1].content}\n\n{message.text}")
        else:
            spoken.append(PromptMessage(message.role, message.text))
    return tuple(spoken)

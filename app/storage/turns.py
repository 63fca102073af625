"""What storage is given to begin a turn with, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, field

import uuid_utils

from app.conversation import Conversation, ConversationOptions, Message


def make_id() -> str:
    """Make a new id, a UUIDv7. It names a row and says nothing of its order."""
    return str(uuid_utils.uuid7())


@dataclass(frozen=True, slots=True)
class NewTurn:
    """A user message to save, and the reply that is about to be written to it.

    `conversation_id` None begins a new conversation, which then has the id `new_conversation_id`. `parent_id` is the
    message that is answered; None makes the turn a root of the tree. `system_prompt` becomes a system message above
    such a root. `title` is used where the conversation has none yet, and `options` where it is new. The ids are known
    before anything is saved.
    """

    text: str
    conversation_id: str | None = None
    parent_id: str | None = None
    title: str = ""
    system_prompt: str | None = None
    model_name: str | None = None
    model_sha256: str | None = None
    options: ConversationOptions = field(default_factory=ConversationOptions)
    new_conversation_id: str = field(default_factory=make_id)
    system_message_id: str = field(default_factory=make_id)
    user_message_id: str = field(default_factory=make_id)
    reply_id: str = field(default_factory=make_id)


@dataclass(frozen=True, slots=True)
class StartedTurn:
    """What `begin_turn` saved. The reply is empty, and streaming."""

    conversation: Conversation
    system: Message | None
    user: Message
    reply: Message

"""Which model answers when nobody has named one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from app.conversation import Conversation
from app.models.library import InstalledModel, ModelLibrary


class ConversationList(Protocol):
    """What is asked of storage."""

    def conversations(self) -> list[Conversation]:
        """All conversations, the last used first."""
        ...


def model_for(library: ModelLibrary, store: ConversationList, conversation: Conversation | None) -> InstalledModel:
    """Give the conversation's model, which must be there; without one the last used that is still there, else the starter.

    Raises the library's own error when the conversation's model has been removed, or when there is no model at all.
    """
    if conversation is not None and conversation.model is not None:
        return library.find(conversation.model)
    present = {model.name: model for model in library.models() if model.is_present}
    for name in _last_used(store.conversations()):
        if name in present:
            return present[name]
    return library.find("starter")


def _last_used(conversations: Iterable[Conversation]) -> Iterable[str]:
    return (conversation.model for conversation in conversations if conversation.model is not None)

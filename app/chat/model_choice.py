"""Which model answers when nobody has named one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from app.conversation import Conversation, ModelIdentity
from app.models.hashes import FileHashes
from app.models.installed import InstalledModel, Source
from app.models.library import STARTER_ID, ModelLibrary
from app.models.starter import SHA256 as STARTER_SHA256
from app.settings.file import SettingsFile
from app.settings.values import Settings


class ConversationList(Protocol):
    """What is asked of storage."""

    def conversations(self) -> list[Conversation]:
        """All conversations, the last used first."""
        ...


def model_for(library: ModelLibrary, store: ConversationList, conversation: Conversation | None) -> InstalledModel:
    """Give the conversation's own model; without one the last used that is still there, else the starter.

    Raises the library's error when the conversation's model has been removed, or when there is no model at all.
    """
    if conversation is not None and conversation.model is not None:
        return library.find(conversation.model)
    present = {model.name: model for model in library.models() if model.is_present}
    for name in _last_used(store.conversations()):
        if name in present:
            return present[name]
    return library.find(STARTER_ID)


def _last_used(conversations: Iterable[Conversation]) -> Iterable[str]:
    return (conversation.model for conversation in conversations if conversation.model is not None)


def settings_for(model: InstalledModel, file: SettingsFile) -> Settings:
    """Give all settings, with the model's recommendation where the user has set nothing."""
    settings = file.settings
    for name, value in model.recommended_sampling.items():
        if (key := f"sampling.{name}") not in file.explicit:
            settings = settings.replaced(key, value)
    return settings


def identity_of(model: InstalledModel, hashes: FileHashes) -> ModelIdentity:
    """Give what receipts say of a model. Its sha256 is None until the file has been hashed, which nobody waits for."""
    sha256 = STARTER_SHA256 if model.source is Source.STARTER else hashes.known(model.path)
    return ModelIdentity(model.name, sha256, model.licence)

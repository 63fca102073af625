"""Which model answers when nobody has named one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from app.conversation import Conversation, Message, ModelIdentity
from app.errors import PaddockError
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

    def message(self, message_id: str) -> Message:
        """One message."""
        ...


def model_for(
    library: ModelLibrary, hashes: FileHashes, store: ConversationList, conversation: Conversation | None
) -> InstalledModel:
    """Give the conversation's own model; without one the last used that is still there, else the starter.

    Files may bear one name: the one that wrote the conversation's last reply comes before others.

    Raises the library's error when the conversation's model has been removed, or when there is no model at all.
    """
    if conversation is not None and conversation.model is not None:
        sha256, name = _last_sha256(store, conversation), conversation.model
        return model_that_wrote(library, hashes, sha256, name) or library.find(name)
    models = [model for model in library.models() if model.is_present]
    present = {name: model for model in models for name in model.earlier_names} | {
        model.name: model for model in models
    }
    for name in _last_used(store.conversations()):
        if name in present:
            return present[name]
    return library.find(STARTER_ID)


def model_that_wrote(
    library: ModelLibrary, hashes: FileHashes, sha256: str | None, name: str | None = None
) -> InstalledModel | None:
    """Give the model whose file is known to have this sha256: from the list, or a file that was named once.

    Of several files with the same content the one called `name` comes first.
    """
    if sha256 is None:
        return None
    models = [model for model in library.models() if model.is_present]
    known = hashes.known_of(model.path for model in models)
    same = [
        model
        for model in models
        if (STARTER_SHA256 if model.source is Source.STARTER else known.get(model.path)) == sha256
    ]
    if same:
        return next((model for model in same if name in (model.name, *model.earlier_names)), same[0])
    path = hashes.file_of(sha256)
    try:
        return None if path is None else library.find(str(path))
    except PaddockError:  # it is no model any more
        return None


def is_another_file(
    model: InstalledModel, hashes: FileHashes, store: ConversationList, conversation: Conversation
) -> bool:
    """Whether `model` is known not to be the file that wrote the conversation's last reply, though it has its name."""
    wrote, now = _last_sha256(store, conversation), identity_of(model, hashes).sha256
    is_called_so = conversation.model in (model.name, *model.earlier_names)
    return is_called_so and None not in (wrote, now) and wrote != now


def _last_sha256(store: ConversationList, conversation: Conversation) -> str | None:
    """Give what is known of the file that wrote the last reply; nothing where another model was chosen since."""
    if conversation.leaf_id is None:
        return None
    message = store.message(conversation.leaf_id)
    is_its_own = message.model_name == conversation.model and message.generations
    return message.generations[-1].model_sha256 if is_its_own else None


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
    return ModelIdentity(model.name, sha256, model.all_licences)

"""What a turn needs: with what it is made, who keeps it, who writes it, and who shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from app.chat.recorder import Journal
from app.conversation import Conversation, ConversationOptions, Message, ModelIdentity
from app.engine.requests import Grammar, LoadRequest
from app.engine.worker import Job, WorkerEvent
from app.errors import PaddockError
from app.settings.values import ReasoningSettings, SamplingSettings
from app.storage.turns import NewTurn, StartedTurn

Post: TypeAlias = Callable[[Callable[[], None]], None]
"""Runs an action on the owner's thread: soon, and in order."""


@dataclass(frozen=True, slots=True)
class TurnSettings:
    """With what the next reply is made. `system_prompt` is used where a conversation begins.

    `hash_file` has the model's file hashed beside the reply; None where its sha256 is known.
    """

    model: ModelIdentity
    load: LoadRequest
    sampling: SamplingSettings
    system_prompt: str = ""
    reasoning: ReasoningSettings = field(default_factory=ReasoningSettings)
    grammar: Grammar | None = None
    hash_file: Callable[[], Future[str]] | None = field(default=None, compare=False)


class TurnStore(Protocol):
    """What an open conversation asks of storage."""

    def begin_turn(self, turn: NewTurn) -> Future[StartedTurn]:
        """Keep the user's message and an empty reply, all or nothing."""
        ...

    def begin_reply(
        self,
        user_message_id: str,
        *,
        model_name: str | None = None,
        model_sha256: str | None = None,
        reply_id: str | None = None,
    ) -> Future[Message]:
        """Keep another empty reply to a user's message, beside those that are there."""
        ...

    def continue_reply(self, message_id: str, *, model_sha256: str | None = None) -> Future[Message]:
        """Begin another generation for a reply; its text stays."""
        ...

    def set_options(self, conversation_id: str, options: ConversationOptions) -> Future[Conversation]:
        """Keep what holds for a conversation only."""
        ...

    def journal(self, message_id: str) -> Journal:
        """Give the journal of the reply's running generation."""
        ...


class JobQueue(Protocol):
    """What an open conversation asks of the engine worker."""

    def submit(self, job: Job) -> None:
        """Queue a job."""
        ...


class ConversationListener(Protocol):
    """Who shows an open conversation. Called on the owner's thread only."""

    def message_added(self, message: Message) -> None:
        """A message stands at the end of the branch."""
        ...

    def reply_progressed(self, message_id: str, event: WorkerEvent) -> None:
        """The engine reports about the running reply."""
        ...

    def message_changed(self, message: Message) -> None:
        """A reply began again, or came to its end."""
        ...

    def reply_saved(self, message: Message) -> None:
        """The end of a reply is safe on the disk."""
        ...

    def branch_changed(self, messages: Sequence[Message]) -> None:
        """Another branch is open; these are its messages."""
        ...

    def left_out_changed(self, message_ids: Sequence[str]) -> None:
        """These messages of the branch the model did not see when it read the last prompt; usually none."""
        ...

    def conversation_changed(self, conversation: Conversation) -> None:
        """The conversation was created, or moved to the top."""
        ...

    def not_saved(self, error: PaddockError, unsent_text: str) -> None:
        """Something could not be kept. `unsent_text` is the user's message, when it is that: it was taken back."""
        ...

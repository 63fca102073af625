"""What a conversation is made of: plain values, without storage and without Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """Who speaks."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


class MessageStatus(StrEnum):
    """How far a message has come. Everything but a reply is complete from the start."""

    COMPLETE = "complete"
    STREAMING = "streaming"
    INTERRUPTED = "interrupted"
    """The application or the engine ended while the reply was written; "Continue" goes on from there."""
    CANCELLED = "cancelled"
    """The user stopped it."""
    ERROR = "error"
    """The engine could not write it, or could not go on."""


class FinishReason(StrEnum):
    """Why a generation ended."""

    STOP = "stop"
    """The model was done: an end-of-generation token or a stop string."""
    LENGTH = "length"
    """The token limit or the end of the context window was reached."""
    CANCELLED = "cancelled"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model file wrote a reply. `sha256` is None while the file has not been hashed."""

    name: str
    sha256: str | None = None
    licence: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a generation was made with: enough to make it again.

    `sampling` holds every sampling setting by its name; `seed` is the one really used.
    `timings` are seconds: `prompt`, `generation`, `first_token`.
    """

    model: ModelIdentity
    template_sha256: str | None
    sampling: Mapping[str, float | int | str]
    seed: int
    engine_build: str
    device: str
    n_ctx: int
    threads: int
    tokens_in: int
    tokens_out: int
    reused: int
    evaluated: int
    left_out_messages: int
    timings: Mapping[str, float] = field(default_factory=dict[str, float])
    adapters: tuple[str, ...] = ()
    n_batch: int = 0
    thread_runs: tuple[tuple[int, int], ...] = ()
    """How many threads read back how many of its tokens, one run after the other."""
    kv_type: str = ""
    """The precision of the KV cache; nothing in receipts from before it was kept."""

    @property
    def reached_limit(self) -> bool:
        """Whether the context window or the token limit ended the reply, not the model."""
        longest = self.sampling.get("max_tokens")
        return (isinstance(longest, int) and self.tokens_out >= longest) or self.filled_window

    @property
    def filled_window(self) -> bool:
        """Whether the context window had no room for more: then a higher token limit would not help."""
        return self.tokens_in + self.tokens_out >= self.n_ctx


@dataclass(frozen=True, slots=True)
class Alternative:
    """A token that could have come, and how likely it was."""

    token: int
    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class TokenChoice:
    """A token that came: how likely it was, before the sampling settings, and the likeliest of all, itself included."""

    token: int
    text: str
    probability: float
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class Generation:
    """One run of the engine for a message; *Continue* appends another.

    `first_character` is where in the message's text its words begin. The first `reasoning_tokens` of the ids are the
    model's reasoning, with its marks. `choices` are one for each id, or none when they were not asked for.
    `receipt` is None while it runs, and stays None when it was cut off by force.
    """

    ordinal: int
    first_character: int
    token_ids: tuple[int, ...] = ()
    model_sha256: str | None = None
    receipt: Receipt | None = None
    reasoning_tokens: int = 0
    choices: tuple[TokenChoice, ...] = ()

    @property
    def reasoning_ids(self) -> tuple[int, ...]:
        """Those of its ids that are reasoning."""
        return self.token_ids[: self.reasoning_tokens]

    @property
    def answer_ids(self) -> tuple[int, ...]:
        """Those of its ids that are the answer."""
        return self.token_ids[self.reasoning_tokens :]


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of a conversation's tree. A root has no parent; siblings are other versions of the same place."""

    id: str
    conversation_id: str
    parent_id: str | None
    role: Role
    text: str
    status: MessageStatus
    created_at: datetime
    model_name: str | None = None
    trouble: Trouble | None = None
    generations: tuple[Generation, ...] = ()
    reasoning: str = ""
    """What the model thought before it answered; no part of the text."""
    pinned: bool = False
    """It stays in the context window when others fall out."""

    @property
    def receipt(self) -> Receipt | None:
        """The receipt of the last generation, if there is one."""
        return self.generations[-1].receipt if self.generations else None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a reply could not be written to its end, kept beside it in plain words."""

    sentence: str
    next_step: str = ""
    details: str = ""


@dataclass(frozen=True, slots=True)
class UsedAdapter:
    """A LoRA adapter that a conversation's model wears: its file, and how strongly it speaks."""

    path: str
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class ConversationOptions:
    """What is set for one conversation only."""

    private: bool = False
    """Nothing of what the engine computes for it is kept on the disk."""
    summarises: bool = False
    """What falls out of the context window is summarised by the model."""
    keeps_choices: bool = False
    """Each token's probability and alternatives are kept."""
    adapters: tuple[UsedAdapter, ...] = ()
    effort: str | None = None
    """How much the model reasons here, as `ReasoningSettings.effort` says it; None: as everywhere."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What stands for the oldest messages of a branch, up to `last_message_id`. The user may have edited it."""

    last_message_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """A tree of messages with a title. `leaf_id` is the last message of the branch that is open."""

    id: str
    title: str
    created_at: datetime
    updated_at: datetime
    leaf_id: str | None = None
    model: str | None = None
    draft: str = ""
    deleted_at: datetime | None = None
    options: ConversationOptions = ConversationOptions()


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One message that holds the words looked for; `snippet` is the text around them."""

    conversation_id: str
    message_id: str
    title: str
    snippet: str

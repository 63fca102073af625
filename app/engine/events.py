"""What an engine reports while it works: plain values that can cross a thread and a pipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from app.confined.confinement import SandboxReport
from app.conversation import FinishReason, Receipt, TokenChoice


@dataclass(frozen=True, slots=True)
class LoadProgress:
    """How much of the model file is in memory, 0 to 1."""

    fraction: float


@dataclass(frozen=True, slots=True)
class MemoryUse:
    """How many bytes of memory a loaded model takes, on all devices together."""

    weights_bytes: int
    kv_cache_bytes: int
    compute_bytes: int


@dataclass(frozen=True, slots=True)
class Concession:
    """Something that is less than was wished: an English template and what fills it, as in a `PaddockError`."""

    message: str
    values: Mapping[str, str | int | float] = field(default_factory=dict[str, str | int | float])


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """What is loaded, as the engine knows it.

    `device` is a badge: "CPU", "Metal", "CUDA 33/33". `concessions` say, a sentence each, what was made smaller than
    was wished so that it fits. `reasoning_efforts` are the values of `ReasoningSettings.effort` that make a difference.
    """

    path: str
    name: str
    n_ctx: int
    n_ctx_train: int
    threads: int
    device: str
    engine_build: str
    has_template: bool
    """False: the file brings no chat template, and a plain transcript format is used."""
    kv_type: str = "f16"
    n_batch: int = 0
    concessions: tuple[Concession, ...] = ()
    memory: MemoryUse | None = None
    sandbox: SandboxReport | None = None
    reasoning_efforts: tuple[str, ...] = ()
    adapters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelLoaded:
    """The model is ready to read a prompt."""

    model: LoadedModel


@dataclass(frozen=True, slots=True)
class PromptProgress:
    """How many tokens of the prompt have been evaluated so far, those reused included."""

    done: int
    total: int


class PromptNote(StrEnum):
    """What was done to make a prompt that somebody may want to know."""

    SYSTEM_FOLDED = "system_folded"
    """The chat template takes no system message: the user's first message says what it would."""
    PLAIN_TRANSCRIPT = "plain_transcript"
    """There is no chat template: the prompt is a plain transcript."""
    SPECIAL_TEXT = "special_text"
    """A control token's name in a message may have been read as the token: where it lies was not certain."""


@dataclass(frozen=True, slots=True)
class TokenSpan:
    """Where a message's own words lie in the prompt: tokens from `start` up to, not including, `end`."""

    message: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PromptDescription:
    """The exact prompt: its text, its tokens, where each message lies in them, and which did not fit.

    `left_out` are indices of messages, for which `summary_tokens` stand. `reserve` tokens of the `n_ctx` are kept free
    for the reply.
    """

    text: str
    tokens: tuple[int, ...]
    spans: tuple[TokenSpan, ...]
    left_out: tuple[int, ...]
    n_ctx: int
    reserve: int
    notes: tuple[PromptNote, ...] = ()
    summary_tokens: int = 0


@dataclass(frozen=True, slots=True)
class PromptEvaluated:
    """The prompt has been read: `reused` tokens lay in the KV cache already, `evaluated` were new; at least one is.

    `left_out` are the indices of the request's messages that did not fit in the context window.
    """

    tokens: int
    reused: int
    evaluated: int
    left_out: tuple[int, ...] = ()
    notes: tuple[PromptNote, ...] = ()

    @property
    def left_out_messages(self) -> int:
        """How many messages did not fit."""
        return len(self.left_out)


@dataclass(frozen=True, slots=True)
class ReasoningGenerated:
    """What the model thought before it answers: not part of the reply. Its tokens include those of the marks around."""

    text: str
    tokens: tuple[int, ...] = ()
    choices: tuple[TokenChoice, ...] = ()


@dataclass(frozen=True, slots=True)
class PieceGenerated:
    """Text that the model wrote. The pieces joined are the reply.

    `tokens` are the ids it came from: several when bytes or a beginning stop string were held back and are let go.
    `choices`, when they were asked for, tell of each of these tokens how likely it was, and what else was.
    """

    text: str
    tokens: tuple[int, ...] = ()
    choices: tuple[TokenChoice, ...] = ()


@dataclass(frozen=True, slots=True)
class GenerationFinished:
    """The last event of a generation that did not fail. A failure is an `EngineError`, not an event.

    `tokens_per_s` and `time_to_first_token_s` are None below two tokens.
    """

    reason: FinishReason
    tokens: int
    receipt: Receipt | None
    tokens_per_s: float | None = None
    time_to_first_token_s: float | None = None


WarmingEvent: TypeAlias = PromptProgress | PromptEvaluated
GenerationEvent: TypeAlias = WarmingEvent | ReasoningGenerated | PieceGenerated | GenerationFinished
EngineEvent: TypeAlias = LoadProgress | ModelLoaded | GenerationEvent | PromptDescription

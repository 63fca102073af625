"""What an engine reports while it works: plain values that can cross a thread and a pipe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from app.conversation import FinishReason, Receipt


@dataclass(frozen=True, slots=True)
class LoadProgress:
    """How much of the model file is in memory, 0 to 1."""

    fraction: float


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """What is loaded, as the engine knows it."""

    path: str
    name: str
    n_ctx: int
    n_ctx_train: int
    threads: int
    device: str
    engine_build: str
    has_template: bool
    """False: the file brings no chat template, and a plain transcript format is used."""


@dataclass(frozen=True, slots=True)
class ModelLoaded:
    """The model is ready to read a prompt."""

    model: LoadedModel


@dataclass(frozen=True, slots=True)
class PromptProgress:
    """How many tokens of the prompt have been evaluated so far, those reused included."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class PromptEvaluated:
    """The prompt has been read: `reused` tokens lay in the KV cache already, `evaluated` were new; at least one is.

    `left_out_messages` of the conversation did not fit in the context window.
    """

    tokens: int
    reused: int
    evaluated: int
    left_out_messages: int = 0


@dataclass(frozen=True, slots=True)
class PieceGenerated:
    """Text that the model wrote. The pieces joined are the reply; the tokens joined are what was generated.

    `tokens` are the ids it came from: several when bytes or a beginning stop string were held back and are let go.
    """

    text: str
    tokens: tuple[int, ...] = ()
    probability: float | None = None


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


GenerationEvent: TypeAlias = PromptProgress | PromptEvaluated | PieceGenerated | GenerationFinished
EngineEvent: TypeAlias = LoadProgress | ModelLoaded | GenerationEvent

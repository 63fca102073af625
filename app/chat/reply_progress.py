"""How far a running reply is, whether or not anybody looks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from app.engine.events import (
    LoadProgress,
    ModelLoaded,
    PieceGenerated,
    PromptEvaluated,
    PromptProgress,
    ReasoningGenerated,
)
from app.engine.worker import WorkerEvent

_SHORTEST_MEASURE_S: Final = 0.25
"""In less time a speed is a matter of chance."""


class Stage(Enum):
    """What is being done for a reply."""

    WAITING = auto()
    """The engine has something else to do first."""
    LOADING = auto()
    READING = auto()
    THINKING = auto()
    WRITING = auto()


@dataclass(slots=True)
class ReplyProgress:
    """What the engine's events tell of one generation, added up. `loaded` is a part of the model, 0 to 1.

    `read` of `to_read` tokens of the prompt are evaluated. When all are, it is known that it has `prompt_tokens`, and
    that `left_out` messages are not in it; `n_ctx` is known when the model is there. `tokens` came since.
    """

    clock: Callable[[], float] = time.monotonic
    stage: Stage = Stage.WAITING
    loaded: float = 0.0
    read: int = 0
    to_read: int = 0
    n_ctx: int = 0
    prompt_tokens: int = 0
    left_out: int = 0
    tokens: int = 0
    _asked_at: float = field(init=False)
    _first_at: float = 0.0

    def __post_init__(self) -> None:
        """Wait from now on."""
        self._asked_at = self.clock()

    def take(self, event: WorkerEvent) -> None:
        """Add what one event tells."""
        match event:
            case LoadProgress(fraction=fraction):
                self.stage, self.loaded = Stage.LOADING, fraction
            case ModelLoaded(model=model):
                self.stage, self.n_ctx = Stage.READING, model.n_ctx
            case PromptProgress(done=done, total=total):
                self.stage, self.read, self.to_read = Stage.READING, done, total
            case PromptEvaluated(tokens=tokens, left_out_messages=left_out):
                self.stage, self.prompt_tokens, self.left_out = Stage.WRITING, tokens, left_out
            case ReasoningGenerated(tokens=tokens):
                self._grow(Stage.THINKING, len(tokens))
            case PieceGenerated(tokens=tokens):
                self._grow(Stage.WRITING, len(tokens))
            case _:
                pass

    @property
    def age_s(self) -> float:
        """How long ago it was asked for."""
        return self.clock() - self._asked_at

    @property
    def tokens_per_s(self) -> float | None:
        """How fast its tokens come; None while that cannot be told."""
        seconds = self.clock() - self._first_at
        return (self.tokens - 1) / seconds if self.tokens and seconds >= _SHORTEST_MEASURE_S else None

    def _grow(self, stage: Stage, tokens: int) -> None:
        if not self.tokens:
            self._first_at = self.clock()
        self.stage = stage
        self.tokens += tokens

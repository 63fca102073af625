"""The quiet line under a reply while it is made."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from app.engine.events import LoadProgress, PieceGenerated, PromptEvaluated, PromptProgress, ReasoningGenerated
from app.engine.worker import WorkerEvent
from app.translation import tr, trn

_EVERY_S: Final = 0.25


class ReplyActivity:
    """Puts the engine's events into words, a few times a second at most."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Measure with `clock`, in seconds."""
        self._clock = clock
        self._tokens = 0
        self._first_at = 0.0
        self._said_at = float("-inf")

    def words(self, event: WorkerEvent) -> str | None:
        """Give the line for now; None where the one that stands is still right."""
        match event:
            case LoadProgress(fraction=fraction):
                return self._now_and_then(tr("Loading the model, {percent} %", percent=round(fraction * 100)))
            case PromptProgress(done=done, total=total):
                line = tr("Reading, {done} of {total} tokens", done=f"{done:,}", total=f"{total:,}")
                return self._now_and_then(line)
            case PromptEvaluated():
                return tr("Writing")
            case ReasoningGenerated(tokens=tokens):
                return self._now_and_then(self._counted(tr("Thinking"), len(tokens)))
            case PieceGenerated(tokens=tokens):
                return self._now_and_then(self._counted(tr("Writing"), len(tokens)))
            case _:
                return None

    def _counted(self, what: str, tokens: int) -> str:
        now = self._clock()
        if self._tokens == 0:
            self._first_at = now
        self._tokens += tokens
        line = what + trn(" · {count} token", " · {count} tokens", self._tokens)
        seconds = now - self._first_at
        if seconds >= _EVERY_S:
            line += tr(" · {speed} tok/s", speed=round((self._tokens - 1) / seconds))
        return line

    def _now_and_then(self, line: str) -> str | None:
        now = self._clock()
        if now - self._said_at < _EVERY_S:
            return None
        self._said_at = now
        return line

"""Reads into the memory what the next prompt is sure to begin with, in slices so short that nobody waits for one."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import Final

from app.engine.events import PromptEvaluated, PromptProgress, WarmingEvent
from app.engine.interruption import Interruption
from app.engine.llama.memory.conversation_memory import ConversationMemory

_LONGEST_S: Final = 0.15
"""Nobody notices to have waited so long; and a slice that is cut off is read in vain."""
_FEWEST, _MOST = 8, 256
_FIRST: Final = 32


class Pace:
    """How many tokens to read at once so that it takes about `_LONGEST_S`. Called before each slice."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin carefully. `clock` tells seconds."""
        self._clock = clock
        self._tokens = _FIRST
        self._last: float | None = None

    def __call__(self) -> int:
        """Give the length of the slice that is read now."""
        now, before = self._clock(), self._last
        self._last = now
        if before is not None and now - before > _LONGEST_S:
            self._tokens = max(_FEWEST, self._tokens // 2)
        elif before is not None and now - before < _LONGEST_S / 2:
            self._tokens = min(_MOST, self._tokens * 2)
        return self._tokens

    def rest(self) -> None:
        """What comes now is not the reading of a slice."""
        self._last = None


def read_ahead(
    memory: ConversationMemory,
    tokens: tuple[int, ...],
    boundaries: tuple[int, ...],
    pace: Pace,
    proof: Callable[[], None],
    interruption: Interruption,
) -> Generator[WarmingEvent]:
    """Read `tokens` until an interruption comes, else to the end, of which `proof` makes sure. What was read stays.

    `boundaries` are as `KvCache.read` wants them.
    """
    if not tokens:
        return
    pace.rest()
    slices = memory.read(tokens, boundaries=boundaries, slice_tokens=pace, proof=proof)
    reused = next(slices)
    yield PromptProgress(reused, len(tokens))
    for done in slices:
        reused = min(reused, done)  # what came from the disk may have been of no use
        yield PromptProgress(done, len(tokens))
        if interruption.requested and done < len(tokens):
            return
    yield PromptEvaluated(len(tokens), reused, len(tokens) - reused)

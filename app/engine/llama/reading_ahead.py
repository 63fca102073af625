"""Reads into the memory what the next prompt is sure to begin with, in slices so small that nobody waits for one."""

from __future__ import annotations

from collections.abc import Generator
from typing import Final

from app.engine.events import PromptEvaluated, PromptProgress, WarmingEvent
from app.engine.interruption import Interruption
from app.engine.llama.kv_cache import KvCache

SLICE_TOKENS: Final = 32


def read_ahead(cache: KvCache, tokens: tuple[int, ...], interruption: Interruption) -> Generator[WarmingEvent]:
    """Read `tokens` until an interruption comes. What was read stays."""
    if not tokens:
        return
    slices = cache.read(tokens, slice_tokens=SLICE_TOKENS)
    reused = next(slices)
    yield PromptProgress(reused, len(tokens))
    for done in slices:
        yield PromptProgress(done, len(tokens))
        if interruption.requested and done < len(tokens):
            return
    yield PromptEvaluated(len(tokens), reused, len(tokens) - reused)

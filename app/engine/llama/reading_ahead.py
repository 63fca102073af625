"""Reads into the memory what the next prompt is sure to begin with, in slices so small that nobody waits for one."""

from __future__ import annotations

from collections.abc import Generator
from typing import Final

from app.engine.events import PromptEvaluated, PromptProgress, WarmingEvent
from app.engine.interruption import Interruption
from app.engine.llama.conversation_memory import ConversationMemory

SLICE_TOKENS: Final = 32


def read_ahead(
    memory: ConversationMemory, tokens: tuple[int, ...], interruption: Interruption
) -> Generator[WarmingEvent]:
    """Read `tokens` until an interruption comes. What was read stays."""
    if not tokens:
        return
    slices = memory.read(tokens, slice_tokens=SLICE_TOKENS)
    reused = next(slices)
    yield PromptProgress(reused, len(tokens))
    for done in slices:
        reused = min(reused, done)  # what came from the disk may have been of no use
        yield PromptProgress(done, len(tokens))
        if interruption.requested and done < len(tokens):
            return
    yield PromptEvaluated(len(tokens), reused, len(tokens) - reused)

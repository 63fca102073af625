"""What to try next where memory was too short for a context window."""

from __future__ import annotations

from typing import Final

_STEP: Final = 256


def half_the_context(n_ctx: int) -> int:
    """Give half as many tokens, a multiple of 256; 0 when that is too few to talk with."""
    return n_ctx // 2 // _STEP * _STEP

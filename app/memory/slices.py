"""How many tokens are read at once, and verified at once: it decides how much memory the reading takes."""

from __future__ import annotations

from typing import Final

_SLICES: Final = ((500_000_000, 256), (3_000_000_000, 128))
"""Up to how many weights how many tokens are read at once by a processor. Measured with the starter model on two
cores: slices of 64 read a prompt at 291 tokens/s, of 128 at 312, of 256 at 336, of 512 at 320. An interruption does not
wait for their end there; only the report of progress does. Fixed sizes keep a reply the same each time.
"""
_SMALLEST_SLICE: Final = 64
GPU_SLICE: Final = 512
_MOST_ROWS: Final = 16
"""A token and fifteen guesses. Measured with the starter model: 16 rows take less than 15 would by the others' measure,
and a 17th as long as two.
"""
_LOGITS_BYTES: Final = 16 * 1024 * 1024
_BYTES_A_ROW: Final = 8
"""Each token's logit is kept twice: where it is computed, and where it is read."""


def slice_tokens(weights: int, gpu_layers: int) -> int:
    """Say how many tokens are read at once by a model of so many weights."""
    if gpu_layers:
        return GPU_SLICE
    return next((tokens for most, tokens in _SLICES if weights <= most), _SMALLEST_SLICE)


def rows_for(vocabulary_size: int) -> int:
    """How many rows of logits a context is given for guessing: each takes memory for every token there is."""
    return max(1, min(_MOST_ROWS, _LOGITS_BYTES // (_BYTES_A_ROW * max(1, vocabulary_size))))

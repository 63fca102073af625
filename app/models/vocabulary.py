"""Tells whether two model files know the same tokens, without reading these."""

from __future__ import annotations

import hashlib
from typing import Final

from app.gguf.model_header import ModelHeader

_KEYS: Final = tuple(
    f"tokenizer.ggml.{key}"
    for key in ("model", "pre", "tokens", "merges", "bos_token_id", "eos_token_id", "eot_token_id", "add_bos_token")
)


def vocabulary_of(header: ModelHeader) -> str:
    """Give a mark of the vocabulary: of its kind, its size and its special tokens. Equal ones are very likely equal."""
    told = [str(header.metadata.get(key)) for key in _KEYS]
    return hashlib.sha256("\0".join(told).encode()).hexdigest()[:16]

"""Which small model guesses ahead for a large one."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from app.models.gguf import read_header
from app.models.model_header import ModelHeader

_TIMES: Final = 5
"""How much larger a model has to be: guessing takes time too."""
_VOCABULARY: Final = tuple(
    f"tokenizer.ggml.{key}"
    for key in ("model", "pre", "tokens", "merges", "bos_token_id", "eos_token_id", "eot_token_id", "add_bos_token")
)


def draft_for(model: Path, starter: Path | None) -> Path | None:
    """Give the starter model's file when it can guess for the model of the file `model`; None otherwise.

    Raises `ModelHeaderError` when one of the files is no model.
    """
    if starter is None or model.stat().st_size < _TIMES * starter.stat().st_size:
        return None
    return starter if has_same_vocabulary(read_header(model), read_header(starter)) else None


def has_same_vocabulary(one: ModelHeader, other: ModelHeader) -> bool:
    """Whether two files seem to know the same tokens: by the kind, the count, and the special ones.

    The engine, which has both in memory, looks at the tokens themselves.
    """
    return all(one.metadata.get(key) == other.metadata.get(key) for key in _VOCABULARY)

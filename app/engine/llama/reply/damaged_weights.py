"""Finds out that a model computes no numbers."""

from __future__ import annotations

import math
from typing import Any

from app.engine.engine import ModelFileError
from app.engine.llama.binding import api
from app.engine.llama.loading.loaded_set import LoadedSet


def refuse_damaged_weights(loaded: LoadedSet) -> None:
    """Look at all of the last logits. Raises `ModelFileError`."""
    logits: Any = api.llama_get_logits_ith(loaded.context, -1)
    if math.isnan(sum(logits[: loaded.vocabulary.size])):
        raise _damaged(loaded)


def refuse_wild_logits(loaded: LoadedSet) -> None:
    """What is no number anywhere in the weights is no number in every logit: the first one tells."""
    logits: Any = api.llama_get_logits_ith(loaded.context, -1)
    if math.isnan(logits[0]):
        raise _damaged(loaded)


def _damaged(loaded: LoadedSet) -> ModelFileError:
    loaded.cache.clear()
    if loaded.described.adapters:
        return ModelFileError(
            "The model computes no numbers with {adapters}: the weights in one of the files are damaged.",
            next_step="Remove the adapters from this conversation, or download the files again.",
            adapters=", ".join(loaded.described.adapters),
        )
    return ModelFileError(
        "The weights in the file of {name} are damaged: the model computes no numbers.",
        next_step="Download it again.",
        name=loaded.described.name,
    )

"""Which small model guesses ahead for a large one."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from app.models.installed import InstalledModel, Source
from app.models.starter import StarterModel

_TIMES: Final = 5
"""How much larger a model has to be: guessing takes time too."""


def draft_for(model: InstalledModel, starter: StarterModel | None) -> Path | None:
    """Give the starter model's file when it can guess for `model`; None otherwise. Reads no file.

    The engine, which has both in memory, looks at the tokens themselves.
    """
    if starter is None or model.source is Source.STARTER or model.vocabulary != starter.vocabulary:
        return None
    return starter.path if model.size_bytes >= _TIMES * starter.size_bytes else None

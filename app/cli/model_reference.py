"""Whether a word on the command line means a model here or a repository of the hub."""

from __future__ import annotations

from pathlib import Path

from app.models.repository_reference import RepositoryReference, parse_reference
from app.parts import ModelParts


def reference_in(parts: ModelParts, source: str) -> RepositoryReference | None:
    """Give the repository that is meant; None where a model or a file here is: those count before what could come."""
    if any(source.casefold() == model.name.casefold() for model in parts.models.models()) or _is_there(source):
        return None
    if source.lower().endswith(".gguf") and "://" not in source and ":" not in source:
        return None
    return parse_reference(source, (parts.online.hub_address(),))


def _is_there(source: str) -> bool:
    try:
        return Path(source).expanduser().exists()
    except (OSError, ValueError):
        return False

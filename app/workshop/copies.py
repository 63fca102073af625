"""Copies of a model that are here already: nobody needs a second one of the same kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from app.models.installed import InstalledModel
from app.workshop.convert import Converted
from app.workshop.offer_book import Noted

Copy: TypeAlias = InstalledModel | Converted
"""One of the list, or one that was made at idle and waits for an answer."""


def copies_of(
    model: InstalledModel, models: Iterable[InstalledModel], noted: Mapping[str, Noted]
) -> Mapping[str, Copy]:
    """Give the copies of `model` that are on the disk, by their quantization; those of the list come first."""
    copies: dict[str, Copy] = {}
    known = noted.get(model.id)
    waiting = known.converted if known is not None and known.size_bytes == model.size_bytes else None
    if waiting is not None:
        copies[waiting.comparison.after.quantization] = waiting
    for other in models:
        if other.made_from == model.id and other.is_present and not other.is_damaged and other.quantization:
            copies[other.quantization] = other
    return copies

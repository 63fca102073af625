"""Decides what the workshop does, or asks, while nobody waits for anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from app.models.installed import InstalledModel, Source
from app.workshop.convert import Converted
from app.workshop.copies import copies_of
from app.workshop.offer_book import Noted

_TARGET: Final = "Q8_0"
_TARGET_BITS: Final = 8.5
_BITS: Final = {"Q4_1": 5.0, "Q5_1": 6.0, "F32": 32.0, "F16": 16.0, "BF16": 16.0}
"""Bits a weight of the types from which Q8_0 is likely to gain: for the first two, llama.cpp has no fast way to read a
prompt on processors; the others take more room and time than their words are worth. Measured here with the starter
model: Q4_1 reads 280 tokens a second, Q8_0 611.
"""
_GROWS: Final = frozenset(("Q4_1", "Q5_1"))
_LARGEST_THAT_GROWS: Final = 1_500_000_000
"""Larger models wait for memory when they write: a copy with more bits would read faster and write slower."""
_DISK_FACTOR: Final = 3
_MEMORY_FACTOR: Final = 6
"""Both models are in memory at once, with what they compute in, beside the one that is loaded."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What there is. `may_work` is the permission to work at idle."""

    may_work: bool
    free_disk_bytes: int
    free_memory_bytes: int


@dataclass(frozen=True, slots=True)
class ShowCopy:
    """A copy was made before, and nobody has said yet what is to become of it."""

    model: InstalledModel
    converted: Converted


@dataclass(frozen=True, slots=True)
class MakeCopy:
    """Convert this and measure, without asking: it takes seconds, and what is not wanted is thrown away."""

    model: InstalledModel
    target: str


@dataclass(frozen=True, slots=True)
class AskToConvert:
    """Ask whether this is to be converted: it may take minutes and gigabytes."""

    model: InstalledModel
    target: str
    size_bytes: int
    """About as large would the copy be."""


Offer: TypeAlias = ShowCopy | MakeCopy | AskToConvert


def next_offer(
    models: Sequence[InstalledModel], noted: Mapping[str, Noted], surroundings: Surroundings
) -> Offer | None:
    """Say what is to be done now, if anything: at most one thing for each model file, ever."""
    for model in models:
        copies = copies_of(model, models, noted).values()
        converted = next((copy for copy in copies if isinstance(copy, Converted)), None)
        if converted is not None:
            return ShowCopy(model, converted)
    if not surroundings.may_work:
        return None
    for model in models:
        if _known(model, noted) is None and _would_gain(model, models) and _has_room(model, surroundings):
            return _offer(model)
    return None


def _known(model: InstalledModel, noted: Mapping[str, Noted]) -> Noted | None:
    known = noted.get(model.id)
    return known if known is not None and known.size_bytes == model.size_bytes else None


def _would_gain(model: InstalledModel, models: Sequence[InstalledModel]) -> bool:
    if not model.is_present or model.quantization not in _BITS:
        return False
    if model.quantization in _GROWS and model.size_bytes > _LARGEST_THAT_GROWS:
        return False
    return not any(other.made_from == model.id and other.quantization == _TARGET for other in models)


def _has_room(model: InstalledModel, surroundings: Surroundings) -> bool:
    size_bytes = _size_as_target(model)
    has_memory = surroundings.free_memory_bytes >= _MEMORY_FACTOR * size_bytes or model.source is not Source.STARTER
    return has_memory and surroundings.free_disk_bytes >= _DISK_FACTOR * size_bytes


def _offer(model: InstalledModel) -> Offer:
    if model.source is Source.STARTER:
        return MakeCopy(model, _TARGET)
    return AskToConvert(model, _TARGET, _size_as_target(model))


def _size_as_target(model: InstalledModel) -> int:
    return round(model.size_bytes * _TARGET_BITS / _BITS[model.quantization or ""])

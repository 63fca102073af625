"""Chooses how a model file is loaded on this machine, as it is now."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Final

from app.engine.events import MemoryUse
from app.engine.llama.library import LibraryLog
from app.engine.llama.loading.devices import badge, graphics_processors
from app.engine.llama.loading.load_plan import Choice, LoadPlan, Wishes, plan_anyway, plan_load
from app.engine.llama.loading.memory_need import MemoryNeed, add_up, read_layout, upper_bound
from app.engine.llama.loading.memory_probe import MemoryProbe
from app.engine.llama.loading.model_file import ModelFile
from app.engine.llama.loading.weights import WeightTable
from app.engine.requests import LoadRequest
from app.hardware import memory
from app.memory.kv_type import KvType
from app.memory.room import Room, room_for
from app.memory.slices import GPU_SLICE
from app.settings.values import LoadSettings

_AUTOMATIC: Final = "auto"
_CLEARLY_PART: Final = 2
"""What surely takes less than half of what may be used needs no closer look."""


def choose_load(request: LoadRequest, file: ModelFile, weights: WeightTable, log: LibraryLog) -> LoadPlan:
    """Look what is free, ask what is needed, and plan the load that fits.

    Raises `NotEnoughMemoryError` with numbers when none does and the request does not say to load it anyway,
    `ModelFileError` when the file cannot be loaded at all.
    """
    graphics = graphics_processors() if request.settings.gpu_layers != 0 else ()
    room = room_for(memory(), graphics, _size(_companions(request)))
    wishes = wishes_for(request, file, len(weights.layers) + 1)
    if not graphics and (request.even_if_memory_is_short or is_clearly_fine(wishes, file, room)):
        return LoadPlan(Choice(0, wishes.n_ctx, wishes.kv_type or KvType.F16))
    plan = plan_anyway if request.even_if_memory_is_short else plan_load
    with closing(MemoryProbe(file, weights, tuple(room.graphics), log)) as probe:
        return plan(wishes, room, probe.need)


def where_it_went(said: str, weights: WeightTable) -> tuple[str, MemoryUse]:
    """Read from what llama.cpp said during a load on which devices the layers are, as a badge, and what it took."""
    graphics = tuple(device.engine_name for device in graphics_processors())
    layout = read_layout(said)
    whole = sum(add_up(layout, weights, graphics).values(), MemoryNeed())
    return badge(layout.layers, graphics), MemoryUse(whole.weights_bytes, whole.kv_bytes, whole.compute_bytes)


def wishes_for(request: LoadRequest, file: ModelFile, layers: int) -> Wishes:
    """Say what is wished: a context window that differs from the default was chosen, and is not made smaller."""
    settings = request.settings
    trained = file.header.context_length or 0
    return Wishes(
        name=file.name,
        layers=layers,
        n_ctx=min(settings.context, trained) if trained > 0 else settings.context,
        is_context_fixed=settings.context != LoadSettings().context,
        gpu_layers=settings.gpu_layers,
        kv_type=None if settings.kv_type == _AUTOMATIC else KvType(settings.kv_type),
    )


def is_clearly_fine(wishes: Wishes, file: ModelFile, room: Room) -> bool:
    """Whether so little is needed that llama.cpp need not be asked, which takes up to a second."""
    bound = upper_bound(file.header, file.size_bytes, wishes.n_ctx, GPU_SLICE)
    return bound is not None and bound * _CLEARLY_PART <= room.main_bytes


def _companions(request: LoadRequest) -> Iterable[Path]:
    """What is loaded beside the model."""
    return (*(adapter.path for adapter in request.adapters), *((request.draft,) if request.draft else ()))


def _size(paths: Iterable[Path]) -> int:
    """Add up the files that are there; what is missing will be said when it is loaded."""
    return sum(path.stat().st_size for path in paths if path.is_file())

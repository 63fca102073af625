"""Chooses how a model is loaded so that it fits: a pure function of what is wished, what is free and what is needed.

The ladder goes down from the whole model on the graphics processor: fewer layers there, a smaller context window, a
KV cache that remembers less exactly, and at last the processor alone. What the user has fixed stays as it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from app.engine.engine import TightMemoryError
from app.engine.events import Concession
from app.engine.llama.loading.memory_need import MAIN_MEMORY, MemoryNeed, Needs
from app.memory.kv_type import KvType
from app.memory.room import Room, fewest_layers

_GIGABYTE: Final = 10**9
_MEGABYTE: Final = 10**6
_SMALLEST_CONTEXT: Final = 2048
_LEAST_CONTEXT: Final = 256


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to load a model. `gpu_layers` counts the output as a layer."""

    gpu_layers: int
    n_ctx: int
    kv_type: KvType = KvType.F16


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked for. None, and a context window that is not fixed, leave it to the ladder.

    `layers` is how many the model has, the output counted as one.
    """

    name: str
    layers: int
    n_ctx: int
    is_context_fixed: bool = False
    gpu_layers: int | None = None
    kv_type: KvType | None = None


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """What was chosen, and a sentence for each concession that was made so that it fits."""

    choice: Choice
    concessions: tuple[Concession, ...] = ()


Need: TypeAlias = Callable[[Choice], Needs | None]
"""What a choice needs on each device; None when the model cannot be loaded that way, whatever is free."""


def plan_load(wishes: Wishes, room: Room, need: Need) -> LoadPlan:
    """Take the first step of the ladder that fits. Raises `TightMemoryError` with numbers when none does."""
    ladder = _Ladder(wishes, room, need)
    choice = ladder.first_fit()
    if choice is None and ladder.is_possible:
        raise ladder.refusal()
    if choice is None:  # no step of the ladder is known: loading it will say why
        return LoadPlan(ladder.wished())
    return LoadPlan(choice, tuple(ladder.explain(choice)))


def plan_anyway(wishes: Wishes, room: Room, need: Need) -> LoadPlan:
    """Take what is wished as it is; only layers that nobody fixed still go by what the graphics processor can take."""
    return LoadPlan(_Ladder(wishes, room, need).wished())


class _Ladder:
    def __init__(self, wishes: Wishes, room: Room, need: Need) -> None:
        self._wishes = wishes
        self._room = room
        self._need = need
        self._types = (wishes.kv_type,) if wishes.kv_type is not None else tuple(KvType)
        self._has_graphics = bool(room.graphics)

    def first_fit(self) -> Choice | None:
        if not self._has_graphics or self._wishes.gpu_layers is not None:
            return self._first_of(self._rungs(self._fixed_layers))
        on_graphics = (self._with_most_layers(rung) for rung in self._rungs(0))
        return self._first_of(on_graphics) or self._first_of(self._rungs(0))

    @property
    def is_possible(self) -> bool:
        """Whether the model could be loaded at all if there were room."""
        return bool(self._smallest[1])

    def wished(self) -> Choice:
        choice = Choice(self._fixed_layers, self._wishes.n_ctx, self._types[0])
        if self._wishes.gpu_layers is None and self._has_graphics:
            return self._with_most_layers(choice) or choice
        return choice

    @property
    def _fixed_layers(self) -> int:
        return min(self._wishes.gpu_layers or 0, self._wishes.layers) if self._has_graphics else 0

    def _first_of(self, choices: Iterator[Choice | None]) -> Choice | None:
        return next((choice for choice in choices if choice is not None and self._fits(choice)), None)

    def _rungs(self, gpu_layers: int) -> Iterator[Choice]:
        for kv_type in self._types:
            for n_ctx in self._contexts(self._wishes.n_ctx, _SMALLEST_CONTEXT):
                yield Choice(gpu_layers, n_ctx, kv_type)

    def _contexts(self, n_ctx: int, smallest: int) -> Iterator[int]:
        yield n_ctx
        while not self._wishes.is_context_fixed and n_ctx > smallest:
            n_ctx = max(n_ctx // 2, smallest)
            yield n_ctx

    def _with_most_layers(self, rung: Choice) -> Choice | None:
        """Put as many layers on the graphics processors as fit there; None when too few do to be of use."""
        layers = self._wishes.layers
        if self._fits_graphics(replace(rung, gpu_layers=layers)):
            return replace(rung, gpu_layers=layers)
        fitting, too_many = fewest_layers(layers), layers
        if not self._fits_graphics(replace(rung, gpu_layers=fitting)):
            return None
        while too_many - fitting > 1:
            middle = (fitting + too_many) // 2
            if self._fits_graphics(replace(rung, gpu_layers=middle)):
                fitting = middle
            else:
                too_many = middle
        return replace(rung, gpu_layers=fitting)

    def _fits(self, choice: Choice) -> bool:
        needs = self._need(choice)
        return needs is not None and self._main_bytes(needs) <= self._room.main_bytes and self._has_room(needs)

    def _fits_graphics(self, choice: Choice) -> bool:
        needs = self._need(choice)
        return needs is not None and self._has_room(needs)

    def _has_room(self, needs: Needs) -> bool:
        return all(need.total_bytes <= self._room.graphics.get(name, 0) for name, need in _on_graphics(needs))

    def _main_bytes(self, needs: Needs) -> int:
        shared = sum(need.total_bytes for name, need in _on_graphics(needs) if name in self._room.shared)
        return needs.get(MAIN_MEMORY, MemoryNeed()).total_bytes + shared

    def explain(self, choice: Choice) -> Iterator[Concession]:
        wishes = self._wishes
        if wishes.gpu_layers is None and self._has_graphics and choice.gpu_layers < wishes.layers:
            yield self._explain_layers(choice)
        if choice.n_ctx < wishes.n_ctx:
            yield Concession(
                "The context window has {n_ctx} tokens in place of {wished}: more does not fit in memory.",
                {"n_ctx": f"{choice.n_ctx:,}", "wished": f"{wishes.n_ctx:,}"},
            )
        if choice.kv_type is not self._types[0]:
            bits = {KvType.Q8_0: 8, KvType.Q4_0: 4}[choice.kv_type]
            yield Concession(
                "What the model has read is remembered in {bits} bits in place of 16, so that it fits in memory.",
                {"bits": bits},
            )

    def _explain_layers(self, choice: Choice) -> Concession:
        free = _usable(sum(self._room.graphics.values()))
        if not choice.gpu_layers:
            return Concession(
                "The model runs on the processor: only {free} of graphics memory can be used, too little to help.",
                {"free": free},
            )
        whole = self._need(replace(choice, gpu_layers=self._wishes.layers))
        needed = _needed(sum(need.total_bytes for _, need in _on_graphics(whole or {})))
        return Concession(
            "{layers} of {all_layers} layers are on the graphics processor: all of them need {need} there, and {free}"
            " can be used.",
            {"layers": choice.gpu_layers, "all_layers": self._wishes.layers, "need": needed, "free": free},
        )

    def refusal(self) -> TightMemoryError:
        """Say what the smallest step that could be tried needs, and what would fit."""
        last, needs = self._smallest
        if self._fixed_layers and not self._has_room(needs):
            return self._refuse_layers(last, needs)
        smaller = self._smaller_context(last)
        return TightMemoryError(
            "{name} needs at least {need} of memory with a context window of {n_ctx} tokens, and {free} can be used.",
            next_step=(
                "Try with {smaller} tokens of context, or load it anyway."
                if smaller
                else "Close other programs, choose a smaller model, or load it anyway."
            ),
            name=self._wishes.name,
            need=_needed(self._main_bytes(needs)),
            free=_usable(self._room.main_bytes),
            n_ctx=f"{last.n_ctx:,}",
            smaller=f"{smaller:,}",
            needed_bytes=self._main_bytes(needs),
            free_bytes=self._room.main_bytes,
        )

    @property
    def _smallest(self) -> tuple[Choice, Needs]:
        """The last step of the ladder that the model knows, and what it needs."""
        tried = ((choice, self._need(choice)) for choice in reversed(list(self._rungs(self._fixed_layers))))
        known = ((choice, needs) for choice, needs in tried if needs is not None)
        nothing: tuple[Choice, Needs] = (Choice(self._fixed_layers, self._wishes.n_ctx), {})
        return next(known, nothing)

    def _refuse_layers(self, choice: Choice, needs: Needs) -> TightMemoryError:
        fitting = self._with_most_layers(choice)
        needed = sum(need.total_bytes for _, need in _on_graphics(needs))
        free = sum(self._room.graphics.values())
        return TightMemoryError(
            "{layers} layers of {name} need {need} of graphics memory, and {free} can be used.",
            next_step="Set {fitting} GPU layers, leave their number to Paddock, or load it anyway.",
            name=self._wishes.name,
            layers=choice.gpu_layers,
            need=_needed(needed),
            free=_usable(free),
            fitting=fitting.gpu_layers if fitting is not None else 0,
            needed_bytes=needed,
            free_bytes=free,
        )

    def _smaller_context(self, refused: Choice) -> int:
        """Find a context window that would fit; 0 when none does."""
        n_ctx = refused.n_ctx
        while n_ctx > _LEAST_CONTEXT:
            n_ctx = max(n_ctx // 2, _LEAST_CONTEXT)
            if self._fits(replace(refused, n_ctx=n_ctx)):
                return n_ctx
        return 0


def _on_graphics(needs: Needs) -> Iterator[tuple[str, MemoryNeed]]:
    return ((name, need) for name, need in needs.items() if name != MAIN_MEMORY)


def _needed(size_bytes: int) -> str:
    if size_bytes < _GIGABYTE:
        return f"{math.ceil(size_bytes / _MEGABYTE)} MB"
    return f"{math.ceil(size_bytes / _GIGABYTE * 10) / 10:.1f} GB"


def _usable(size_bytes: int) -> str:
    """Rounded the other way: what does not fit never looks as if it did."""
    if size_bytes < _GIGABYTE:
        return f"{size_bytes // _MEGABYTE} MB"
    return f"{size_bytes * 10 // _GIGABYTE / 10:.1f} GB"

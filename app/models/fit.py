"""Whether a model fits on this machine: what it will take of its memory, before anything is loaded or downloaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from app.hardware import Device, Memory
from app.memory.room import Room, fewest_layers, room_for
from app.memory.slices import slice_tokens
from app.models.geometry import Geometry
from app.models.prediction import Predicted, predict
from app.models.repository import RepositoryFile
from app.settings.values import LoadSettings
from app.translation import tr

__all__ = [
    "Fit",
    "Machine",
    "Predicted",
    "Verdict",
    "judge",
    "memory_for_models",
    "predict",
    "recommended",
    "rough_fit",
]

_CELLS: Final = 256
_LONGEST: Final = 1_048_576
_ROUGH_BITS: Final = 4.85
"""Of a weight in Q4_K_M, the usual quantization."""
_ROUGH_REST: Final = 1.15
_USUAL: Final = ("Q4_K_M", "Q5_K_M", "Q6_K")
_ORIGINALS: Final = frozenset({"F32", "F16", "BF16"})
"""Larger than they need be: nobody notices the difference to 8 bits."""
_SMALL_BYTES: Final = 2 * 10**9
_PLENTY: Final = 0.5
_QUICK: Final = 8.0
"""Tokens per second; below it a larger file costs more in waiting than it gives."""


class Verdict(StrEnum):
    """Whether there is room."""

    FITS = "fits"
    TIGHT = "tight"
    """It fits, but other programs may not have enough beside it."""
    WILL_NOT_FIT = "will_not_fit"


@dataclass(frozen=True, slots=True)
class Machine:
    """What memory there is now. `model_in_use_bytes` is what the model that is loaded now would give back.

    `features` are the processor's, as `app.hardware` names them.
    """

    memory: Memory
    devices: tuple[Device, ...] = ()
    model_in_use_bytes: int = 0
    features: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fit:
    """A verdict with its numbers, for a context window of `n_ctx` tokens.

    `max_context` is the largest that is not too large, 0 if there is none. `free_bytes` counts main memory and that of
    graphics processors.
    """

    verdict: Verdict
    need_bytes: int
    free_bytes: int
    n_ctx: int
    max_context: int
    predicted: Predicted


def judge(geometry: Geometry, machine: Machine, n_ctx: int | None = None) -> Fit:
    """Say whether a model fits now, with the context window that it would be loaded with, or with `n_ctx` tokens."""
    wished = n_ctx or LoadSettings().context
    asked = min(wished, geometry.n_ctx_train) if geometry.n_ctx_train > 0 else wished
    judging = _Judging(geometry, machine)
    predicted = judging.predicted(asked)
    return Fit(
        verdict=judging.verdict(predicted),
        need_bytes=predicted.need_bytes,
        free_bytes=judging.free_bytes,
        n_ctx=asked,
        max_context=judging.max_context(),
        predicted=predicted,
    )


def rough_fit(parameters: int, machine: Machine) -> Verdict:
    """Say whether a model of so many weights is likely to fit in its usual quantization, with the usual context."""
    need = round(parameters * _ROUGH_BITS / 8 * _ROUGH_REST)
    return _Spaces(machine).verdict(need, need)


def memory_for_models(machine: Machine) -> Memory:
    """Give the memory that fits are measured against, graphics processors' own included.

    What the model takes that is loaded now counts as available: it would make room.
    """
    spaces = _Spaces(machine)
    own = (device.total_bytes for device in machine.devices if device.engine_name in spaces.own_graphics)
    return Memory(machine.memory.total_bytes + sum(own), spaces.free_bytes)


def recommended(
    files: Sequence[tuple[RepositoryFile, Fit]], speed: Callable[[RepositoryFile], float | None] | None = None
) -> tuple[RepositoryFile, str] | None:
    """Give the best file for this machine and the sentence that says why; None where none fits.

    `speed` gives the tokens per second to expect of a file, None where that is not known.
    """
    whole = [(file, fit) for file, fit in files if file.is_whole]
    fitting = [(file, fit) for file, fit in whole if fit.verdict is Verdict.FITS]
    quick = [(file, fit) for file, fit in fitting if speed is None or _is_quick(speed(file))]
    for choose, among in ((_small, quick), (_best_with_plenty, quick), (_usual, fitting), (_largest, fitting)):
        if (found := choose(among)) is not None:
            return found
    tight = [file for file, fit in whole if fit.verdict is Verdict.TIGHT]
    if not tight:
        return None
    return min(tight, key=lambda file: file.size_bytes), tr("It just fits: close other programs while you use it.")


def _is_quick(tokens_per_s: float | None) -> bool:
    """Whether there is speed to give away for more exactness."""
    return tokens_per_s is None or tokens_per_s >= _QUICK


def _small(fitting: Sequence[tuple[RepositoryFile, Fit]]) -> tuple[RepositoryFile, str] | None:
    files = [file for file, _ in fitting if file.quantization == "Q8_0" and file.size_bytes <= _SMALL_BYTES]
    if not files:
        return None
    return files[0], tr("Practically as good as the original; a model this small is quick all the same.")


def _best_with_plenty(fitting: Sequence[tuple[RepositoryFile, Fit]]) -> tuple[RepositoryFile, str] | None:
    for quantization in reversed(_USUAL[1:]):
        for file, fit in fitting:
            if file.quantization == quantization and fit.need_bytes <= fit.free_bytes * _PLENTY:
                return file, tr("Very close to the original, and there is plenty of room for it.")
    return None


def _usual(fitting: Sequence[tuple[RepositoryFile, Fit]]) -> tuple[RepositoryFile, str] | None:
    for quantization in _USUAL:
        for file, _ in fitting:
            if file.quantization == quantization:
                return file, tr("The usual compromise: little is lost, and it fits with room to spare.")
    return None


def _largest(fitting: Sequence[tuple[RepositoryFile, Fit]]) -> tuple[RepositoryFile, str] | None:
    files = [file for file, _ in fitting]
    smaller = [file for file in files if file.quantization not in _ORIGINALS]
    if not files:
        return None
    return max(smaller or files, key=lambda file: file.size_bytes), tr("The best of those that fit.")


class _Spaces:
    """What is free, with and without the margins that stay for other programs."""

    def __init__(self, machine: Machine) -> None:
        given_back = machine.memory.available_bytes + machine.model_in_use_bytes
        memory = replace(machine.memory, available_bytes=min(machine.memory.total_bytes, given_back))
        self.room: Room = room_for(memory, machine.devices)
        self.main_bytes = memory.available_bytes
        self.graphics_bytes = sum(self.room.graphics.values())
        self.own_graphics = self.room.graphics.keys() - self.room.shared
        self.own_graphics_bytes = sum(self.room.graphics[name] for name in self.own_graphics)

    @property
    def free_bytes(self) -> int:
        """What is free for a model anywhere."""
        return self.main_bytes + self.own_graphics_bytes

    def verdict(self, need_bytes: int, graphics_bytes: int) -> Verdict:
        """Judge a need of which so much can be on graphics processors; what is on a shared one is in main memory."""
        main = need_bytes - min(graphics_bytes, self.own_graphics_bytes)
        if main <= self.room.main_bytes:
            return Verdict.FITS
        return Verdict.TIGHT if main <= self.main_bytes else Verdict.WILL_NOT_FIT


class _Judging:
    def __init__(self, geometry: Geometry, machine: Machine) -> None:
        self._geometry = geometry
        self._spaces = _Spaces(machine)
        self._features = machine.features

    @property
    def free_bytes(self) -> int:
        return self._spaces.free_bytes

    def verdict(self, predicted: Predicted) -> Verdict:
        return self._spaces.verdict(predicted.need_bytes, predicted.graphics_bytes)

    def predicted(self, n_ctx: int) -> Predicted:
        """Predict the load with as many layers on graphics processors as fit there, as the engine would."""
        plain = self._with_layers(n_ctx, 0)
        room = self._spaces.graphics_bytes
        if not room:
            return plain
        most = len(self._geometry.layers) + 1
        fitting, too_many = 0, most + 1
        while too_many - fitting > 1:
            middle = (fitting + too_many) // 2
            if self._with_layers(n_ctx, middle).graphics_bytes <= room:
                fitting = middle
            else:
                too_many = middle
        return plain if fitting < fewest_layers(most) else self._with_layers(n_ctx, fitting)

    def max_context(self) -> int:
        """The largest context window that is not too large, in whole blocks of cells."""
        trained = self._geometry.n_ctx_train if self._geometry.n_ctx_train > 0 else _LONGEST
        fitting, too_many = 0, -(-trained // _CELLS) + 1
        while too_many - fitting > 1:
            middle = (fitting + too_many) // 2
            if self.verdict(self.predicted(middle * _CELLS)) is Verdict.WILL_NOT_FIT:
                too_many = middle
            else:
                fitting = middle
        return min(trained, fitting * _CELLS)

    def _with_layers(self, n_ctx: int, gpu_layers: int) -> Predicted:
        batch = slice_tokens(self._geometry.parameters, gpu_layers)
        return predict(self._geometry, n_ctx, n_batch=batch, gpu_layers=gpu_layers, features=self._features)

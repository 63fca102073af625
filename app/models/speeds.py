"""How fast models are on this machine: guessed from how fast its memory is, corrected by every real reply."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import msgspec

from app.errors import Fault, PaddockError
from app.hardware import performance_cores
from app.memory.speed import memory_bytes_per_s
from app.private_file import DamagedFileError, PrivateFileError, locked, read_or_set_aside, write_object

_VERSION: Final = 1
_USUAL_PART: Final = 0.6
"""How much of the memory's speed a model reaches before anything was measured."""
_NEWS: Final = 0.25
"""How much the newest reply counts."""
_FARTHEST: Final = 2.0
"""A reply that was so many times faster or slower than expected counts as if it had been only so many times."""
_MOST_MODELS: Final = 512
_Speed: TypeAlias = Annotated[float, msgspec.Meta(gt=0)]


class DamagedSpeedsError(PaddockError):
    """The file of measured speeds held something else; it was set aside."""

    fault = Fault.FILE


class _Measured(msgspec.Struct, frozen=True):
    """What one model file did: its stamp tells it from another one of the same name."""

    tokens_per_s: _Speed
    stamp: tuple[int, int]


class _Kept(msgspec.Struct):
    bandwidth_bytes_per_s: _Speed | None = None
    rates: dict[str, _Speed] = {}
    models: dict[str, _Measured] = {}


@dataclass(frozen=True, slots=True)
class KnownSpeeds:
    """What was known at one moment, for as many models as there are."""

    bandwidth_bytes_per_s: float | None
    _rates: Mapping[str, float]
    _models: Mapping[str, _Measured]

    def expected(self, active_weights_bytes: int, quantization: str, path: Path | None = None) -> float | None:
        """Give the tokens per second that a reply is likely to have, on the processor; None before any measurement.

        What the very file did before counts first, then what others of its quantization did, then any.
        """
        known = _measured(self._models, path) if path is not None else None
        if known is not None or active_weights_bytes <= 0:
            return known
        rate = (
            self._rates.get(quantization) or _middle(list(self._rates.values())) or _guess(self.bandwidth_bytes_per_s)
        )
        return None if rate is None else rate / active_weights_bytes


class Speeds:
    """What was measured, in a file that several processes may share. `notice` hears of a damaged one, set aside."""

    def __init__(self, path: Path, notice: Callable[[PaddockError], None]) -> None:
        self._path = path
        self._notice = notice
        self._bandwidth: float | None = None
        """As it was measured in this run, which could not be kept perhaps."""
        self._is_unreadable_said = False

    @property
    def bandwidth_bytes_per_s(self) -> float | None:
        """How fast memory is read here; None if that was never measured."""
        return self.known().bandwidth_bytes_per_s

    def measure_bandwidth(self) -> float:
        """Measure how fast memory is read, which takes less than a second, and keep it if that is possible."""
        measured = self._bandwidth = memory_bytes_per_s(performance_cores())
        try:
            with self._changing() as kept:
                kept.bandwidth_bytes_per_s = measured
        except PrivateFileError as error:
            self._notice(error)
        return measured

    def known(self) -> KnownSpeeds:
        """Give what is known now, by one look at what is kept; where that cannot be read, what this run measured."""
        try:
            kept = self._read(is_locked=False)
        except PrivateFileError as error:
            kept = _Kept()
            if not self._is_unreadable_said:
                self._is_unreadable_said = True
                self._notice(error)
        return KnownSpeeds(kept.bandwidth_bytes_per_s or self._bandwidth, kept.rates, kept.models)

    def expected(self, active_weights_bytes: int, quantization: str, path: Path | None = None) -> float | None:
        """Give what `KnownSpeeds.expected` does, as it is known now."""
        return self.known().expected(active_weights_bytes, quantization, path)

    def learn(self, path: Path, quantization: str, active_weights_bytes: int, tokens_per_s: float) -> None:
        """Take what a real reply on the processor did. Raises `PrivateFileError`."""
        if not (_is_speed(tokens_per_s) and active_weights_bytes > 0):
            return
        with self._changing() as kept:
            rate = tokens_per_s * active_weights_bytes
            if (before := kept.rates.get(quantization)) is not None:
                kept.rates[quantization] = moved(before, rate)
            else:
                guess = _guess(kept.bandwidth_bytes_per_s or self._bandwidth)
                kept.rates[quantization] = rate if guess is None else guess * _bounded(rate / guess)
            self._note(kept, path, tokens_per_s)

    def note(self, path: Path, tokens_per_s: float) -> None:
        """Take what a real reply did on a graphics processor: of other models it tells nothing.

        Raises `PrivateFileError`.
        """
        if _is_speed(tokens_per_s):
            with self._changing() as kept:
                self._note(kept, path, tokens_per_s)

    def measured(self, path: Path) -> float | None:
        """Give the tokens per second that this very file had here lately; None if it wrote nothing yet."""
        return _measured(self._read(is_locked=False).models, path)

    def all_measured(self) -> Callable[[Path], float | None]:
        """Give `measured` for many files, by one look at what is kept."""
        return partial(_measured, self._read(is_locked=False).models)

    def _read(self, *, is_locked: bool) -> _Kept:
        kept, aside = read_or_set_aside(self._path, _parse, is_locked=is_locked)
        if aside is not None:
            self._notice(
                DamagedSpeedsError(
                    "The file of measured speeds was damaged; Paddock measures them anew.",
                    next_step="The damaged file is kept as {name}.",
                    name=aside.name,
                )
            )
        return kept

    @contextmanager
    def _changing(self) -> Generator[_Kept]:
        with locked(self._path):
            kept = self._read(is_locked=True)
            yield kept
            write_object(self._path, {"version": _VERSION, **msgspec.to_builtins(kept)})

    def _note(self, kept: _Kept, path: Path, tokens_per_s: float) -> None:
        """What was measured last stands last: where there are too many, the first are forgotten."""
        before, stamp = _measured(kept.models, path), _stamp(path)
        kept.models.pop(str(path.absolute()), None)
        if stamp is not None:
            kept.models[str(path.absolute())] = _Measured(moved(before, tokens_per_s), stamp)
        kept.models = dict(list(kept.models.items())[-_MOST_MODELS:])


def _measured(models: Mapping[str, _Measured], path: Path) -> float | None:
    entry = models.get(str(path.absolute()))
    return entry.tokens_per_s if entry is not None and entry.stamp == _stamp(path) else None


def _is_speed(tokens_per_s: float) -> bool:
    return math.isfinite(tokens_per_s) and tokens_per_s > 0


def moved(before: float | None, now: float) -> float:
    """Give the exponential mean of ratios with one more: one reply on a busy machine changes little."""
    if before is None:
        return now
    return before * _bounded(now / before) ** _NEWS


def _bounded(ratio: float) -> float:
    return min(_FARTHEST, max(1 / _FARTHEST, ratio))


def _guess(bandwidth_bytes_per_s: float | None) -> float | None:
    return None if bandwidth_bytes_per_s is None else bandwidth_bytes_per_s * _USUAL_PART


def _middle(rates: list[float]) -> float | None:
    return math.exp(sum(map(math.log, rates)) / len(rates)) if rates else None


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_size, status.st_mtime_ns


def _parse(content: dict[str, object]) -> _Kept:
    try:
        return msgspec.convert(content, _Kept)
    except msgspec.ValidationError as error:
        raise DamagedFileError("The file of measured speeds is damaged.", details=str(error)) from error

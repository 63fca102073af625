"""Writes a copy of a model with weights of another kind, and measures what it is worth before it gets a name."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from app.engine.asked_process import StoppedWorkError
from app.engine.engine import EngineError
from app.engine.interruption import Interruption
from app.engine.quantize import Quantization, quantize_order
from app.errors import PaddockError
from app.gguf.parts import parts_named
from app.gguf.reading import read_header
from app.given_text import shown_name
from app.models.download.sizes import shown_size
from app.models.hashes import read_hash
from app.workshop.comparison import Comparison, Measured
from app.workshop.errors import ConversionError, NoRoomForCopyError, StoppedConversionError
from app.workshop.measuring import ROUNDS, Outcome, Pair
from app.workshop.target_types import TargetType, find_target, sensible_targets
from app.workshop.unfinished_copy import UnfinishedCopy
from app.workshop.workbench import Workbench

_MODEL_KIND: Final = "model"
_HARDLY_ANY_BYTES: Final = 16 * 1024 * 1024
"""A disk with less room than this is full for whoever writes tensors."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Checking:
    """The source is looked at, and whether the disk has room."""


@dataclass(frozen=True, slots=True)
class Converting:
    """The copy is being written. How much of it, 0 to 1."""

    fraction: float


@dataclass(frozen=True, slots=True)
class Loading:
    """Both models are brought into memory."""


@dataclass(frozen=True, slots=True)
class Measuring:
    """Both are measured. So many rounds of so many are done."""

    done: int
    rounds: int


Phase: TypeAlias = Checking | Converting | Loading | Measuring


@dataclass(frozen=True, slots=True)
class Converted:
    """The copy, under its name, and what it is worth."""

    path: Path
    comparison: Comparison


class Conversion:
    """One copy of one model. The source is only read; until the copy was loaded and measured it has no name."""

    def __init__(self, bench: Workbench, source: Path, target: str, *, rounds: int = ROUNDS) -> None:
        """Look at `source`. Raises `ModelHeaderError` when it is no model, `ConversionError` when it makes no sense."""
        self._bench = bench
        self._source = source
        self._rounds = rounds
        self._present = _present_type(source)
        self.target = find_target(target, self._present)

    def run(self, report: Callable[[Phase], None], interruption: Interruption) -> Converted:
        """Convert, load and measure; `report` hears the phases, on this thread, which must live as long.

        Raises `StoppedConversionError` when `interruption` ended it, `ConversionError` or `EngineError` when it went
        wrong: then nothing is left behind.
        """
        try:
            return self._run(report, interruption)
        except StoppedWorkError as error:
            raise StoppedConversionError("The conversion was stopped. Nothing was left behind.") from error

    def _run(self, report: Callable[[Phase], None], interruption: Interruption) -> Converted:
        report(Checking())
        with UnfinishedCopy(self._bench.folder, self._source, self.target.name) as copy:
            try:
                self._write(copy.path, report, interruption)
            except EngineError as error:
                raise self._or_full_disk(error) from error
            report(Loading())
            pair = Pair(self._bench, (self._source, copy.path), interruption, self._rounds)
            sizes = size_of_model(self._source), copy.path.stat().st_size
            before, after = pair.measure(sum(sizes), lambda done, rounds: report(Measuring(done, rounds)))
            comparison = Comparison(
                _measured(self._present or "", sizes[0], before), _measured(self.target.name, sizes[1], after)
            )
            sha256 = read_hash(copy.path, lambda _fraction: _end_if_stopped(interruption))
            _end_if_stopped(interruption)
            path = copy.get_name()
            self._remember(path, sha256)
            return Converted(path, comparison)

    def _remember(self, path: Path, sha256: str) -> None:
        """What the copy is now, every check compares it with. Where it cannot be kept, a check says so."""
        try:
            self._bench.hashes.remember(path, sha256)
        except PaddockError as error:
            _log.warning("%s (%s)", error, error.details)

    def _write(self, path: Path, report: Callable[[Phase], None], interruption: Interruption) -> None:
        bench = self._bench
        order = quantize_order(self._source, (self.target.number,), path, bench.threads)
        with Quantization(bench.command, bench.log_path, bench.environment, order, interruption) as quantization:
            self._check_room(quantization.sizes_bytes[0])
            report(Converting(0.0))
            quantization.write(self.target.number, lambda fraction: report(Converting(fraction)))

    def _check_room(self, needed_bytes: int) -> None:
        free_bytes = self._bench.free_disk(self._bench.folder)
        if free_bytes - self._bench.kept_free_bytes < needed_bytes:
            raise NoRoomForCopyError(
                "The copy needs {needed}, and of {free} that are free some must stay so.",
                next_step="Make room on the disk, then try again.",
                needed=shown_size(needed_bytes),
                free=shown_size(free_bytes),
            )

    def _or_full_disk(self, error: EngineError) -> EngineError | ConversionError:
        free_bytes = self._bench.free_disk(self._bench.folder)
        if isinstance(error, StoppedWorkError) or free_bytes >= _HARDLY_ANY_BYTES:
            return error
        return NoRoomForCopyError(
            "The disk became full while the copy was written.",
            next_step="Make room, then try again. Nothing of the copy was left behind.",
            details=f"{error}\n{error.details}",
        )


def _end_if_stopped(interruption: Interruption) -> None:
    if interruption.requested:
        raise StoppedWorkError("It was stopped.")


@dataclass(frozen=True, slots=True)
class Choice:
    """A type to choose, and how large the copy would be."""

    target: TargetType
    size_bytes: int


def choices_for(bench: Workbench, source: Path, interruption: Interruption) -> list[Choice]:
    """Say as what `source` can be written anew, and how large each copy would be. Raises as `Conversion` does."""
    targets = sensible_targets(_present_type(source))
    order = quantize_order(source, [target.number for target in targets])
    with Quantization(bench.command, bench.log_path, bench.environment, order, interruption) as quantization:
        return [Choice(target, size) for target, size in zip(targets, quantization.sizes_bytes, strict=True)]


def size_of_model(path: Path) -> int:
    """Give the size of a model with all of its parts."""
    return sum(part.stat().st_size for part in (parts_named(path) or (path,)))


def _present_type(source: Path) -> str | None:
    """Say how the model is stored. Raises `ModelHeaderError` or `ConversionError` for what is none."""
    header = read_header(source)
    if header.kind != _MODEL_KIND:
        raise ConversionError(
            "{name} belongs to a model, but is none by itself (it is of the kind “{kind}”).",
            next_step="Choose the file with the model's weights.",
            name=shown_name(source),
            kind=header.kind,
        )
    return header.quantization


def _measured(quantization: str, size_bytes: int, outcome: Outcome) -> Measured:
    return Measured(quantization, size_bytes, outcome.read_per_s, outcome.written_per_s, outcome.log_likelihood)

"""What was measured of models here, in a small file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from app.errors import Fault, PaddockError
from app.private_file import DamagedFileError, locked, read_or_set_aside, write_object
from app.workshop.benchmark import Benchmark

_VERSION: Final = 1
_MOST: Final = 12
"""Models in the file; the newest are kept."""


class DamagedBenchmarksError(PaddockError):
    """The file of benchmarks held something else; it was set aside."""

    fault = Fault.FILE


class _Kept(msgspec.Struct):
    benchmarks: tuple[Benchmark, ...] = ()


class BenchmarkFile:
    """The last benchmark of each model. `notice` hears of a damaged file, set aside."""

    def __init__(self, path: Path, notice: Callable[[PaddockError], None]) -> None:
        self._path = path
        self._notice = notice

    def read(self) -> tuple[Benchmark, ...]:
        """Give them, the newest first. Raises `PrivateFileError`."""
        return self._read(is_locked=False)

    def keep(self, benchmark: Benchmark) -> tuple[Benchmark, ...]:
        """Put it in the place of what the same model did before, and give all. Raises `PrivateFileError`."""
        with locked(self._path):
            others = (each for each in self._read(is_locked=True) if _name(each) != _name(benchmark))
            kept = (benchmark, *others)[:_MOST]
            write_object(self._path, {"version": _VERSION, **msgspec.to_builtins(_Kept(kept))})
        return kept

    def _read(self, *, is_locked: bool) -> tuple[Benchmark, ...]:
        kept, aside = read_or_set_aside(self._path, _parse, is_locked=is_locked)
        if aside is not None:
            self._notice(
                DamagedBenchmarksError(
                    "The file of benchmarks was damaged. Measure again.",
                    next_step="The damaged file is kept as {name}.",
                    name=aside.name,
                )
            )
        return kept


def _name(benchmark: Benchmark) -> tuple[str, str]:
    return benchmark.model, benchmark.quantization


def _parse(content: dict[str, object]) -> tuple[Benchmark, ...]:
    try:
        return msgspec.convert(content, _Kept).benchmarks
    except msgspec.ValidationError as error:
        raise DamagedFileError("The file of benchmarks is damaged.", details=str(error)) from error

"""Measures two models by turns, so that a machine that is never twice the same does both the same wrong."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from app.engine.interruption import Interruption
from app.engine.measure import ModelMeasure, measure_order
from app.engine.measure_wire import Timed
from app.paths import resources
from app.workshop.workbench import Workbench

ROUNDS: Final = 5
_WRITTEN_TOKENS: Final = 32
_PATIENCE_S: Final = 60.0
"""No round but the first begins later than this: large models take a minute for each."""
_SHARE_OF_MEMORY: Final = 0.7


class Pair:
    """Two models that are measured. What comes of it are the median speeds and the log-likelihood of each."""

    def __init__(
        self, bench: Workbench, paths: tuple[Path, Path], interruption: Interruption, rounds: int = ROUNDS
    ) -> None:
        self._bench = bench
        self._paths = paths
        self._interruption = interruption
        self._rounds = rounds
        self._text = (resources() / "measure" / "text.txt").read_text(encoding="utf-8")

    def measure(self, sizes_bytes: int, report: Callable[[int, int], None]) -> tuple[Outcome, Outcome]:
        """Measure both, telling how many of how many rounds are done. Raises `EngineError`.

        Both are in memory at once where it has room for that; else the second comes when the first has gone.
        """
        room_bytes = self._bench.free_memory().available_bytes * _SHARE_OF_MEMORY
        all_rounds = 2 * self._rounds
        if sizes_bytes < room_bytes:
            first, second = self._by_turns(self._paths, lambda done: report(done, all_rounds))
            return first, second
        (first,) = self._by_turns(self._paths[:1], lambda done: report(done, all_rounds))
        (second,) = self._by_turns(self._paths[1:], lambda done: report(done + self._rounds, all_rounds))
        return first, second

    def _by_turns(self, paths: Sequence[Path], report: Callable[[int], None]) -> list[Outcome]:
        with ExitStack() as running:
            measures = [running.enter_context(self._start(path)) for path in paths]
            timed: list[list[Timed]] = [[] for _ in measures]
            began_s = time.monotonic()
            for number in range(self._rounds):
                if number and time.monotonic() - began_s > _PATIENCE_S:
                    break
                for times, measure in zip(timed, measures, strict=True):
                    times.append(measure.time())
                    report(sum(map(len, timed)))
            return [Outcome(times, measure.log_likelihood) for times, measure in zip(timed, measures, strict=True)]

    def _start(self, path: Path) -> ModelMeasure:
        bench = self._bench
        order = measure_order(bench.load_of(path), self._text, _WRITTEN_TOKENS)
        return ModelMeasure(bench.command, bench.log_path, bench.environment, order, self._interruption)


class Outcome:
    """What was measured of one model."""

    def __init__(self, timed: Sequence[Timed], log_likelihood: float) -> None:
        from statistics import median  # noqa: PLC0415 - seldom wanted, never at once

        self.read_per_s = median(each.read_per_s for each in timed)
        self.written_per_s = median(each.written_per_s for each in timed)
        self.log_likelihood = log_likelihood

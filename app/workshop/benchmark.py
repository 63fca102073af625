"""How fast a model reads and writes here, by how much it has read: measured in ten seconds or so."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from app.engine.asked_process import StoppedWorkError
from app.engine.events import LoadedModel, PromptProgress
from app.engine.requests import LoadRequest
from app.engine.worker import EngineWorker, WorkerEvent
from app.hardware import performance_cores
from app.models.installed import InstalledModel
from app.settings.values import LoadSettings
from app.workshop.rounds import Rounds, Timing

DEPTHS: Final = (512, 2048, 8192)
"""How many tokens the model has read when it is measured."""
BUDGET_S: Final = 10.0
_WRITTEN_TOKENS: Final = 32
_ROOM: Final = 128
"""Tokens that stay free for the reply, and for what the chat template adds."""
_NEARLY: Final = 0.85
"""A window that is so much of a depth counts as that depth."""
_WARM_UP_TOKENS: Final = 16
_SLOWER: Final = 1.6
"""A token takes so much longer behind four times as many, as long as only one measurement tells."""


@dataclass(frozen=True, slots=True)
class BenchmarkPoint:
    """How fast the model was at one depth, in tokens a second; None where it said too little to tell.

    `tokens` is how many it had really read. What was not measured has None of both: it would have taken `expected_s`,
    or, without that, the context window was too small.
    """

    depth: int
    tokens: int = 0
    read_per_s: float | None = None
    written_per_s: float | None = None
    expected_s: float | None = None

    @property
    def is_measured(self) -> bool:
        """Whether there is anything to show."""
        return self.read_per_s is not None or self.written_per_s is not None


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What one model did here."""

    model: str
    quantization: str
    size_bytes: int
    device: str
    engine_build: str
    threads: int
    n_ctx: int
    at: datetime
    points: tuple[BenchmarkPoint, ...]

    @property
    def left_out_s(self) -> float:
        """How long the depths would take that were left out for time."""
        return sum(point.expected_s or 0.0 for point in self.points)


def benchmark_load(model: InstalledModel, settings: LoadSettings) -> LoadRequest:
    """Say how a model is loaded to be measured: by itself, with room for the deepest measurement if it can have it."""
    threads = settings.threads or performance_cores()
    measured = replace(settings, context=DEPTHS[-1] + 2 * _ROOM, threads=threads)
    return LoadRequest(model.loadable_path(), measured, template=model.template_source)


class BenchmarkRun:
    """One measurement. `run` blocks; `stop` may come from any thread."""

    def __init__(self, engine: EngineWorker, load: LoadRequest, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Use `engine`, which has been started and has nothing else to do."""
        self._rounds = Rounds(engine, load, _stopped)
        self._clock = clock
        self._is_stopped = False
        self._done = 0
        self._all = 1

    def stop(self) -> None:
        """Have `run` raise `StoppedWorkError` soon."""
        self._is_stopped = True
        self._rounds.stop()

    def run(
        self, model: InstalledModel, report: Callable[[float], None], budget_s: float | None = BUDGET_S
    ) -> Benchmark:
        """Measure depth after depth as long as the time allows it, the first one always; None is all the time.

        `report` hears how much is done, 0 to 1, once the model is in memory. Raises `EngineError`, `StoppedWorkError`.
        """
        loaded = self._rounds.load()
        self._check()
        self._rounds.read(_WARM_UP_TOKENS, 0)
        points = self._measure(loaded, report, budget_s)
        return Benchmark(
            model=model.name,
            quantization=model.quantization or "",
            size_bytes=model.size_bytes,
            device=loaded.device,
            engine_build=loaded.engine_build,
            threads=loaded.threads,
            n_ctx=loaded.n_ctx,
            at=datetime.now(UTC),
            points=tuple(points),
        )

    def _measure(
        self, loaded: LoadedModel, report: Callable[[float], None], budget_s: float | None
    ) -> Sequence[BenchmarkPoint]:
        targets = {depth: target for depth in DEPTHS if (target := _target(depth, loaded.n_ctx))}
        self._all = sum(targets.values()) + len(targets) * _WRITTEN_TOKENS
        began_s = self._clock()
        points: list[BenchmarkPoint] = []
        for depth in DEPTHS:
            if depth not in targets:
                points.append(BenchmarkPoint(depth))
                continue
            needed_s = expected_s(points, targets[depth])
            spent_s = self._clock() - began_s
            if budget_s is not None and needed_s is not None and spent_s + needed_s > budget_s:
                points.append(BenchmarkPoint(depth, expected_s=needed_s))
            else:
                points.append(self._point(depth, targets[depth], report))
            self._done += targets[depth] + _WRITTEN_TOKENS
            report(self._done / self._all)
        return points

    def _point(self, depth: int, target: int, report: Callable[[float], None]) -> BenchmarkPoint:
        def tell(event: WorkerEvent) -> None:
            if isinstance(event, PromptProgress):
                report((self._done + event.done) / self._all)

        timing: Timing = self._rounds.read(target, depth, _WRITTEN_TOKENS, tell)
        self._check()
        return BenchmarkPoint(
            depth=depth,
            tokens=timing.prompt_tokens,
            read_per_s=timing.prompt_tokens_per_s,
            written_per_s=timing.engine_tokens_per_s or timing.decode_tokens_per_s,
        )

    def _check(self) -> None:
        if self._is_stopped:
            raise _stopped()


def _target(depth: int, n_ctx: int) -> int:
    """How many tokens to read for a depth; 0 where the context window is too small for it."""
    target = min(depth, n_ctx - _ROOM)
    return target if target >= depth * _NEARLY else 0


def expected_s(points: Sequence[BenchmarkPoint], target: int) -> float | None:
    """How long a depth of `target` tokens will take, judged by what was measured before; None without that.

    Each token reads all that was read before it, so what it takes grows with the depth: as it grew between the last
    two measurements.
    """
    known = [(point.tokens or point.depth, point.read_per_s, point) for point in points if point.read_per_s]
    if not known:
        return None
    tokens, per_s, last = known[-1]
    if len(known) > 1:
        before, before_per_s, _ = known[-2]
        growth_s = max(0.0, (1 / per_s - 1 / before_per_s) / (tokens - before))
        slower = 1 + growth_s * (target - tokens) * per_s
    else:
        slower = _SLOWER ** math.log(target / tokens, 4)
    writing_s = _WRITTEN_TOKENS / last.written_per_s if last.written_per_s else 0.0
    return slower * (target / per_s + writing_s)


def _stopped() -> StoppedWorkError:
    return StoppedWorkError("The benchmark was stopped.")

"""The one thread that may touch an engine."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Final, TypeAlias

from app.engine.engine import Engine, EngineError, GenerationRequest, InterruptedLoadError, LoadRequest
from app.engine.events import EngineEvent, LoadedModel, ModelLoaded
from app.engine.interruption import Interruption

_LOOK_EVERY_S: Final = 2.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EngineFailed:
    """The last event of a job that failed. `while_loading` tells a load that failed from a generation that did."""

    error: EngineError
    while_loading: bool


@dataclass(frozen=True, slots=True)
class LoadCancelled:
    """The last event of a job whose load was interrupted."""


@dataclass(frozen=True, slots=True)
class EngineLost:
    """The engine ended while it had nothing to do. Only watchers hear it; the next job starts another."""


WorkerEvent: TypeAlias = EngineEvent | EngineFailed | LoadCancelled | EngineLost
Report: TypeAlias = Callable[[WorkerEvent], None]
Watch: TypeAlias = Callable[["Job", WorkerEvent], None]


@dataclass(frozen=True, slots=True)
class Job:
    """One thing for the engine to do: have a model loaded, and then, if there is a `generation`, write it.

    `report` is called on the worker's thread: `LoadProgress`* and `ModelLoaded` (also when the model was there
    already), then what the generation reports. The last event is `ModelLoaded` (nothing to generate),
    `GenerationFinished`, `EngineFailed` or `LoadCancelled`.
    """

    load: LoadRequest
    report: Report
    generation: GenerationRequest | None = None
    interruption: Interruption = field(default_factory=Interruption)

    def cancel(self) -> None:
        """End the job as soon as possible, or before it begins. From any thread."""
        self.interruption.request()


class EngineWorker:
    """Does one job after another on its own thread; nobody else touches the engine.

    A job loads its model when another one, or none, is in memory: so the first message after the engine died starts a
    new engine, and a load that failed is tried again only when somebody asks for something again.
    """

    def __init__(self, engine: Engine) -> None:
        """Own `engine` from now on."""
        self._engine = engine
        self._watchers: tuple[Watch, ...] = ()
        self._model: LoadedModel | None = None
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._current: Job | None = None
        self._last: Job | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="engine-worker", daemon=True)

    def start(self) -> None:
        """Begin to work. Jobs that came earlier are waiting."""
        self._thread.start()

    def add_watcher(self, watch: Watch) -> None:
        """Let `watch` see every event of every job, on the worker's thread, before the job's own listener does."""
        self._watchers += (watch,)

    def submit(self, job: Job) -> None:
        """Queue a job. It begins when those before it have ended."""
        self._jobs.put(job)

    def _report(self, job: Job, event: WorkerEvent) -> None:
        for watch in self._watchers:
            watch(job, event)
        job.report(event)

    def close(self) -> None:
        """Cancel what runs and what waits, end the engine, and wait until that is done."""
        self._closing = True
        self._jobs.put(None)
        if (current := self._current) is not None:
            current.cancel()
        if self._thread.is_alive():
            self._thread.join()
        self._engine.close()  # again does no harm, and the thread may never have been started

    def _work(self) -> None:
        while (job := self._next_job()) is not None:
            self._current = self._last = job
            if self._closing:
                job.cancel()
            try:
                self._do(job)
            except Exception:  # noqa: BLE001 - see below
                # The one broad handler: a bug in a job must reach its listener, and must not end the thread.
                _log.exception("A job of the engine worker failed unexpectedly")
                self._report(job, EngineFailed(_unexpected(), while_loading=False))
            self._current = None
        self._engine.close()  # here: on Linux an engine process is killed when the thread that started it ends

    def _next_job(self) -> Job | None:
        """Wait for something to do, and look now and then whether the engine is still there."""
        while True:
            try:
                return self._jobs.get(timeout=_LOOK_EVERY_S)
            except Empty:
                self._look_after_engine()

    def _look_after_engine(self) -> None:
        if self._model is not None and self._engine.loaded is None and self._last is not None:
            self._model = None
            for watch in self._watchers:
                watch(self._last, EngineLost())

    def _do(self, job: Job) -> None:
        try:
            model = self._ensure_loaded(job)
        except InterruptedLoadError:
            self._report(job, LoadCancelled())
            return
        except EngineError as error:
            self._report(job, EngineFailed(error, while_loading=True))
            return
        self._report(job, ModelLoaded(model))
        if job.generation is not None:
            self._generate(job, job.generation)

    def _ensure_loaded(self, job: Job) -> LoadedModel:
        if self._model is None or self._engine.loaded != job.load:
            self._model = None
            self._model = self._engine.load(job.load, lambda event: self._report(job, event), job.interruption)
        return self._model

    def _generate(self, job: Job, request: GenerationRequest) -> None:
        try:
            with closing(self._engine.generate(request, job.interruption)) as events:
                for event in events:
                    self._report(job, event)
        except EngineError as error:
            self._report(job, EngineFailed(error, while_loading=False))


def _unexpected() -> EngineError:
    return EngineError(
        "Something went wrong inside Paddock.",
        next_step="Your words are saved. The log in Paddock's folder says more.",
    )

"""The one thread that may touch an engine."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeAlias

from app.engine.engine import ChatTemplateError, ChosenTemplateError, Engine, EngineError, InterruptedLoadError
from app.engine.events import EngineEvent, GenerationEvent, LoadedModel, ModelLoaded
from app.engine.interruption import Interruption
from app.engine.requests import GenerationRequest, LoadRequest, PromptRequest

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
class TaskEnded:
    """The last event of a job that leaves no words. What was cut short, or never begun, is not done."""

    is_done: bool


@dataclass(frozen=True, slots=True)
class EngineLost:
    """The engine ended while it had nothing to do. Only watchers hear it; the next job starts another."""


@dataclass(frozen=True, slots=True)
class Warming:
    """Read ahead; see `Engine.warm`."""

    prompt: PromptRequest


@dataclass(frozen=True, slots=True)
class Inspection:
    """Look at a prompt; see `Engine.describe_prompt`. Its `PromptDescription` is the last event."""

    prompt: PromptRequest


@dataclass(frozen=True, slots=True)
class Keeping:
    """Write a conversation's state to the disk; see `Engine.keep`."""

    conversation: str


@dataclass(frozen=True, slots=True)
class Unloading:
    """Have the model file of the job's `load` out of memory, however it was loaded. Nothing is loaded for it."""


Task: TypeAlias = GenerationRequest | Warming | Inspection | Keeping | Unloading
WorkerEvent: TypeAlias = EngineEvent | EngineFailed | LoadCancelled | TaskEnded | EngineLost
Report: TypeAlias = Callable[[WorkerEvent], None]
Watch: TypeAlias = Callable[["Job", WorkerEvent], None]


@dataclass(frozen=True, slots=True)
class Job:
    """One thing for the engine to do: have a model loaded, and then, if there is a `task`, do that with it.

    Only an `Unloading` has none loaded: its `TaskEnded` says that the file is in memory no more.
    `report` is called on the worker's thread: `LoadProgress`* and `ModelLoaded` (also when the model was there
    already), then what the task reports. The last event is `ModelLoaded` (nothing to do), `GenerationFinished`,
    `PromptDescription`, `TaskEnded`, `EngineFailed` or `LoadCancelled`.

    One `at_idle` waits for all others, gives way as soon as any other comes, and never loads a model: without the right
    one in memory it ends at once.
    """

    load: LoadRequest
    report: Report
    task: Task | None = None
    interruption: Interruption = field(default_factory=Interruption)
    at_idle: bool = False

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
        self._queue = _Queue()
        self._current: Job | None = None
        self._last: Job | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="engine-worker", daemon=True)

    def start(self) -> None:
        """Begin to work. Jobs that came earlier are waiting."""
        self._thread.start()

    @property
    def process_id(self) -> int | None:
        """The process that the engine runs in, to look at it from any thread; None where there is none of its own."""
        return self._engine.process_id

    def add_watcher(self, watch: Watch) -> None:
        """Let `watch` see every event of every job, on the worker's thread, before the job's own listener does."""
        self._watchers += (watch,)

    def submit(self, job: Job) -> None:
        """Queue a job. It begins when those before it have ended; one at idle gives way to it."""
        self._queue.put(job)
        if (current := self._current) is not None and current.at_idle:
            current.cancel()

    def _report(self, job: Job, event: WorkerEvent) -> None:
        for watch in self._watchers:
            watch(job, event)
        job.report(event)

    def close(self) -> None:
        """Cancel what runs and what waits, end the engine, and wait until that is done."""
        self._closing = True
        self._queue.end()
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
            except Exception:  # noqa: BLE001 - a bug in a job must reach its listener, and must not end the thread
                _log.exception("A job of the engine worker failed unexpectedly")
                self._report_bug(job)
            self._current = None
        self._engine.close()  # here: on Linux an engine process is killed when the thread that started it ends

    def _report_bug(self, job: Job) -> None:
        failed = EngineFailed(_unexpected(), while_loading=False)
        for watch in self._watchers:
            _tell(partial(watch, job), failed)
        _tell(job.report, failed)

    def _next_job(self) -> Job | None:
        """Wait for something to do, and look now and then whether the engine is still there."""
        while not self._queue.wait(_LOOK_EVERY_S):
            self._look_after_engine()
        return self._queue.take()

    def _look_after_engine(self) -> None:
        if self._model is not None and self._engine.loaded is None and self._last is not None:
            self._model = None
            for watch in self._watchers:
                _tell(partial(watch, self._last), EngineLost())

    def _do(self, job: Job) -> None:
        if job.at_idle and not self._may_do_now(job):
            self._report(job, TaskEnded(is_done=False))
            return
        if isinstance(job.task, Unloading):
            self._unload(job.load)
            self._report(job, TaskEnded(is_done=True))
            return
        try:
            model = self._ensure_loaded(job)
        except InterruptedLoadError:
            self._report(job, LoadCancelled())
            return
        except EngineError as error:
            self._report(job, EngineFailed(_named(error, job.load), while_loading=True))
            return
        self._report(job, ModelLoaded(model))
        try:
            self._do_task(job)
        except EngineError as error:
            self._report(job, EngineFailed(_named(error, job.load), while_loading=False))

    def _may_do_now(self, job: Job) -> bool:
        is_loaded = self._model is not None and self._engine.loaded == job.load
        return is_loaded and not self._queue.has_more and not job.interruption.requested

    def _ensure_loaded(self, job: Job) -> LoadedModel:
        if self._model is None or self._engine.loaded != job.load:
            self._model = None
            self._model = self._engine.load(job.load, lambda event: self._report(job, event), job.interruption)
        return self._model

    def _unload(self, load: LoadRequest) -> None:
        loaded = self._engine.loaded
        if loaded is not None and loaded.path == load.path:
            self._model = None
            self._engine.unload()

    def _do_task(self, job: Job) -> None:
        match job.task:
            case None | Unloading():
                return
            case GenerationRequest() as request:
                self._pass_on(job, self._engine.generate(request, job.interruption))
                return
            case Inspection(prompt):
                self._report(job, self._engine.describe_prompt(prompt))
                return
            case Warming(prompt):
                self._pass_on(job, self._engine.warm(prompt, job.interruption))
            case Keeping(conversation):
                self._engine.keep(conversation, job.interruption)
        self._report(job, TaskEnded(is_done=not job.interruption.requested))

    def _pass_on(self, job: Job, events: Generator[GenerationEvent, None, None]) -> None:
        with closing(events):
            for event in events:
                self._report(job, event)


class _Queue:
    """Jobs in their order, those at idle behind all others."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._jobs: deque[Job] = deque()
        self._idle_jobs: deque[Job] = deque()
        self._has_ended = False

    @property
    def has_more(self) -> bool:
        """Whether a job waits that is not at idle."""
        return bool(self._jobs)

    def put(self, job: Job) -> None:
        with self._changed:
            (self._idle_jobs if job.at_idle else self._jobs).append(job)
            self._changed.notify()

    def end(self) -> None:
        """Let no more jobs be waited for, when those that are there have been given."""
        with self._changed:
            self._has_ended = True
            self._changed.notify()

    def wait(self, patience_s: float) -> bool:
        """Wait for a job or the end; False when neither came in time."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(self._jobs or self._idle_jobs) or self._has_ended, patience_s)

    def take(self) -> Job | None:
        """Give the next job, or None when there is none and will be none."""
        with self._changed:
            if self._jobs:
                return self._jobs.popleft()
            return self._idle_jobs.popleft() if self._idle_jobs else None


def _tell(hear: Report, event: WorkerEvent) -> None:
    """Tell somebody whose own bug must not end the thread."""
    try:
        hear(event)
    except Exception:  # noqa: BLE001 - a bug of whatever kind
        _log.exception("Somebody who listens to the engine worker failed unexpectedly")


def _named(error: EngineError, load: LoadRequest) -> EngineError:
    """Say of a chat template that the user chose that it is that one: another model file would not help."""
    if load.template is None or not isinstance(error, ChatTemplateError):
        return error
    next_step = "Choose another chat template for this model, or use its file's own."
    if "reason" not in error.values:
        return ChosenTemplateError(
            "The chat template that you chose cannot be used.", next_step=next_step, details=str(error)
        )
    return ChosenTemplateError(
        "The chat template that you chose cannot be used: “{reason}”.",
        next_step=next_step,
        details=f"{error.message}\n{error.details}",
        **error.values,
    )


def _unexpected() -> EngineError:
    return EngineError(
        "Something went wrong inside Paddock.",
        next_step="Your words are saved. The log in Paddock's folder says more.",
    )

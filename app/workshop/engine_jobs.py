"""Having the engine do one thing after another, and waiting for each."""

from __future__ import annotations

import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import TypeVar

from app.engine.events import GenerationFinished, ModelLoaded, PromptDescription
from app.engine.requests import LoadRequest
from app.engine.worker import EngineFailed, EngineWorker, Job, LoadCancelled, Task, WorkerEvent

_Last = TypeVar("_Last", ModelLoaded, PromptDescription, GenerationFinished)


class EngineJobs:
    """What is asked of one model, on one thread that waits."""

    def __init__(
        self, engine: EngineWorker, load: LoadRequest, stopped: Callable[[], BaseException] = KeyboardInterrupt
    ) -> None:
        """Use `engine`, which has been started, with the model of `load`. What was stopped raises `stopped()`."""
        self._engine = engine
        self._load = load
        self._stopped = stopped
        self._arrivals: SimpleQueue[tuple[float, WorkerEvent]] = SimpleQueue()

    def last_event(
        self, task: Task | None, kind: type[_Last], seen: Callable[[WorkerEvent, float], None] | None = None
    ) -> _Last:
        """Have `task` done, None being to load the model only, and give its last event, which is of this `kind`.

        `seen` gets every event with the second by `time.perf_counter` at which it arrived. Raises `EngineError`.
        """
        arrivals = self._arrivals
        self._engine.submit(Job(self._load, lambda event: arrivals.put((time.perf_counter(), event)), task))
        while True:
            at, event = arrivals.get()
            if seen is not None:
                seen(event, at)
            if isinstance(event, EngineFailed):
                raise event.error
            if isinstance(event, LoadCancelled):
                raise self._stopped()
            if isinstance(event, kind):
                return event

    def stop(self) -> None:
        """Wait for what is being done no more, from any thread or a handler of Ctrl-C: it takes no lock."""
        self._arrivals.put((0.0, LoadCancelled()))

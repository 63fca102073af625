"""What model is in memory, what is on its way there, and what could not get there."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.engine.engine import EngineDiedError, EngineError
from app.engine.events import LoadedModel, LoadProgress, ModelLoaded
from app.engine.requests import LoadRequest
from app.engine.worker import EngineFailed, EngineLost, Job, LoadCancelled, TaskEnded, Unloading, WorkerEvent
from app.translation import tr
from app.ui.composer.model_choice import EngineCondition, EngineState
from app.ui.presenters.desk import Desk


class ModelLoading(QObject):
    """Has models loaded ahead of need, and follows every job of the engine to know what is there.

    Work at idle loads nothing and is none of this; but when the engine dies of it, the model is gone all the same.
    """

    progressed = Signal(float)
    """How much is in memory of what is being loaded, 0 to 1."""
    settled = Signal()
    """A load has come to an end, or the engine has."""
    loaded = Signal(object)
    """A `LoadedModel` that was not in memory before."""
    failed = Signal(object, bool)
    """The `EngineError` of a job; True when it was a load ahead of need, so that nobody else says it."""
    lost_at_idle = Signal()
    """The engine died of something nobody waited for."""
    lost = Signal()
    """The engine, with a model in memory, ended while it had nothing to do."""

    def __init__(self, desk: Desk) -> None:
        """Know of nothing yet."""
        super().__init__(desk.window)
        self._engine = desk.parts.engine
        self._post = desk.bridge.post
        self._job: Job | None = None
        self._request: LoadRequest | None = None
        self._model: LoadedModel | None = None
        self._failure: LoadRequest | None = None
        self._progress: tuple[LoadRequest, float] | None = None
        self._permitted: LoadRequest | None = None
        self._engine.add_watcher(lambda job, event: self._post(lambda: self._follow(job, event)))

    @property
    def model(self) -> LoadedModel | None:
        """What is in memory, as the engine describes it."""
        return self._model

    @property
    def request(self) -> LoadRequest | None:
        """The load that brought into memory what is there."""
        return self._request

    @property
    def files(self) -> frozenset[Path]:
        """The model file that is in memory, and those on their way there. Any thread may ask."""
        return frozenset(load.path for load in self._loads())

    @property
    def notes(self) -> tuple[str, ...]:
        """What of it is less than was wished, a sentence each."""
        concessions = () if self._model is None else self._model.concessions
        return tuple(tr(concession.message, **concession.values) for concession in concessions)

    @property
    def is_busy(self) -> bool:
        """Whether something is being loaded."""
        return self._job is not None or self._progress is not None

    def is_loaded(self, load: LoadRequest | None) -> bool:
        """Whether this is what is in memory."""
        return load is not None and load == self._request

    def has_failed(self, load: LoadRequest) -> bool:
        """Whether this was tried last, and could not be loaded."""
        return load == self._failure

    def is_new(self, load: LoadRequest) -> bool:
        """Whether it would have to be loaded, and this has not just failed."""
        return load not in (self._request, self._failure)

    def state(self, load: LoadRequest | None) -> EngineState:
        """How it stands with what is wanted."""
        if load is None:
            return EngineState(EngineCondition.NOT_LOADED)
        if self._model is not None and load == self._request:
            return EngineState(EngineCondition.LOADED, device=self._model.device, notes=self.notes)
        if self._progress is not None and load == self._progress[0]:
            return EngineState(EngineCondition.LOADING, self._progress[1])
        return EngineState(EngineCondition.FAILED if load == self._failure else EngineCondition.NOT_LOADED)

    def have_ready(self, load: LoadRequest | None) -> None:
        """Load this in place of what is being loaded, unless it is there already."""
        if self._job is not None and self._job.load == load:
            return
        self.stop()
        if load is None or load == self._request:
            self.settled.emit()
            return
        self._failure = None
        self._job = Job(self.permitted(load), lambda _event: None)
        self._engine.submit(self._job)

    def stop(self) -> None:
        """Give up loading ahead. A reply that waits for its model is stopped where replies are."""
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def unload(self, files: Collection[Path], then: Callable[[], None]) -> None:
        """Have the model of these files out of memory, and off its way there, and then call `then`.

        A reply that it is writing is finished first.
        """
        load = next((load for load in self._loads() if load.path in files), None)
        if load is None:
            then()
            return
        if self._job is not None and self._job.load.path in files:
            self.stop()
        self._engine.submit(Job(load, lambda _event: self._post(then), Unloading()))

    def forgive(self) -> None:
        """What failed may work now, and what is in memory may not be what is wanted: the settings have changed."""
        self._failure = None
        self.settled.emit()

    def permit(self, load: LoadRequest) -> None:
        """Let the next load of this be tried although memory is short."""
        self._permitted = load

    def permitted(self, load: LoadRequest) -> LoadRequest:
        """Give the load with the user's permission, if there is one."""
        return replace(load, even_if_memory_is_short=True) if load == self._permitted else load

    def _loads(self) -> list[LoadRequest]:
        job, progress = self._job, self._progress
        loads = (self._request, None if progress is None else progress[0], None if job is None else job.load)
        return [load for load in loads if load is not None]

    def _follow(self, job: Job, event: WorkerEvent) -> None:
        if isinstance(event, EngineLost):  # `job` is only the last one there was, and may have been one at idle
            self._lose()
        elif job.at_idle:
            self._follow_at_idle(event)
        else:
            self._follow_load(job, event)

    def _follow_at_idle(self, event: WorkerEvent) -> None:
        if isinstance(event, EngineFailed) and isinstance(event.error, EngineDiedError):
            self._forget()
            self.lost_at_idle.emit()
            self.settled.emit()

    def _follow_load(self, job: Job, event: WorkerEvent) -> None:
        match event:
            case LoadProgress(fraction=fraction):
                self._forget()
                self._progress = (job.load, fraction)
                self.progressed.emit(fraction)
                return
            case ModelLoaded(model=model):
                self._take(job, model)
            case EngineFailed(error=error, while_loading=while_loading):
                self._fail(job, error, while_loading=while_loading)
            case LoadCancelled():
                self._forget()
            case TaskEnded() if isinstance(job.task, Unloading):
                if self._request is not None and self._request.path == job.load.path:
                    self._forget()
            case _:
                return
        if job is self._job:
            self._job = None
        self.settled.emit()

    def _lose(self) -> None:
        had_model = self._model is not None
        self._forget()
        self.settled.emit()
        if had_model:
            self.lost.emit()

    def _take(self, job: Job, model: LoadedModel) -> None:
        is_new = job.load != self._request
        self._request, self._model = job.load, model
        self._failure = self._progress = self._permitted = None
        if is_new:
            self.loaded.emit(model)

    def _fail(self, job: Job, error: EngineError, *, while_loading: bool) -> None:
        if while_loading:
            self._failure = job.load
        if while_loading or isinstance(error, EngineDiedError):
            self._forget()
        self.failed.emit(error, job is self._job)

    def _forget(self) -> None:
        self._request = self._model = self._progress = None

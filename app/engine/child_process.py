"""The contract of an engine, over a pipe: starts the engine process, watches it, and says why it ended."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Self, TypeAlias

from app.confined.exit_diagnosis import ExitCause
from app.confined.framing import FramingError
from app.conversation import FinishReason
from app.engine import wire
from app.engine.builds import LIBRARY_PATH_VARIABLE, find_build
from app.engine.engine import EngineDiedError, EngineError, InterruptedLoadError, ReportLoad
from app.engine.engine_death import FileWitness, death_error
from app.engine.engine_process import EngineProcess, HangLimits, start_process
from app.engine.events import (
    GenerationEvent,
    GenerationFinished,
    LoadedModel,
    PieceGenerated,
    PromptDescription,
    PromptEvaluated,
    PromptProgress,
    ReasoningGenerated,
    WarmingEvent,
)
from app.engine.interruption import Interruption
from app.engine.requests import GenerationRequest, LoadRequest, PromptRequest

_Answer: TypeAlias = (
    wire.PromptStep | wire.PromptRead | wire.Thought | wire.Piece | wire.Finished | wire.Described | wire.Done
)
_PATIENCE_S: Final = 5.0
"""How long a cancelled generation may take to end by itself, before its process is ended."""
_USUAL_LIMITS: Final = HangLimits()
ENGINE_ENVIRONMENT: Final = {
    "GGML_NO_BACKTRACE": "1",  # an abort would start a debugger
    "GOMP_SPINCOUNT": "1000",  # threads that wait neither burn a core nor fall asleep between two layers
}


def engine_environment(build: str, builds: Path | None) -> dict[str, str]:
    """Give the variables of an engine process for the build of this name in the folder `builds`; none is our own.

    Raises `EngineBuildError` when there is no such build.
    """
    if not build:
        return dict(ENGINE_ENVIRONMENT)
    return {**ENGINE_ENVIRONMENT, LIBRARY_PATH_VARIABLE: str(find_build(builds, build).folder)}


class ChildProcessEngine:
    """An engine in a process of its own. Each load starts a new process: one process holds one loaded set.

    It belongs to one thread, which must live as long as the engine is used: Linux ends the process with it.
    """

    def __init__(
        self,
        command: Sequence[str],
        log_path: Path,
        limits: HangLimits = _USUAL_LIMITS,
        builds: Path | None = None,
    ) -> None:
        """Start engines by `command`; what they print goes to `log_path`. No process runs before the first load.

        `builds` is the folder in which the builds lie that the settings may name.
        """
        self._command = tuple(command)
        self._log_path = log_path
        self._limits = limits
        self._builds = builds
        self._process: EngineProcess | None = None
        self._model_file: FileWitness | None = None
        self._n_ctx = 0
        self._request: LoadRequest | None = None
        self._jobs = wire.LOAD_JOB

    @property
    def loaded(self) -> LoadRequest | None:
        """What is in memory; None also when the process ended meanwhile."""
        if self._request is not None and not (self._process is not None and self._process.is_running):
            self._request = None
        return self._request

    @property
    def process_id(self) -> int | None:
        """The engine process's id, while it runs."""
        process = self._process
        return process.pid if process is not None and process.is_running else None

    def load(self, request: LoadRequest, report: ReportLoad, interruption: Interruption) -> LoadedModel:
        """See `Engine.load`. An interruption ends the process."""
        self.unload()
        if interruption.requested:
            raise _stopped()
        process = self._start(request)
        with _KillWhileLoading(process) as killer:
            interruption.when_requested(killer.kill)
            try:
                model = self._await_model(process, request, report)
            except EngineError:
                self.unload()
                if interruption.requested:
                    raise _stopped() from None
                raise
        self._request = request
        self._n_ctx = model.n_ctx
        return replace(model, path=str(request.path))

    def generate(
        self, request: GenerationRequest, interruption: Interruption
    ) -> Generator[GenerationEvent, None, None]:
        """See `Engine.generate`."""
        process = self._ready_process()
        return self._generate(process, wire.generate_order(self._next_job(), request), interruption)

    def warm(self, request: PromptRequest, interruption: Interruption) -> Generator[WarmingEvent, None, None]:
        """See `Engine.warm`."""
        process = self._ready_process()
        return self._warm(process, wire.Warm(self._next_job(), wire.cleaned_prompt(request)), interruption)

    def describe_prompt(self, request: PromptRequest) -> PromptDescription:
        """See `Engine.describe_prompt`."""
        process = self._ready_process()
        order = wire.Describe(self._next_job(), wire.cleaned_prompt(request))
        self._send(process, order)
        match self._next_of(process, order.job):
            case wire.Described(description=description):
                return description
            case other:
                raise self._nonsense(process, f"{type(other).__name__} instead of a description")

    def keep(self, conversation: str, interruption: Interruption) -> None:
        """See `Engine.keep`."""
        process = self._ready_process()
        order = wire.Keep(self._next_job(), conversation)
        for event in self._do(process, order, interruption):
            raise self._nonsense(process, f"{type(event).__name__} while keeping")

    def unload(self) -> None:
        """End the process: that gives everything back."""
        self._request = None
        process, self._process = self._process, None
        if process is not None:
            process.end()

    def close(self) -> None:
        """End the process for good."""
        self.unload()

    def _ready_process(self) -> EngineProcess:
        process = self._process
        if self._request is None or process is None:
            raise EngineError("No model is loaded.")
        if not process.is_running:
            raise self._died(process)
        return process

    def _next_job(self) -> int:
        self._jobs += 1
        return self._jobs

    def _generate(
        self, process: EngineProcess, order: wire.Generate, interruption: Interruption
    ) -> Generator[GenerationEvent]:
        tokens, has_finished = 0, False
        for event in self._do(process, order, interruption):
            tokens += len(event.tokens) if isinstance(event, PieceGenerated | ReasoningGenerated) else 0
            has_finished = isinstance(event, GenerationFinished)
            yield event
        if not has_finished:
            yield GenerationFinished(FinishReason.CANCELLED, tokens, None)

    def _warm(self, process: EngineProcess, order: wire.Warm, interruption: Interruption) -> Generator[WarmingEvent]:
        for event in self._do(process, order, interruption):
            if not isinstance(event, PromptProgress | PromptEvaluated):
                raise self._nonsense(process, f"{type(event).__name__} while reading ahead")
            yield event

    def _do(self, process: EngineProcess, order: wire.Task, interruption: Interruption) -> Generator[GenerationEvent]:
        """Give the events of `order` until its end; also when it did not end by itself after it was cancelled."""
        with _Canceller(process, order.job) as canceller:
            process.note_memory()
            self._send(process, order)
            interruption.when_requested(canceller.cancel)
            try:
                yield from self._receive(process, order.job)
            except EngineDiedError:
                if not canceller.has_killed:
                    raise

    def _start(self, request: LoadRequest) -> EngineProcess:
        self._model_file = FileWitness(request.path)
        self._n_ctx = request.settings.context
        environment = engine_environment(request.settings.engine_build, self._builds)
        self._process = start_process(EngineProcess, self._command, self._log_path, environment, self._limits)
        return self._process

    def _await_model(self, process: EngineProcess, request: LoadRequest, report: ReportLoad) -> LoadedModel:
        self._send(process, wire.load_order(request, beat_s=self._limits.beat_s))
        while True:
            match self._next(process):
                case wire.LoadStep(event):
                    report(event)
                case wire.Loaded(model):
                    return model
                case wire.Failed(job=wire.LOAD_JOB) as failed:
                    raise wire.failure_error(failed)
                case other:
                    raise self._nonsense(process, f"{type(other).__name__} while loading")

    def _receive(self, process: EngineProcess, job: int) -> Generator[GenerationEvent]:
        while True:
            match self._next_of(process, job):
                case wire.Done():
                    return
                case wire.Described():
                    raise self._nonsense(process, "a description that nobody asked for")
                case report:
                    yield report.event
                    if isinstance(report, wire.Finished):
                        return

    def _next_of(self, process: EngineProcess, job: int) -> _Answer:
        """Give the next report of `job`, or raise its error. What an earlier job had sent already is passed over."""
        while True:
            report = self._next(process)
            if isinstance(report, wire.LoadStep | wire.Loaded) or not wire.LOAD_JOB < report.job <= job:
                raise self._nonsense(process, f"{type(report).__name__} while generating")
            if report.job < job:
                continue
            if isinstance(report, wire.Failed):
                raise wire.failure_error(report)
            return report

    def _send(self, process: EngineProcess, order: wire.Order) -> None:
        with contextlib.suppress(OSError):  # it has just died: reading its reports will tell why
            process.writer.write(wire.encode(order))

    def _next(self, process: EngineProcess) -> wire.Report:
        try:
            report = process.next_report()
            if report is not None:
                return report
        except FramingError as error:
            if process.is_running and not process.has_hung:
                raise self._nonsense(process, str(error)) from error
        except wire.WireError as error:
            raise self._nonsense(process, str(error)) from error
        raise self._died(process)

    def _died(self, process: EngineProcess) -> EngineDiedError:
        error = death_error(process.diagnose_end(), self._model_file, self._n_ctx)
        self.unload()
        return error

    def _nonsense(self, process: EngineProcess, reason: str) -> EngineDiedError:
        process.kill()
        end = process.diagnose_end()
        error = death_error(replace(end, cause=ExitCause.PROTOCOL, log=(*end.log, reason)), self._model_file)
        self.unload()
        return error


class _KillWhileLoading:
    """Ends a process when asked, but only until the load has ended: the interruption lives on in the generation."""

    def __init__(self, process: EngineProcess) -> None:
        self._process = process
        self._lock = threading.Lock()
        self._is_loading = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._is_loading = False

    def kill(self) -> None:
        with self._lock:
            if self._is_loading:
                self._process.kill()


class _Canceller:
    """Asks a job to end, and ends its process when it does not listen. Does nothing once it is over.

    A generator that is closed early asks too: what its job still sends is passed over by the next.
    """

    def __init__(self, process: EngineProcess, job: int) -> None:
        self._process = process
        self._job = job
        self._lock = threading.Lock()
        self._is_over = False
        self._impatience: threading.Timer | None = None
        self.has_killed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._lock:
            self._is_over = True
            if self._impatience is not None:
                self._impatience.cancel()
        if kind is GeneratorExit:
            self._ask()

    def cancel(self) -> None:
        with self._lock:
            if self._is_over:
                return
            self._impatience = threading.Timer(_PATIENCE_S, self._lose_patience)
            self._impatience.daemon = True
            self._impatience.start()
        self._ask()

    def _ask(self) -> None:
        with contextlib.suppress(OSError):  # it has just died: its reports' end will tell
            self._process.writer.write(wire.encode(wire.Cancel(self._job)))

    def _lose_patience(self) -> None:
        with self._lock:
            if not self._is_over:
                self.has_killed = True
                self._process.kill()


def _stopped() -> InterruptedLoadError:
    return InterruptedLoadError("The model was not loaded: you stopped it.")

"""The one thread that may touch an engine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

import pytest

from app.conversation import FinishReason
from app.engine.engine import EngineDiedError, EngineError, ModelFileError
from app.engine.events import GenerationFinished, LoadProgress, ModelLoaded, PieceGenerated, PromptEvaluated
from app.engine.requests import GenerationRequest, LoadRequest, PromptRequest
from app.engine.worker import (
    EngineFailed,
    EngineLost,
    EngineWorker,
    Job,
    LoadCancelled,
    TaskEnded,
    Unloading,
    WorkerEvent,
)
from app.settings.values import LoadSettings, SamplingSettings
from tests.engine.stories import user
from tests.fakes import FakeEngine, Pause

MODEL = LoadRequest(Path("/models/first.gguf"), LoadSettings())
OTHER_MODEL = LoadRequest(Path("/models/second.gguf"), LoadSettings())
HELLO = GenerationRequest(PromptRequest((user("Hello"),)), SamplingSettings())
PATIENCE_S = 20


@dataclass
class Listener:
    """Hears what a job reports, on the worker's thread, and waits for it on the test's."""

    job: Job
    queue: SimpleQueue[WorkerEvent]
    heard: list[WorkerEvent] = field(default_factory=list["WorkerEvent"])

    def until(self, *kinds: type) -> WorkerEvent:
        """Wait for an event of one of these kinds."""
        while True:
            event = self.queue.get(timeout=PATIENCE_S)
            self.heard.append(event)
            if isinstance(event, kinds):
                return event

    def to_the_end(self) -> list[WorkerEvent]:
        """Wait for the end of the generation or the failure, and give all that was heard."""
        self.until(GenerationFinished, EngineFailed, LoadCancelled)
        return self.heard

    @property
    def text(self) -> str:
        """The pieces that were heard."""
        return "".join(event.text for event in self.heard if isinstance(event, PieceGenerated))


@pytest.fixture
def engine() -> FakeEngine:
    """An engine without a model."""
    return FakeEngine()


@pytest.fixture
def worker(engine: FakeEngine) -> Iterator[EngineWorker]:
    """A worker that works."""
    worker = EngineWorker(engine)
    worker.start()
    yield worker
    worker.close()


def submit(worker: EngineWorker, load: LoadRequest = MODEL, generation: GenerationRequest | None = HELLO) -> Listener:
    """Give the worker a job."""
    queue: SimpleQueue[WorkerEvent] = SimpleQueue()
    job = Job(load, queue.put, generation)
    worker.submit(job)
    return Listener(job, queue)


def test_the_first_message_loads_the_model(worker: EngineWorker, engine: FakeEngine) -> None:
    """A job tells all: the load, the prompt, the pieces, the end."""
    engine.will_stream("Once ", "upon ", "a time.")
    listener = submit(worker)
    kinds = [type(event) for event in listener.to_the_end()]
    assert kinds[:3] == [LoadProgress, LoadProgress, ModelLoaded]
    assert kinds[-1] is GenerationFinished
    assert PromptEvaluated in kinds
    assert listener.text == "Once upon a time."
    assert engine.requests == [HELLO]


def test_a_loaded_model_is_not_loaded_again(worker: EngineWorker, engine: FakeEngine) -> None:
    """The second message finds the model in memory, and hears `ModelLoaded` all the same; another model is a load."""
    submit(worker).to_the_end()
    second = submit(worker)
    assert isinstance(second.until(ModelLoaded, LoadProgress), ModelLoaded)
    second.to_the_end()
    submit(worker, OTHER_MODEL).to_the_end()
    assert engine.loads == [MODEL, OTHER_MODEL]


def test_a_model_can_be_loaded_ahead(worker: EngineWorker, engine: FakeEngine) -> None:
    """A job without a generation ends with the model in memory."""
    submit(worker, generation=None).until(ModelLoaded)
    submit(worker).to_the_end()
    assert engine.loads == [MODEL]


def test_stopping_keeps_what_was_written(worker: EngineWorker, engine: FakeEngine) -> None:
    """Stop leaves the words that were there, and the next reply begins clean."""
    pause = Pause()
    engine.will_stream("Once ", pause, "never")
    listener = submit(worker)
    listener.until(PieceGenerated)
    listener.job.cancel()
    finished = listener.to_the_end()[-1]
    assert isinstance(finished, GenerationFinished)
    assert finished.reason is FinishReason.CANCELLED
    assert listener.text == "Once "
    after = submit(worker)
    after.to_the_end()
    assert after.text == "Hello"


def test_a_job_cancelled_while_it_waits_writes_nothing(worker: EngineWorker, engine: FakeEngine) -> None:
    """What stands in the queue can be taken back."""
    pause = Pause()
    engine.will_stream(pause, "first")
    first, second = submit(worker), submit(worker)
    second.job.cancel()
    first.until(PromptEvaluated)
    pause.go_on()
    first.to_the_end()
    second.to_the_end()
    assert (first.text, second.text) == ("first", "")


def test_a_load_can_be_stopped(worker: EngineWorker, engine: FakeEngine) -> None:
    """A stopped load is no trouble: the job says that it was cancelled, and the next one loads anew."""
    pause = Pause()
    engine.will_pause_while_loading(pause)
    listener = submit(worker)
    assert pause.reached.wait(PATIENCE_S)
    listener.job.cancel()
    assert isinstance(listener.to_the_end()[-1], LoadCancelled)
    assert isinstance(submit(worker).to_the_end()[-1], GenerationFinished)


def test_a_model_goes_out_of_memory_when_it_has_written_its_reply(worker: EngineWorker, engine: FakeEngine) -> None:
    """However it was loaded; the next message loads it again."""
    pause = Pause()
    engine.will_stream("Once ", pause, "more.")
    writing = submit(worker)
    writing.until(PieceGenerated)
    ended: SimpleQueue[WorkerEvent] = SimpleQueue()
    worker.submit(Job(LoadRequest(MODEL.path, LoadSettings(context=512)), ended.put, Unloading()))
    pause.go_on()
    assert ended.get(timeout=PATIENCE_S) == TaskEnded(is_done=True)
    assert isinstance(writing.to_the_end()[-1], GenerationFinished)
    assert engine.loaded is None
    submit(worker).to_the_end()
    assert engine.loads == [MODEL, MODEL]


def test_another_model_stays_where_one_is_unloaded(worker: EngineWorker, engine: FakeEngine) -> None:
    """What is not in memory need not go, and nothing is loaded to find that out."""
    submit(worker, OTHER_MODEL).to_the_end()
    ended: SimpleQueue[WorkerEvent] = SimpleQueue()
    worker.submit(Job(MODEL, ended.put, Unloading()))
    assert ended.get(timeout=PATIENCE_S) == TaskEnded(is_done=True)
    assert engine.loaded == OTHER_MODEL
    assert engine.loads == [OTHER_MODEL]


def test_a_failed_load_is_not_tried_again_by_itself(worker: EngineWorker, engine: FakeEngine) -> None:
    """The error is told once; only the next message tries again."""
    engine.will_fail_to_load(ModelFileError("{name} is empty.", name="first.gguf"))
    failed = submit(worker).to_the_end()[-1]
    assert isinstance(failed, EngineFailed)
    assert failed.while_loading
    assert str(failed.error) == "first.gguf is empty."
    assert engine.loads == [MODEL]
    submit(worker).to_the_end()
    assert engine.loads == [MODEL, MODEL]


def test_a_failed_generation_keeps_the_model(worker: EngineWorker, engine: FakeEngine) -> None:
    """An error about one message is no reason to load again."""
    engine.will_fail(EngineError("Too long."))
    failed = submit(worker).to_the_end()[-1]
    assert isinstance(failed, EngineFailed)
    assert not failed.while_loading
    submit(worker).to_the_end()
    assert engine.loads == [MODEL]


def test_after_a_death_the_next_message_starts_a_new_engine(worker: EngineWorker, engine: FakeEngine) -> None:
    """The words before the death were told, the death too; then all goes on."""
    engine.will_die("Once ")
    listener = submit(worker)
    failed = listener.to_the_end()[-1]
    assert isinstance(failed, EngineFailed)
    assert isinstance(failed.error, EngineDiedError)
    assert listener.text == "Once "
    assert isinstance(submit(worker).to_the_end()[-1], GenerationFinished)
    assert engine.loads == [MODEL, MODEL]


def explode(*_: object) -> None:
    """Be a bug."""
    raise ZeroDivisionError


def test_a_bug_reaches_the_listener_and_not_the_thread(
    worker: EngineWorker, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An unexpected exception is a failure in plain words, with its traceback in the log; the worker lives on."""
    with monkeypatch.context() as patch:
        patch.setattr(engine, "load", explode)
        failed = submit(worker).to_the_end()[-1]
    assert isinstance(failed, EngineFailed)
    assert "inside Paddock" in str(failed.error)
    assert "ZeroDivisionError" in caplog.text
    assert isinstance(submit(worker).to_the_end()[-1], GenerationFinished)


def test_a_bug_of_those_who_listen_does_not_end_the_thread(
    worker: EngineWorker, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither of a job's listener, also when it is told of that, nor of a watcher: the next job is done."""
    worker.submit(Job(MODEL, explode, HELLO))
    assert isinstance(submit(worker).to_the_end()[-1], GenerationFinished)
    worker.add_watcher(explode)
    assert isinstance(submit(worker).to_the_end()[-1], EngineFailed)
    assert isinstance(submit(worker).to_the_end()[-1], EngineFailed)
    assert "ZeroDivisionError" in caplog.text


def test_a_bug_of_a_watcher_does_not_end_the_idle_thread(worker: EngineWorker, engine: FakeEngine) -> None:
    """The next watcher hears of an engine that was lost, and the next job is done."""
    lost = threading.Event()

    def watch(_job: Job, event: WorkerEvent) -> None:
        if isinstance(event, EngineLost):
            lost.set()
            explode()

    worker.add_watcher(watch)
    submit(worker).to_the_end()
    engine.unload()
    assert lost.wait(PATIENCE_S)
    assert isinstance(submit(worker).to_the_end()[-1], GenerationFinished)


def test_closing_ends_what_runs_and_what_waits(engine: FakeEngine) -> None:
    """After `close` every job has heard its end, and the engine is closed."""
    worker = EngineWorker(engine)
    worker.start()
    engine.will_stream("Once ", Pause(), "never")
    running, waiting = submit(worker), submit(worker)
    running.until(PieceGenerated)
    worker.close()
    for listener in (running, waiting):
        finished = listener.to_the_end()[-1]
        assert isinstance(finished, GenerationFinished)
        assert finished.reason is FinishReason.CANCELLED
    assert engine.closed


def test_a_watcher_sees_every_event_before_the_listener(worker: EngineWorker, engine: FakeEngine) -> None:
    """What is true of the engine is known before anybody acts on it."""
    seen: list[tuple[str, WorkerEvent]] = []
    worker.add_watcher(lambda _, event: seen.append(("watcher", event)))
    done = threading.Event()

    def listen(event: WorkerEvent) -> None:
        seen.append(("listener", event))
        if isinstance(event, GenerationFinished):
            done.set()

    worker.submit(Job(MODEL, listen, HELLO))
    assert done.wait(PATIENCE_S)
    assert [who for who, _ in seen] == ["watcher", "listener"] * (len(seen) // 2)
    assert [event for who, event in seen if who == "watcher"] == [event for who, event in seen if who == "listener"]


def test_an_engine_that_ends_while_idle_is_noticed() -> None:
    """Watchers hear it without anybody asking; the next job loads again."""
    engine = FakeEngine()
    worker = EngineWorker(engine)
    lost = threading.Event()
    worker.add_watcher(lambda _job, event: lost.set() if isinstance(event, EngineLost) else None)
    worker.start()
    loaded = threading.Event()
    worker.submit(Job(MODEL, lambda event: loaded.set() if isinstance(event, ModelLoaded) else None))
    assert loaded.wait(PATIENCE_S)
    engine.unload()
    assert lost.wait(PATIENCE_S)
    again = threading.Event()
    worker.submit(Job(MODEL, lambda event: again.set() if isinstance(event, ModelLoaded) else None))
    assert again.wait(PATIENCE_S)
    assert engine.loads == [MODEL, MODEL]
    worker.close()

"""What the worker does while nobody waits for it: at idle, and giving way at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from app.engine.events import GenerationFinished, LoadProgress, ModelLoaded, PromptDescription
from app.engine.requests import GenerationRequest, LoadRequest, PromptRequest
from app.engine.worker import EngineWorker, Inspection, Job, Keeping, Task, TaskEnded, Warming, WorkerEvent
from app.settings.values import LoadSettings, SamplingSettings
from tests.engine.stories import user
from tests.fakes import FakeEngine, Pause

MODEL = LoadRequest(Path("/models/first.gguf"), LoadSettings())
OTHER_MODEL = LoadRequest(Path("/models/second.gguf"), LoadSettings())
DRAFT = PromptRequest((user("Hel"),), "conversation")
HELLO = GenerationRequest(PromptRequest((user("Hello"),)), SamplingSettings())
LAST = (GenerationFinished, TaskEnded, PromptDescription)


class Bench:
    """A worker over an engine that a test watches."""

    def __init__(self) -> None:
        self.engine = FakeEngine()
        self.worker = EngineWorker(self.engine)
        self.heard: SimpleQueue[WorkerEvent] = SimpleQueue()

    def submit(self, task: Task | None, load: LoadRequest = MODEL, *, at_idle: bool = True) -> Job:
        """Give it something to do."""
        job = Job(load, self.heard.put, task, at_idle=at_idle)
        self.worker.submit(job)
        return job

    def until(self, *kinds: type[WorkerEvent]) -> list[WorkerEvent]:
        """Wait for one of these, and give all that was heard before it, itself included."""
        heard = [self.heard.get(timeout=20)]
        while not isinstance(heard[-1], kinds):
            heard.append(self.heard.get(timeout=20))
        return heard


@pytest.fixture
def bench() -> Iterator[Bench]:
    """A worker with a model in memory."""
    bench = Bench()
    bench.worker.start()
    bench.submit(None, at_idle=False)
    bench.until(ModelLoaded)
    yield bench
    bench.worker.close()


def test_reading_ahead_ends_with_its_last_event(bench: Bench) -> None:
    """A draft is read, a prompt is looked at, a state is kept: each says when it is done."""
    bench.submit(Warming(DRAFT))
    assert bench.until(TaskEnded)[-1] == TaskEnded(is_done=True)
    bench.submit(Inspection(DRAFT))
    (description,) = bench.until(*LAST)[1:]
    assert isinstance(description, PromptDescription)
    assert description.spans[-1].end == 1
    bench.submit(Keeping("conversation"))
    assert bench.until(TaskEnded)[-1] == TaskEnded(is_done=True)
    assert (bench.engine.warmed, bench.engine.kept) == ([DRAFT], ["conversation"])


def test_nothing_at_idle_loads_a_model(bench: Bench) -> None:
    """Whoever only types must not have one model thrown out for another."""
    bench.submit(Warming(DRAFT), OTHER_MODEL)
    assert bench.until(*LAST) == [TaskEnded(is_done=False)]
    assert bench.engine.loads == [MODEL]
    assert bench.engine.warmed == []


def test_a_message_does_not_wait_for_reading_ahead(bench: Bench) -> None:
    """What is read at idle is interrupted by anything else, and what waits at idle waits behind it."""
    pause = Pause()
    bench.engine.will_pause_while_warming(pause)
    reading = bench.submit(Warming(DRAFT))
    assert pause.reached.wait(20)
    bench.submit(HELLO, at_idle=False)
    bench.submit(Keeping("conversation"))
    heard = [type(event) for event in bench.until(GenerationFinished)]
    assert reading.interruption.requested
    assert LoadProgress not in heard
    assert heard.index(TaskEnded) < heard.index(GenerationFinished)
    bench.until(TaskEnded)
    assert bench.engine.kept == ["conversation"]


def test_a_job_at_idle_that_was_cancelled_does_nothing(bench: Bench) -> None:
    """An older draft that still waits is not read any more."""
    pause = Pause()
    bench.engine.will_stream(pause, "Hello")
    bench.submit(HELLO, at_idle=False)
    assert pause.reached.wait(20)
    bench.submit(Warming(DRAFT)).cancel()
    pause.go_on()
    bench.until(GenerationFinished)
    assert bench.until(*LAST) == [TaskEnded(is_done=False)]
    assert bench.engine.warmed == []


def test_keeping_that_gave_way_is_not_done(bench: Bench) -> None:
    """Whoever asked for it can ask anew."""
    pause = Pause()
    bench.engine.will_pause_while_keeping(pause)
    bench.submit(Keeping("conversation"))
    assert pause.reached.wait(20)
    bench.submit(HELLO, at_idle=False)
    heard = bench.until(GenerationFinished)
    assert TaskEnded(is_done=False) in heard
    assert bench.engine.kept == []

"""The model that comes with Paddock, in a process of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.confined.process import own_command
from app.conversation import FinishReason
from app.engine.child_process import ChildProcessEngine
from app.engine.engine import InterruptedLoadError, ModelFileError
from app.engine.events import GenerationEvent, LoadProgress, PromptEvaluated, PromptProgress
from app.engine.interruption import Interruption
from app.engine.requests import GenerationRequest, LoadRequest, PromptRequest
from app.settings.values import LoadSettings, SamplingSettings
from tests.engine.conftest import load
from tests.engine.stories import Reply, ask, assistant, system, user

pytestmark = pytest.mark.model

EXACT = SamplingSettings(temperature=0.0, seed=7, max_tokens=24)
LONG_TEXT = "The llama looks over the fence and wonders. " * 330
GENEROUS_S = 5.0
"""A bound that only something that hangs would miss on a busy machine; what was measured is printed."""


@pytest.fixture(scope="module")
def engine(starter_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChildProcessEngine]:
    """The starter model, loaded once for all."""
    engine = ChildProcessEngine(own_command("--engine"), tmp_path_factory.mktemp("starter") / "engine.log")
    load(engine, starter_model, context=4096, threads=None)
    yield engine
    engine.close()


def test_it_answers(engine: ChildProcessEngine) -> None:
    """A plain question gets words, and the receipt tells their speed."""
    reply = ask(engine, system("You are helpful."), user("What is a llama?"), sampling=EXACT)
    assert len(reply.text.split()) > 5
    assert reply.finished.tokens_per_s is not None
    assert reply.finished.time_to_first_token_s is not None


def test_two_runs_with_one_seed_are_equal(engine: ChildProcessEngine, starter_model: Path, tmp_path: Path) -> None:
    """At temperature 0 the words are the same, in this process and in a new one."""
    first = ask(engine, user("Name three animals."), sampling=EXACT)
    assert ask(engine, user("Name three animals."), sampling=EXACT).tokens == first.tokens
    fresh = ChildProcessEngine(own_command("--engine"), tmp_path / "engine.log")
    load(fresh, starter_model, context=4096, threads=None)
    assert ask(fresh, user("Name three animals."), sampling=EXACT).tokens == first.tokens
    fresh.close()


def test_a_second_turn_reads_only_what_is_new(engine: ChildProcessEngine) -> None:
    """The first turn is reused to its last token."""
    first = ask(engine, user("Name a colour."), sampling=EXACT)
    second = ask(engine, user("Name a colour."), assistant(first.text), user("Another?"), sampling=EXACT)
    assert second.prompt.reused >= first.prompt.tokens
    assert second.prompt.evaluated < 30


def test_stopping_in_the_middle_of_a_long_prompt(engine: ChildProcessEngine) -> None:
    """It stops at once, and the next reply is what it would have been."""
    expected = ask(engine, user("Name a tree."), sampling=EXACT)
    interruption = Interruption()
    events: list[GenerationEvent] = []
    asked_at: list[float] = []

    def stop() -> None:
        asked_at.append(time.monotonic())
        interruption.request()

    for event in engine.generate(GenerationRequest(PromptRequest((user(LONG_TEXT),)), EXACT), interruption):
        events.append(event)
        if isinstance(event, PromptProgress) and event.done > 100 and not asked_at:
            assert event.total > 2900
            threading.Thread(target=stop).start()
    latency_s = time.monotonic() - asked_at[0]
    print(f"stopped a prompt of 3000 tokens in {latency_s * 1000:.0f} ms")  # noqa: T201 - the figure is worth seeing
    assert latency_s < GENEROUS_S
    assert Reply(tuple(events)).finished.reason is FinishReason.CANCELLED
    assert not any(isinstance(event, PromptEvaluated) for event in events)
    assert ask(engine, user("Name a tree."), sampling=EXACT).tokens == expected.tokens


def test_stopping_a_load(starter_model: Path, tmp_path: Path) -> None:
    """A load that is stopped half-way has ended at once."""
    engine = ChildProcessEngine(own_command("--engine"), tmp_path / "engine.log")
    interruption = Interruption()
    asked_at: list[float] = []

    def stop(event: LoadProgress) -> None:
        if event.fraction > 0 and not asked_at:
            asked_at.append(time.monotonic())
            interruption.request()

    with pytest.raises(InterruptedLoadError):
        engine.load(LoadRequest(starter_model, LoadSettings()), stop, interruption)
    latency_s = time.monotonic() - asked_at[0]
    print(f"stopped a load in {latency_s * 1000:.0f} ms")  # noqa: T201 - the figure is worth seeing
    assert latency_s < GENEROUS_S
    assert engine.loaded is None


@pytest.mark.parametrize("place", [0, 1, 4, 8, 16, 17])
def test_a_flipped_byte_in_the_header_is_a_sentence(starter_model: Path, tmp_path: Path, place: int) -> None:
    """Magic, version, tensor count or key count: a damaged file never loads, and never takes the engine with it."""
    content = bytearray(starter_model.read_bytes())
    content[place] ^= 0x41
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes(content)
    engine = ChildProcessEngine(own_command("--engine"), tmp_path / "engine.log")
    with pytest.raises(ModelFileError, match=r"^damaged\.gguf "):
        load(engine, damaged)
    engine.close()


def test_a_truncated_file_is_incomplete(starter_model: Path, tmp_path: Path) -> None:
    """Half of the starter model is half of a model."""
    half = tmp_path / "half.gguf"
    half.write_bytes(starter_model.read_bytes()[: starter_model.stat().st_size // 2])
    engine = ChildProcessEngine(own_command("--engine"), tmp_path / "engine.log")
    with pytest.raises(ModelFileError, match=r"half\.gguf is incomplete"):
        load(engine, half)
    engine.close()

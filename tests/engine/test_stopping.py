"""Stopping in the middle of a long prompt: at once, at any place, and the next reply is what it would have been."""

from __future__ import annotations

import random
import statistics
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from app.confined.process import own_command
from app.conversation import FinishReason
from app.engine.child_process import ChildProcessEngine
from app.engine.events import GenerationEvent, PromptEvaluated, PromptProgress
from app.engine.interruption import Interruption
from app.engine.requests import GenerationRequest, LoadRequest, PromptMessage, PromptRequest
from app.settings.values import LoadSettings, SamplingSettings
from tests.conftest import Campaign
from tests.engine.conftest import Run, ignore, load
from tests.engine.memories import say
from tests.engine.stories import Reply, ask, user
from tests.gguf_files import HYBRID, TinyModel

EXACT = SamplingSettings(temperature=0.0, seed=7, max_tokens=24)
PROMPT_TOKENS = 4000
CONTEXT = 6144
PROMISED_S = 0.2
GENEROUS_S = 2.0
"""What a sample asks for on a machine that others use too; the whole campaign asks for what is promised."""
LATEST = 0.7
"""In which part of the prompt a stop comes at the latest; the rest is more than one slice."""
SOON = 0.1
"""In which part a sample stops the starter model at the latest: all of the prompt takes a busy machine a minute."""
SENTENCE = "The llama looks over the fence and wonders. "
SHARED_CHARACTERS = 700
"""How much of a stopped prompt the next one begins with."""
READ_CHARACTERS = 2600
"""So much that a whole slice is read, as it was by the engine that was stopped."""
KINDS = {
    "dense": TinyModel(layers=4, n_ctx_train=8192),
    "sliding": TinyModel("gemma3", layers=6, sliding_window=64, n_ctx_train=8192),
    "recurrent": TinyModel("mamba", layers=4, n_ctx_train=8192),
    "hybrid": TinyModel(HYBRID, layers=4, n_ctx_train=8192),
}


TELLS_THE_NEXT_ORDER = """
from app.confined.framing import FrameReader, FrameWriter
from app.confined.process import take_pipes
from app.conversation import FinishReason
from app.engine import wire
from app.engine.events import *
read, write, _ = take_pipes()
reader, writer = FrameReader(read), FrameWriter(write)
say = lambda report: writer.write(wire.encode(report))
reader.read()
say(wire.Loaded(LoadedModel('', 'Odd', 64, 64, 1, 'CPU', 'odd', True)))
reader.read()
say(wire.PromptRead(1, PromptEvaluated(2, 0, 2)))
say(wire.Finished(1, GenerationFinished(FinishReason.STOP, 0, None)))
order = type(wire.decode_order(reader.read())).__name__
say(wire.Described(2, PromptDescription(order, (), (), (), 64, 0)))
reader.read()
"""


class Stops:
    """An engine whose long prompts are stopped, and which is then asked something else."""

    def __init__(self, model: Path, n_sentences: int, folder: Path, *, threads: int | None) -> None:
        self.model = model
        self.latest = LATEST
        self.threads = threads
        self.folder = folder
        self.text = SENTENCE * n_sentences
        self.dice = random.Random(20261123)  # noqa: S311 - only the places of the stops
        self.latencies_s: list[float] = []
        self.reused: list[int] = []
        self.rounded = 0
        self.engine = self._start("stopped")

    def run(self, rounds: int, *, goes_on_to_the_end: bool) -> None:
        """Stop `rounds` times; ask each time for something that begins as the stopped prompt did, or for all of it."""
        with closing(self.engine):
            for _ in range(rounds):
                begun = self._stop_somewhere()
                self._compare(user(f"{begun[:SHARED_CHARACTERS]} Why?"), begun)
                if goes_on_to_the_end:
                    begun = self._stop_somewhere()
                    self._compare(user(f"{begun} Why?"), begun)

    def tell(self, what: str) -> float:
        """Say how long the stops took, and give the longest."""
        worst, middle = max(self.latencies_s), statistics.median(self.latencies_s)
        say(
            f"{what}: {len(self.latencies_s)} stops in a prompt of {PROMPT_TOKENS:,} tokens: median "
            f"{middle * 1000:.0f} ms, worst {worst * 1000:.0f} ms; {len(self.reused)} next replies, which reused "
            f"{min(self.reused)} to {max(self.reused)} tokens: {len(self.reused) - self.rounded} as by a fresh engine, "
            f"{self.rounded} as by one that read the same beginning and was never stopped"
        )
        return worst

    def _start(self, name: str) -> ChildProcessEngine:
        engine = ChildProcessEngine(own_command("--engine"), self.folder / f"{name}.log")
        load(engine, self.model, context=CONTEXT, threads=self.threads)
        return engine

    def _stop_somewhere(self) -> str:
        """Begin a prompt that is new from its first words on, stop at any moment of any slice, and give its text."""
        text = f"{self.dice.randrange(10**6)} {self.text}"
        place, interruption = self.dice.uniform(0.0, self.latest), Interruption()
        stopper, heard, before = _Stopper(interruption), list[GenerationEvent](), time.monotonic()
        for event in self.engine.generate(GenerationRequest(PromptRequest((user(text),)), EXACT), interruption):
            heard.append(event)
            if isinstance(event, PromptProgress) and event.done >= place * event.total:
                assert event.total >= PROMPT_TOKENS
                stopper.stop_within(self.dice.uniform(0.0, time.monotonic() - before))
            before = time.monotonic()
        self.latencies_s.append(stopper.seconds_since())
        assert Reply(tuple(heard)).finished.reason is FinishReason.CANCELLED
        assert not any(isinstance(event, PromptEvaluated) for event in heard)
        return text

    def _compare(self, message: PromptMessage, begun: str) -> None:
        """The reply of the engine that was stopped is that of one that has read nothing else.

        Where the two part the prompt differently, rounding may choose another word: then the reply is, to the token,
        that of an engine that has read as much of the same beginning, and was never stopped.
        """
        reply = ask(self.engine, message, sampling=EXACT)
        self.reused.append(reply.prompt.reused)
        fresh = self._ask_another(message)
        assert reply.prompt.tokens == fresh.prompt.tokens
        if (reply.text, reply.tokens) != (fresh.text, fresh.tokens):
            self.rounded += 1
            unstopped = self._ask_another(user(begun[:READ_CHARACTERS]), message)
            assert reply.prompt.reused == unstopped.prompt.reused
            assert (reply.text, reply.tokens) == (unstopped.text, unstopped.tokens)

    def _ask_another(self, *messages: PromptMessage) -> Reply:
        """Give what a new engine says to the last of `messages`, each of which begins a conversation."""
        with closing(self._start("another")) as engine:
            return [ask(engine, message, sampling=EXACT) for message in messages][-1]


class _Stopper:
    """Requests an interruption from another thread, once."""

    def __init__(self, interruption: Interruption) -> None:
        self._interruption = interruption
        self._timer: threading.Timer | None = None
        self._asked_at: float | None = None

    def stop_within(self, seconds: float) -> None:
        """Stop so much later."""
        if self._timer is None:
            self._timer = threading.Timer(seconds, self._stop)
            self._timer.start()

    def seconds_since(self) -> float:
        """How long ago it was requested."""
        assert self._asked_at is not None, "the prompt was read before it could be stopped"
        return time.monotonic() - self._asked_at

    def _stop(self) -> None:
        self._asked_at = time.monotonic()
        self._interruption.request()


@pytest.mark.parametrize("kind", KINDS)
def test_a_stop_that_comes_too_late_ends_nothing_else(run: Run, kind: str) -> None:
    """Somebody presses stop just after the last word: what is read ahead then is read to its end."""
    engine, late = run(replace(KINDS[kind], n_ctx_train=2048)), Interruption()
    assert ask(engine, user("Tell."), interruption=late).finished.reason is FinishReason.LENGTH
    late.request()
    events = list(engine.warm(PromptRequest((user(SENTENCE * 3),)), Interruption()))
    assert isinstance(events[-1], PromptEvaluated)


def test_a_reply_that_has_ended_is_not_cancelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next order after a whole reply is the next thing that somebody asks for."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    engine = ChildProcessEngine([sys.executable, "-c", TELLS_THE_NEXT_ORDER], tmp_path / "engine.log")
    with closing(engine):
        engine.load(LoadRequest(tmp_path, LoadSettings()), ignore, Interruption())
        assert ask(engine, user("Tell.")).finished.reason is FinishReason.STOP
        assert engine.describe_prompt(PromptRequest((user("Tell."),))).text == "Describe"


@pytest.mark.campaign
@pytest.mark.parametrize("kind", KINDS)
def test_stopping_in_every_kind_of_memory(kind: str, tmp_path: Path, campaign: Campaign) -> None:
    """What had been read when it was stopped is right, or is read again."""
    stops = Stops(KINDS[kind].write(tmp_path / "model.gguf"), 95, tmp_path, threads=1)
    stops.run(campaign.rounds(sample=1, full=10), goes_on_to_the_end=True)
    assert stops.tell(kind) < (PROMISED_S if campaign.is_full else GENEROUS_S)


@pytest.mark.model
@pytest.mark.campaign
def test_stopping_the_starter_model(starter_model: Path, tmp_path: Path, campaign: Campaign) -> None:
    """A prompt that takes ten seconds and more ends at once, wherever it is."""
    stops = Stops(starter_model, 450, tmp_path, threads=None)
    stops.latest = LATEST if campaign.is_full else SOON
    stops.run(campaign.rounds(sample=2, full=20), goes_on_to_the_end=False)
    assert stops.tell("starter model") < (PROMISED_S if campaign.is_full else GENEROUS_S)

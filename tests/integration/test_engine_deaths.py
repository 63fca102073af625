"""The engine is killed again and again beside a window in use: that lives, says so, loses no word, and goes on."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.chat.idle_work import IdleWork
from app.chat.open_conversation import OpenConversation
from app.conversation import Message, MessageStatus
from app.engine.events import GenerationFinished, ModelLoaded, PieceGenerated, PromptEvaluated
from app.engine.requests import GenerationRequest
from app.engine.worker import EngineFailed, Job, Task, TaskEnded, WorkerEvent
from tests.conftest import Campaign
from tests.gguf_files import TinyModel
from tests.integration.real_use import RealUse, engine_processes, opened_window

pytestmark = [
    pytest.mark.usefixtures("no_tracebacks"),
    pytest.mark.skipif(os.name != "posix", reason="signals"),
]

SLOW = TinyModel(layers=24)
"""Its layers are tiny, but many: it writes about as fast as one can read along."""
REPLY_TOKENS = 48
MOMENTS = ("loading", "reading", "writing")
SIGNALS = (signal.SIGKILL, signal.SIGABRT, signal.SIGSEGV)
CONTEXTS = (2048, 1792)
"""By turns, so that the next message loads the model anew."""
LONG_TEXT = "The llama looks over the fence and wonders. " * 35
QUESTION = "And then?"
DRAFT = "What I have been meaning to ask you for a long time is this: " * 20
CRASH_WORDS = {
    signal.SIGKILL: "ended from outside",
    signal.SIGABRT: "stopped itself",
    signal.SIGSEGV: "crashed",
}


class Watcher:
    """What the engine was last seen doing, by its own events."""

    def __init__(self, use: RealUse) -> None:
        self._doing = "resting"
        self._loaded: list[int] = []
        use.desktop.parts.engine.add_watcher(self._see)

    def doing(self, pid: int) -> str:
        """What the engine process `pid` does: loading until it has said that it is done with that."""
        return self._doing if pid in self._loaded else "loading"

    def _see(self, job: Job, event: WorkerEvent) -> None:
        match event:
            case ModelLoaded():
                self._loaded = engine_processes()
                self._doing = _begins(job.task)
            case PromptEvaluated() | PieceGenerated() if isinstance(job.task, GenerationRequest):
                self._doing = "writing"
            case GenerationFinished() | EngineFailed() | TaskEnded():
                self._doing = "resting"
            case _:
                pass


def _begins(task: Task | None) -> str:
    if task is None:
        return "resting"
    return "reading" if isinstance(task, GenerationRequest) else "work at idle"


class Story:
    """One window, and an engine that dies in it."""

    def __init__(
        self, use: RealUse, dice: random.Random, log: pytest.LogCaptureFixture, model: Path | None = None
    ) -> None:
        """Talk with `model`; None is the starter model. What the window says it also writes to the `log`."""
        self.use = use
        self.log = log
        self.watcher = Watcher(use)
        self.dice = dice
        self.deaths: Counter[str] = Counter()
        settings = use.desktop.parts.settings
        settings.change("sampling.max_tokens", REPLY_TOKENS)
        settings.change("sampling.temperature", 0.0)
        if model is not None:
            use.choose_file(model)

    def die(self, moment: str, number: signal.Signals, round_number: int) -> None:
        """Begin a conversation, lose the engine in it, and go on."""
        self._begin(moment, round_number)
        question, seen = self._wait_for(moment), self.use.shown_reply()
        self.log.clear()
        was_doing = self.kill(number)
        reply = self._ended_reply()
        if reply.status is MessageStatus.ERROR:
            self._assert_told(reply, number)
        else:  # it died while nobody waited for it yet: the message itself brought up the next
            assert reply.status is MessageStatus.COMPLETE
            assert was_doing in {"loading", "work at idle", "resting"}
            assert was_doing != "loading" or CRASH_WORDS[number] in self.log.text
        assert reply.text.startswith(seen)
        self.use.until(lambda: reply.text == self.use.shown_reply())  # it may be on the disk a moment earlier
        assert self.use.messages()[0].text == question.strip()
        self._go_on(reply)
        self.deaths[f"{number.name} while {was_doing}"] += 1

    def _begin(self, moment: str, round_number: int) -> None:
        self.use.desktop.conversations.open_new()
        if moment == "loading":
            self.use.desktop.parts.settings.change("load.context", CONTEXTS[round_number % 2])

    def _wait_for(self, moment: str) -> str:
        """Send something, and wait for a moment of that sort; give what was sent."""
        question, before = LONG_TEXT if moment == "reading" else QUESTION, engine_processes()
        send_at_once(self.use, question)
        match moment:
            case "loading":
                self.use.until(lambda: bool(set(engine_processes()) - set(before)))
                self.let_pass(self.dice.uniform(0.0, 0.25))
            case "reading":
                self.use.until(self._is_reading)
                self.let_pass(self.dice.uniform(0.0, 0.3))
            case _:
                length = self.dice.randrange(1, 150)
                self.use.until(lambda: len(self.use.shown_reply()) > length)
        return question

    def _ended_reply(self) -> Message:
        self.use.until(lambda: self.use.replies()[-1].status is not MessageStatus.STREAMING)
        return self.use.ended_reply(1)

    def let_pass(self, seconds: float) -> None:
        """The moment of a death is any: this is the dice's choice, not a wait for something."""
        end = time.monotonic() + seconds
        self.use.until(lambda: time.monotonic() >= end)

    def _is_reading(self) -> bool:
        return any(self.watcher.doing(pid) == "reading" for pid in engine_processes())

    def kill(self, number: signal.Signals) -> str:
        """End the engine process, and give what it was doing."""
        pid = self.use.engine_pid()
        was_doing = self.watcher.doing(pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        self.use.until(lambda: not lives(pid))
        return was_doing

    def _assert_told(self, reply: Message, number: signal.Signals) -> None:
        assert reply.trouble is not None
        assert CRASH_WORDS[number] in reply.trouble.sentence
        assert reply.trouble.next_step
        self.use.until(lambda: self.use.find("engine_trouble_card").isVisible())

    def _go_on(self, before: Message) -> None:
        """The next message is answered, and what stood there still stands there."""
        self.use.send(QUESTION)
        reply = self.use.ended_reply(2)
        assert reply.status is MessageStatus.COMPLETE, reply.trouble
        assert reply.text
        assert self.use.messages()[1] == before
        assert len(engine_processes()) == 1


def lives(pid: int) -> bool:
    """Whether the process has not ended with all of its threads; whoever waits for it may still not know."""
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None
    except ChildProcessError:
        return False


def send_at_once(use: RealUse, text: str) -> None:
    """Paste a text and send it."""
    use.window.composer.set_text(text)
    use.send("")


@pytest.fixture
def slow_model(tmp_path: Path) -> Path:
    """A model that takes its time."""
    return SLOW.write(tmp_path / "slow.gguf")


@pytest.fixture
def in_use(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[RealUse]:
    """A window that has just been opened on an empty data folder."""
    with opened_window(qapp, qtbot, tmp_path / "home") as use:
        yield use
    assert engine_processes() == []


@pytest.mark.campaign
def test_the_window_outlives_every_death(
    in_use: RealUse, slow_model: Path, campaign: Campaign, caplog: pytest.LogCaptureFixture
) -> None:
    """At load, while the prompt is read, while the reply is written; by each signal."""
    story = Story(in_use, random.Random(20261123), caplog, slow_model)  # noqa: S311 - only the moment of a death
    ways = list(product(SIGNALS, MOMENTS))
    rounds = campaign.rounds(sample=9, full=60)
    for round_number in range(rounds):
        number, moment = ways[round_number % len(ways)]
        story.die(moment, number, round_number)
    print(f"{rounds} deaths of the engine: {dict(sorted(story.deaths.items()))}")  # noqa: T201 - worth seeing
    assert {death.rpartition(" ")[2] for death in story.deaths} >= set(MOMENTS)


@pytest.mark.model
@pytest.mark.campaign
def test_the_window_outlives_deaths_of_the_starter_model(
    in_use: RealUse, campaign: Campaign, caplog: pytest.LogCaptureFixture
) -> None:
    """The same with a model that really speaks."""
    story = Story(in_use, random.Random(1), caplog)  # noqa: S311 - only the moment of a death
    rounds = campaign.rounds(sample=1, full=12)
    for round_number in range(rounds):
        story.die(("reading", "writing")[round_number % 2], SIGNALS[round_number % 3], round_number)
    print(f"{rounds} deaths with the starter model: {dict(sorted(story.deaths.items()))}")  # noqa: T201 - worth seeing


@pytest.mark.campaign
def test_nobody_loses_a_word_when_the_engine_dies_at_idle(
    in_use: RealUse, slow_model: Path, campaign: Campaign, caplog: pytest.LogCaptureFixture
) -> None:
    """While a draft is read ahead, and while a conversation is put on the disk: nobody waits for either."""
    story, died = Story(in_use, random.Random(20261123), caplog, slow_model), Counter[str]()  # noqa: S311 - as above
    rounds = campaign.rounds(sample=2, full=24)
    for round_number in range(rounds):
        in_use.desktop.conversations.open_new()
        in_use.send(QUESTION)
        before = in_use.ended_reply(1)
        assert before.status is MessageStatus.COMPLETE
        is_keeping, pid = bool(round_number % 2), in_use.engine_pid()
        in_use.write("Meanwhile")
        begin_idle_work(in_use, is_keeping=is_keeping)
        story.let_pass(story.dice.uniform(0.0, 0.02 if is_keeping else 0.3))
        assert engine_processes() == [pid], "the model was loaded anew while nobody waited"
        story.kill(SIGNALS[round_number % 3])
        died["keeping" if is_keeping else "reading ahead"] += 1
        assert in_use.window.composer.text() == "Meanwhile"
        in_use.send("")
        after = in_use.ended_reply(2)
        assert after.status is MessageStatus.COMPLETE, after.trouble
        assert [message.text for message in in_use.messages()][:3] == [QUESTION, before.text, "Meanwhile"]
    print(f"{rounds} deaths at idle: {dict(died)}")  # noqa: T201 - worth seeing


def begin_idle_work(use: RealUse, *, is_keeping: bool) -> None:
    """Have the engine work while nobody waits."""
    parts, how = use.desktop.parts, use.desktop.models.turn_settings()
    conversation = use.desktop.conversations.conversation
    assert how is not None
    assert conversation is not None
    opened = OpenConversation(
        parts.store, parts.engine, lambda act: act(), conversation, parts.store.branch(conversation.id)
    )
    idle = IdleWork(parts.engine, lambda act: act(), lambda: True)
    if is_keeping:
        idle.keep(opened, how.load)
    else:
        idle.read_ahead(opened, how, DRAFT)

"""An engine that does not answer any more is told from one that takes long, and is ended."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.confined.process import own_command
from app.engine import wire
from app.engine.child_process import ChildProcessEngine
from app.engine.engine import EngineDiedError
from app.engine.engine_process import HangLimits
from app.engine.events import PieceGenerated
from app.engine.interruption import Interruption
from app.engine.pulse import Pulse
from app.engine.requests import GenerationRequest, PromptRequest
from app.settings.values import SamplingSettings
from tests.engine.conftest import load
from tests.engine.stories import ask, user

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")

LIMITS = HangLimits(silence_s=1.0, beat_s=0.1)
LONGER_THAN_THE_LIMIT_S = 2.5
STUCK = """
from app.engine import process_main
def build_one_that_gets_stuck(pulse, build=process_main._build_engine):
    engine = build(pulse)
    def stuck(request, interruption):
        while True:
            pass
    engine.generate = stuck
    return engine
process_main._build_engine = build_one_that_gets_stuck
process_main.main()
"""
SPEAKS = """
import threading
from app.confined.framing import FrameReader, FrameWriter
from app.confined.process import take_pipes
from app.engine import wire
from app.engine.events import *
from app.conversation import FinishReason
read, write, _ = take_pipes()
reader, writer = FrameReader(read), FrameWriter(write)
say = lambda report: writer.write(wire.encode(report))
reader.read()
say(wire.Loaded(LoadedModel('', 'Odd', 64, 64, 1, 'CPU', 'odd', True)))
reader.read()
wait = threading.Event().wait
"""
FINISH = "say(wire.Finished(1, GenerationFinished(FinishReason.STOP, 0, None)))\nreader.read()\n"


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let programs that a test starts find the application."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parent.parent.parent))


@pytest.fixture
def impatient(tmp_path: Path) -> Iterator[ChildProcessEngine]:
    """A real engine that is watched with little patience."""
    engine = ChildProcessEngine(own_command("--engine"), tmp_path / "engine.log", LIMITS)
    yield engine
    engine.close()


def odd_engine(tmp_path: Path, program: str) -> ChildProcessEngine:
    """An engine whose process does what `program` says once it is asked for a reply."""
    return ChildProcessEngine([sys.executable, "-c", SPEAKS + program], tmp_path / "odd.log", LIMITS)


def test_a_process_that_stands_still_is_ended_and_said(impatient: ChildProcessEngine, tiny_llama: Path) -> None:
    """Stopped in the middle of a reply it sends nothing more: that is said, and the next message is answered."""
    load(impatient, tiny_llama)
    request = GenerationRequest(PromptRequest((user("Tell."),)), SamplingSettings(temperature=0.0, seed=7))
    events = impatient.generate(request, Interruption())
    while not isinstance(next(events), PieceGenerated):
        pass
    assert impatient.process_id is not None
    os.kill(impatient.process_id, signal.SIGSTOP)
    with pytest.raises(EngineDiedError, match="did not answer any more") as caught:
        list(events)
    assert "A new engine starts with your next step" in caught.value.next_step
    assert impatient.loaded is None
    load(impatient, tiny_llama)
    assert ask(impatient, user("Tell.")).text


def test_a_loop_without_end_is_ended_and_said(tmp_path: Path, tiny_llama: Path) -> None:
    """Its pulse beats on, but nothing is done any more: the details say what it was at."""
    engine = ChildProcessEngine([sys.executable, "-c", STUCK], tmp_path / "stuck.log", LIMITS)
    load(engine, tiny_llama)
    with pytest.raises(EngineDiedError, match="did not answer any more") as caught:
        ask(engine, user("Tell."))
    assert "last seen doing: other" in caught.value.details
    engine.close()


def test_a_process_that_says_nothing_while_it_loads(tmp_path: Path) -> None:
    """Nor does a load wait for ever for its first word."""
    limits = HangLimits(silence_s=0.5, start_s=0.5, beat_s=0.1)
    mute = "import time\ntime.sleep(600)\n"
    engine = ChildProcessEngine([sys.executable, "-c", mute], tmp_path / "mute.log", limits)
    with pytest.raises(EngineDiedError, match="did not answer any more") as caught:
        load(engine, tmp_path)
    assert "last seen: silent" in caught.value.details


def test_a_long_decode_is_no_standstill(tmp_path: Path) -> None:
    """A large model on a small laptop may take a minute for one slice of a prompt; its pulse says so."""
    beats = f"for _ in range({int(LONGER_THAN_THE_LIMIT_S / 0.1)}):\n    say(wire.Beat('decode', 7))\n    wait(0.1)\n"
    engine = odd_engine(tmp_path, beats + FINISH)
    load(engine, tmp_path)
    assert ask_odd(engine) == 1
    engine.close()


def test_many_short_steps_are_no_standstill(tmp_path: Path) -> None:
    """As long as something is done between two beats, it goes on."""
    beats = f"for i in range({int(LONGER_THAN_THE_LIMIT_S / 0.1)}):\n    say(wire.Beat('other', i))\n    wait(0.1)\n"
    engine = odd_engine(tmp_path, beats + FINISH)
    load(engine, tmp_path)
    assert ask_odd(engine) == 1
    engine.close()


def test_an_application_that_does_not_listen_is_not_the_engines_fault(tmp_path: Path) -> None:
    """While nobody waits for a report, nothing is counted: neither between two replies nor in the middle of one."""
    first = "say(wire.PromptRead(1, PromptEvaluated(2, 0, 2)))\n"
    engine = odd_engine(tmp_path, first + f"wait({LONGER_THAN_THE_LIMIT_S})\n" + FINISH)
    load(engine, tmp_path)
    pause = threading.Event()
    pause.wait(1.5 * LIMITS.silence_s)
    request = GenerationRequest(PromptRequest((user("Tell."),)), SamplingSettings())
    events = engine.generate(request, Interruption())
    next(events)
    pause.wait(LONGER_THAN_THE_LIMIT_S)  # the process is silent meanwhile
    assert len(list(events)) == 1
    engine.close()


def ask_odd(engine: ChildProcessEngine) -> int:
    """Ask for a reply, and tell how many events came."""
    request = GenerationRequest(PromptRequest((user("Tell."),)), SamplingSettings())
    return len(list(engine.generate(request, Interruption())))


def test_the_pulse_beats_only_at_work() -> None:
    """Each beat says what is done and how much has been; at rest there is none."""
    beats: list[wire.Beat] = []
    came = threading.Event()

    def send(beat: wire.Beat) -> None:
        beats.append(beat)
        came.set()

    def decode(number: int) -> int:
        beats.clear()
        came.clear()
        assert came.wait(10)
        return number

    pulse = Pulse(send, 0.01)
    pulse.start()
    assert not came.wait(0.1)
    with pulse.at_work(), pulse.doing("keep"):
        assert came.wait(10)
    assert beats[0] == wire.Beat("keep", 0)
    with pulse.at_work():
        assert pulse.announced(decode, "decode")(3) == 3
    assert wire.Beat("decode", 1) in beats
    with pulse.at_work():
        came.clear()
        beats.clear()
        assert came.wait(10)
    assert beats[-1] == wire.Beat("other", 2)


def test_a_pulse_ends_when_nobody_listens() -> None:
    """The application is gone: its thread ends, and nothing is printed."""
    heard = threading.Event()

    def send(_beat: wire.Beat) -> None:
        heard.set()
        raise BrokenPipeError

    pulse = Pulse(send, 0.01)
    before = set(threading.enumerate())
    pulse.start()
    (thread,) = set(threading.enumerate()) - before
    with pulse.at_work():
        assert heard.wait(10)
        thread.join(10)
    assert not thread.is_alive()

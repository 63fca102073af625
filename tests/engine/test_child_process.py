"""The engine in a process of its own, with tiny models: replies, stops, crashes, and what is no engine at all."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import threading
from collections.abc import Generator
from pathlib import Path

import psutil
import pytest

from app.confined.process import own_command
from app.conversation import FinishReason
from app.engine.child_process import ChildProcessEngine
from app.engine.engine import EngineDiedError, EngineError, InterruptedLoadError, ModelFileError, PromptTooLongError
from app.engine.events import GenerationEvent, LoadProgress, PieceGenerated
from app.engine.interruption import Interruption
from app.engine.requests import GenerationRequest, LoadRequest, PromptRequest
from app.settings.values import LoadSettings, SamplingSettings
from tests.conftest import Campaign
from tests.engine.conftest import ignore, load
from tests.engine.stories import GREEDY, Reply, ask, assistant, user
from tests.gguf_files import TinyModel, write_vocabulary_only

LONG_TALK = SamplingSettings(temperature=0.0, seed=7)
SPEAKS = """
import sys, time
from app.confined.framing import FrameReader, FrameWriter
from app.confined.process import take_pipes
from app.engine import wire
from app.engine.events import *
read, write, _ = take_pipes()
reader, writer = FrameReader(read), FrameWriter(write)
say = lambda report: writer.write(wire.encode(report))
reader.read()
"""
LOADED = "say(wire.Loaded(LoadedModel('', 'Odd', 64, 64, 1, 'CPU', 'odd', True)))\n"


def begin(
    engine: ChildProcessEngine, interruption: Interruption | None = None
) -> Generator[GenerationEvent, None, None]:
    """Begin a reply that would take long, and wait for its first piece."""
    request = GenerationRequest(PromptRequest((user("Tell."),)), LONG_TALK)
    events = engine.generate(request, interruption or Interruption())
    while not isinstance(next(events), PieceGenerated):
        pass
    return events


def odd_engine(tmp_path: Path, program: str) -> ChildProcessEngine:
    """An engine whose process does what `program` says."""
    return ChildProcessEngine([sys.executable, "-c", SPEAKS + program], tmp_path / "odd.log")


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let programs that a test starts find the application."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent.parent))


def test_a_reply_comes_over_the_pipe(child: ChildProcessEngine, tiny_llama: Path) -> None:
    """The other process answers, tells what it was made with, and reuses what it has read."""
    request = load(child, tiny_llama)
    assert child.loaded == request
    reply = ask(child, user("Tell."))
    assert reply.finished.tokens == len(reply.tokens) == GREEDY.max_tokens
    assert reply.finished.receipt is not None
    second = ask(child, user("Tell."), assistant(reply.text), user("More."))
    assert second.prompt.reused >= reply.prompt.tokens


def test_loading_tells_how_far_it_is(child: ChildProcessEngine, tiny_llama: Path) -> None:
    """Fractions grow to 1, and the path is the one that was asked for."""
    fractions: list[LoadProgress] = []
    model = child.load(LoadRequest(tiny_llama, LoadSettings(context=512)), fractions.append, Interruption())
    assert (model.path, model.n_ctx, model.name) == (str(tiny_llama), 512, "Tiny")
    values = [event.fraction for event in fractions]
    assert values == sorted(values)
    assert (values[0], values[-1]) == (0.0, 1.0)


def test_a_file_whose_name_is_no_text(child: ChildProcessEngine, tiny_llama: Path, tmp_path: Path) -> None:
    """A name that some other system wrote is a name all the same."""
    odd = tmp_path / os.fsdecode(b"gr\xfc\xdf.gguf")
    odd.write_bytes(tiny_llama.read_bytes())
    load(child, odd)
    assert ask(child, user("Tell.")).text


def test_the_engine_process_knows_no_window(child: ChildProcessEngine, tiny_llama: Path, tmp_path: Path) -> None:
    """Nothing of Qt, of the window, of storage or of the network is loaded in it."""
    program = (
        "import sys\nfrom app.engine.process_main import main\nimport os\n"
        "leave = os._exit\n"
        "def tell(code):\n"
        "    print('MODULES', *sys.modules, flush=True)\n    leave(code)\n"
        "os._exit = tell\nmain()\n"
    )
    engine = ChildProcessEngine([sys.executable, "-c", program], tmp_path / "modules.log")
    load(engine, tiny_llama)
    ask(engine, user("Tell."))
    engine.close()
    told = next(line for line in (tmp_path / "modules.log").read_text().splitlines() if line.startswith("MODULES"))
    modules = set(told.split())
    assert "llama_cpp.llama_cpp" in modules
    foreign = ("PySide6", "sqlite3", "huggingface_hub", "httpx", "app.ui", "app.storage", "app.models", "app.chat")
    assert not [module for module in modules if module.startswith(foreign)]


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (signal.SIGKILL, "ended from outside Paddock"),
        (signal.SIGABRT, "stopped itself"),
        (signal.SIGSEGV, "The engine crashed"),
        (signal.SIGBUS, "a part of the model file could not be read"),
        (signal.SIGILL, "built for another processor"),
    ],
)
def test_a_death_is_told_and_the_next_load_works(
    child: ChildProcessEngine, tiny_llama: Path, number: signal.Signals, sentence: str
) -> None:
    """What is known of a death is a sentence; code and last log lines are its details; then all goes on."""
    load(child, tiny_llama)
    events = begin(child)
    assert child.process_id is not None
    os.kill(child.process_id, number)
    with pytest.raises(EngineDiedError, match=sentence) as caught:
        list(events)
    assert caught.value.details.startswith(f"exit code {-number}\n")
    assert len(caught.value.details.splitlines()) > 3
    assert child.loaded is None
    assert child.process_id is None
    load(child, tiny_llama)
    assert ask(child, user("Tell.")).finished.tokens == GREEDY.max_tokens


def test_a_model_file_that_changed_is_named(child: ChildProcessEngine, tmp_path: Path) -> None:
    """A file that somebody cut short while it was mapped takes the engine with it, and is said to have changed."""
    path = TinyModel(layers=40).write(tmp_path / "changing.gguf")
    load(child, path)
    events = begin(child)
    os.truncate(path, 4096)
    with pytest.raises(EngineDiedError, match=r"the model file changed while it was loaded.*changing\.gguf"):
        list(events)


def test_a_death_between_two_replies_is_noticed(child: ChildProcessEngine, tiny_llama: Path) -> None:
    """Nothing is loaded any more, and whoever asks all the same is told why."""
    load(child, tiny_llama)
    process = child.process_id
    assert process is not None
    os.kill(process, signal.SIGKILL)
    os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)  # until it is dead, and not yet taken note of
    with pytest.raises(EngineDiedError, match="ended from outside"):
        ask(child, user("Tell."))
    assert child.loaded is None
    with pytest.raises(EngineError, match="No model is loaded"):
        ask(child, user("Tell."))


def test_another_model_is_another_process(child: ChildProcessEngine, tiny_llama: Path, tmp_path: Path) -> None:
    """One process holds one model; the one before is gone, with its memory."""
    load(child, tiny_llama)
    first = child.process_id
    load(child, TinyModel(seed=2).write(tmp_path / "other.gguf"))
    assert child.process_id != first
    assert first is not None
    assert not psutil.pid_exists(first)
    child.unload()
    assert child.process_id is None


def test_closing_a_reply_early_leaves_nothing_behind(child: ChildProcessEngine, tiny_llama: Path) -> None:
    """What was already on its way does not appear in the next reply."""
    load(child, tiny_llama)
    expected = ask(child, user("Why?"))
    for _ in range(5):
        begin(child).close()
        assert ask(child, user("Why?")).tokens == expected.tokens


def test_stopping_ends_the_reply_with_its_words(child: ChildProcessEngine, tiny_llama: Path) -> None:
    """Cancelled comes last, the process lives on, and the next reply is as always."""
    load(child, tiny_llama)
    expected = ask(child, user("Why?"))
    interruption = Interruption()
    events = begin(child, interruption)
    process = child.process_id
    interruption.request()
    reply = Reply(tuple(events))
    assert reply.finished.reason is FinishReason.CANCELLED
    assert child.process_id == process
    assert ask(child, user("Why?")).tokens == expected.tokens


def test_the_interruption_of_a_load_does_not_end_a_later_reply(child: ChildProcessEngine, tiny_llama: Path) -> None:
    """One job loads and generates with one interruption: stopping the reply must not kill the process."""
    interruption = Interruption()
    child.load(LoadRequest(tiny_llama, LoadSettings(context=1024, threads=1)), ignore, interruption)
    events = begin(child, interruption)
    interruption.request()
    assert Reply(tuple(events)).finished.reason is FinishReason.CANCELLED
    assert child.loaded is not None


def test_a_load_can_be_stopped(child: ChildProcessEngine, tiny_llama: Path) -> None:
    """Stopping ends the process; nothing is loaded, and the next load works."""
    interruption = Interruption()

    def stop(_event: LoadProgress) -> None:
        interruption.request()

    with pytest.raises(InterruptedLoadError):
        child.load(LoadRequest(tiny_llama, LoadSettings()), stop, interruption)
    assert child.process_id is None
    with pytest.raises(InterruptedLoadError):
        child.load(LoadRequest(tiny_llama, LoadSettings()), ignore, interruption)
    load(child, tiny_llama)


def test_an_error_of_the_engine_is_an_error_here(child: ChildProcessEngine, tiny_llama: Path, tmp_path: Path) -> None:
    """A message that is too long, and a file that is no model, come with their own sentence."""
    load(child, tiny_llama)
    with pytest.raises(PromptTooLongError, match="the context window holds 1,024"):
        ask(child, user("much " * 400))
    assert ask(child, user("Little.")).text
    with pytest.raises(ModelFileError, match="holds only a vocabulary, no model"):
        load(child, write_vocabulary_only(tmp_path / "vocabulary.gguf"))
    assert child.loaded is None


def test_the_log_is_private_and_says_what_llama_cpp_said(
    child: ChildProcessEngine, tiny_llama: Path, tmp_path: Path
) -> None:
    """What was loaded stands in it, the words of the conversation do not."""
    load(child, tiny_llama)
    ask(child, user("The secret word is rhododendron."))
    log = tmp_path / "engine.log"
    assert "llama_model_loader" in log.read_text()
    assert "rhododendron" not in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


def test_closing_the_engine_ends_its_process(tmp_path: Path, tiny_llama: Path) -> None:
    """Also in the middle of a reply; twice does no harm."""
    engine = ChildProcessEngine(own_command("--engine"), tmp_path / "engine.log")
    load(engine, tiny_llama)
    begin(engine)
    process = engine.process_id
    engine.close()
    engine.close()
    assert process is not None
    assert not psutil.pid_exists(process)


@pytest.mark.parametrize(
    "nonsense",
    [
        "writer.write(b'hello')\n",
        "import os; os.write(write, bytes([255] * 8)); time.sleep(60)\n",
        "say(wire.PromptStep(1, PromptProgress(1, 2)))\n",
        "say(wire.Failed(3, 'EngineError', '', '', '', {}, 'file'))\n",
    ],
)
def test_nonsense_while_loading_ends_the_process(tmp_path: Path, nonsense: str) -> None:
    """What is no message, or comes at the wrong time, is not believed; the process is gone."""
    engine = odd_engine(tmp_path, nonsense + "time.sleep(60)\n")
    with pytest.raises(EngineDiedError, match="sent something that makes no sense"):
        load(engine, tmp_path)
    assert engine.process_id is None


@pytest.mark.parametrize(
    "nonsense",
    [
        "writer.write(b'')\n",
        LOADED,
        "say(wire.Piece(2, PieceGenerated('a')))\n",
        "say(wire.Piece(0, PieceGenerated('a')))\n",
    ],
)
def test_nonsense_while_generating_ends_the_process(tmp_path: Path, nonsense: str) -> None:
    """A piece for a reply that nobody asked for is no piece."""
    engine = odd_engine(tmp_path, LOADED + "reader.read()\n" + nonsense + "time.sleep(60)\n")
    load(engine, tmp_path)
    with pytest.raises(EngineDiedError, match="sent something that makes no sense"):
        ask(engine, user("Tell."))
    assert engine.loaded is None


def test_a_process_that_fails_at_once(tmp_path: Path) -> None:
    """A bug in the engine process is told with its traceback as details."""
    engine = odd_engine(tmp_path, "raise RuntimeError('a bug')\n")
    with pytest.raises(EngineDiedError, match="ended by itself") as caught:
        load(engine, tmp_path)
    assert "RuntimeError: a bug" in caught.value.details


def test_a_program_that_cannot_be_started(tmp_path: Path) -> None:
    """An installation that lost its engine says so."""
    engine = ChildProcessEngine([str(tmp_path / "gone")], tmp_path / "engine.log")
    with pytest.raises(EngineError, match="could not be started"):
        load(engine, tmp_path)


def test_an_engine_that_does_not_listen_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop always stops: what does not end by itself loses its process, and the reply its words not."""
    monkeypatch.setattr("app.engine.child_process._PATIENCE_S", 0.1)
    deaf = (
        "reader.read()\nsay(wire.PromptRead(1, PromptEvaluated(2, 0, 2)))\n"
        "say(wire.Piece(1, PieceGenerated('Once', (5,))))\ntime.sleep(600)\n"
    )
    engine = odd_engine(tmp_path, LOADED + deaf)
    load(engine, tmp_path)
    interruption = Interruption()
    events = engine.generate(GenerationRequest(PromptRequest((user("Tell."),)), GREEDY), interruption)
    heard = [next(events), next(events)]
    threading.Thread(target=interruption.request).start()
    reply = Reply((*heard, *events))
    assert (reply.text, reply.finished.reason, reply.finished.tokens) == ("Once", FinishReason.CANCELLED, 1)
    assert engine.loaded is None


def test_the_engine_option_is_of_no_use_by_itself() -> None:
    """Somebody who types it is told so."""
    import subprocess

    done = subprocess.run(own_command("--engine"), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "of no use by itself" in done.stderr


@pytest.mark.campaign
def test_a_damaged_file_never_reaches_beyond_its_process(
    child: ChildProcessEngine, tiny_llama: Path, tmp_path: Path, campaign: Campaign
) -> None:
    """Whatever three bytes of a model's header are others: it loads and writes, or is one error."""
    sound = tiny_llama.read_bytes()
    draw = random.Random(20261123)  # noqa: S311 - damage, not a secret
    for number in range(campaign.rounds(sample=6, full=300)):
        content = bytearray(sound)
        for _ in range(3):
            content[draw.randrange(12000)] = draw.randrange(256)
        damaged = tmp_path / f"damaged-{number}.gguf"
        damaged.write_bytes(content)
        with contextlib.suppress(EngineError):
            load(child, damaged)
            ask(child, user("Tell."))
        damaged.unlink()
    load(child, tiny_llama)
    assert ask(child, user("Tell.")).finished.tokens == GREEDY.max_tokens

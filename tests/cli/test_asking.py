"""A question on its way, while something around it goes wrong: a disk that is full, an impatient hand."""

from __future__ import annotations

import argparse
import json
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import replace
from gettext import NullTranslations
from pathlib import Path

import pytest
from typing_extensions import override

from app.chat.turn import TurnSettings
from app.cli import asking
from app.cli.answer_notices import AnswerWishes
from app.cli.arguments import parse
from app.cli.ask import ask
from app.cli.ask_output import JsonOutput, TextOutput
from app.cli.asking import Asking
from app.cli.exit_status import FAILED, STOPPED_BY_USER
from app.cli.prompt import prompt
from app.cli.replay import Repeating
from app.cli.replay_source import ReplaySource
from app.conversation import FinishReason, MessageStatus, ModelIdentity
from app.engine.engine import TightMemoryError
from app.engine.events import Concession, GenerationFinished, LoadProgress, PieceGenerated
from app.engine.requests import Grammar, GrammarKind, LoadRequest
from app.engine.worker import EngineWorker, WorkerEvent
from app.models.hashes import FileHashes, HashError
from app.models.library import ModelLibrary
from app.models.speeds import Speeds
from app.online_parts import OnlineParts
from app.parts import Parts
from app.paths import find_paths
from app.settings.file import SettingsFile
from app.settings.values import LoadSettings, SamplingSettings
from app.storage.conversations import ConversationStore
from app.storage.errors import StorageError
from app.workshop.machine_look import MachineLook
from tests.fakes import FakeEngine, Pause
from tests.gguf_files import TinyModel

HOW = TurnSettings(ModelIdentity("Tiny"), LoadRequest(Path("tiny.gguf"), LoadSettings()), SamplingSettings())
LONG = "a word that is not saved " * 20_000


@pytest.fixture
def engine() -> FakeEngine:
    """An engine that writes what a test says."""
    return FakeEngine()


@pytest.fixture
def parts(paddock_home: Path, engine: FakeEngine) -> Iterator[Parts]:
    """All parts of a command, with a real database."""
    paths = find_paths(paddock_home)
    paths.create()
    worker = EngineWorker(engine)
    settings, hashes = SettingsFile(paths.settings), FileHashes(paths.model_hashes)
    online = OnlineParts(paths, settings, hashes)
    with closing(worker), closing(online), closing(ConversationStore.open(paths)) as store:
        worker.start()
        yield Parts(
            paths=paths,
            settings=settings,
            models=ModelLibrary(paths, None),
            hashes=hashes,
            engine=worker,
            online=online,
            speeds=Speeds(paths.speeds, online.notice),
            machine=MachineLook(paths, settings),
            store=store,
        )


def limit(store: ConversationStore, pages: int) -> None:
    """Let the writing connection find the disk full beyond so many pages; it never takes pages away."""

    def set_limit(connection: sqlite3.Connection) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}").fetchall()

    store._writer.submit(set_limit).result()  # pyright: ignore[reportPrivateUsage] - only its own connection can be limited


class FillingOutput(TextOutput):
    """Fills the disk when the first piece has been saved, and lets the engine go on only then."""

    def __init__(self, store: ConversationStore, pause: Pause) -> None:
        super().__init__()
        self._store = store
        self._pause = pause
        self._is_full = False

    @override
    def progressed(self, event: WorkerEvent) -> None:
        super().progressed(event)
        if isinstance(event, PieceGenerated) and not self._is_full:
            self._is_full = True
            conversation = self._store.conversations()[0]
            while self._store.branch(conversation.id)[-1].text != event.text:
                time.sleep(0.01)  # until the writer's thread has done it
            limit(self._store, 1)
            self._pause.go_on()


def test_a_full_disk_ends_no_answer_and_promises_nothing(
    parts: Parts, engine: FakeEngine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All is printed that comes; then it is said what is lost, and what the disk has."""
    monkeypatch.setattr(asking, "DISK_PATIENCE_S", 0.2)
    pause = Pause()
    engine.will_stream("This was saved.", pause, LONG, "The end.")
    status = Asking(parts, parts.store, None, FillingOutput(parts.store, pause)).run("Hello", HOW)
    printed = capsys.readouterr()
    assert status == FAILED
    assert printed.out == f"This was saved.{LONG}The end.\n"
    assert printed.err == (
        "The disk is full. The end of the answer above could not be saved."
        " What was saved ends with “…This was saved.”.\n"
    )


GERMAN = {
    "The disk is full.": "Die Platte ist voll.",
    "The context window has {n_ctx} tokens.": "Das Kontextfenster hat {n_ctx} Token.",
}


class GermanCatalogue(NullTranslations):
    """Knows two sentences."""

    @override
    def gettext(self, message: str) -> str:
        return GERMAN.get(message, message)


def test_a_full_disk_is_told_of_in_the_users_language(
    parts: Parts, engine: FakeEngine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reason too, though it stands inside of another sentence."""
    monkeypatch.setattr(asking, "DISK_PATIENCE_S", 0.2)
    monkeypatch.setattr("app.translation._catalogue", GermanCatalogue())
    engine.will_stream("This was saved.", pause := Pause(), LONG)
    assert Asking(parts, parts.store, None, FillingOutput(parts.store, pause)).run("Hello", HOW) == FAILED
    assert capsys.readouterr().err.startswith("Die Platte ist voll. The end of the answer above could not be saved.")


def test_a_disk_that_has_room_again_loses_nothing(
    parts: Parts, engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command is patient for some seconds behind the last word."""
    pause = Pause()
    engine.will_stream("This was saved.", pause, LONG)
    command = Asking(parts, parts.store, None, FillingOutput(parts.store, pause))
    command_hears = parts.store.on_trouble
    assert command_hears is not None

    def make_room(trouble: StorageError | None) -> None:
        command_hears(trouble)
        if trouble is not None:  # on the writer's own thread, which must not wait for itself
            threading.Thread(target=limit, args=(parts.store, 1_000_000)).start()

    parts.store.on_trouble = make_room
    assert command.run("Hello", HOW) == 0
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == (f"This was saved.{LONG}\n", "")
    conversation = parts.store.conversations()[0]
    assert parts.store.branch(conversation.id)[-1].text == f"This was saved.{LONG}"


class ImpatientOutput(JsonOutput):
    """Presses Ctrl-C while a piece is being printed."""

    @override
    def progressed(self, event: WorkerEvent) -> None:
        if isinstance(event, PieceGenerated):
            signal.raise_signal(signal.SIGINT)
        super().progressed(event)


def test_ctrl_c_cuts_no_line_in_half(parts: Parts, engine: FakeEngine, capsys: pytest.CaptureFixture[str]) -> None:
    """What is being printed is printed, and the stream has its end."""
    pause = Pause()
    engine.will_stream("A piece.", pause, "Never seen.")
    assert Asking(parts, parts.store, None, ImpatientOutput(named=True)).run("Hello", HOW) == STOPPED_BY_USER
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["event"] for line in lines if line["event"] != "loading"] == ["prompt", "piece", "finished"]
    assert lines[-1]["reason"] == "cancelled"
    assert parts.store.message(lines[-1]["message"]).status is MessageStatus.CANCELLED


class HastyOutput(TextOutput):
    """Presses Ctrl-C when the load has begun."""

    @override
    def progressed(self, event: WorkerEvent) -> None:
        super().progressed(event)
        if isinstance(event, LoadProgress):
            signal.raise_signal(signal.SIGINT)


def test_ctrl_c_while_a_repetition_loads_its_model_leaves_a_clean_line(
    parts: Parts, engine: FakeEngine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no verdict, and nothing stands where the shell writes next."""
    assert Asking(parts, parts.store, None, TextOutput()).run("Hello", HOW) == 0
    conversation = parts.store.conversations()[0]
    question, reply = parts.store.branch(conversation.id)
    assert reply.receipt is not None
    source = ReplaySource(conversation, (question,), reply, reply.generations[-1], reply.receipt)
    other = replace(HOW, load=replace(HOW.load, path=Path("other.gguf")))
    engine.will_pause_while_loading(Pause())
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    capsys.readouterr()
    assert Repeating(parts, source, HastyOutput()).run(other) == STOPPED_BY_USER
    assert capsys.readouterr() == ("", "Loading the model, 0 %\r\x1b[2K")


@pytest.mark.parametrize(
    ("max_tokens", "n_ctx", "sentence"),
    [
        (1, 4096, "The reply reached its longest length."),
        (None, 2, "The reply reached the end of the context window."),
        (1, 2, "The reply reached the end of the context window."),
    ],
)
def test_a_reply_without_its_end_says_so(
    parts: Parts,
    engine: FakeEngine,
    capsys: pytest.CaptureFixture[str],
    *,
    max_tokens: int | None,
    n_ctx: int,
    sentence: str,
) -> None:
    """It could be taken for the end. Where the window is full, that is what is said: a longer length would not help."""
    engine.n_ctx = n_ctx
    engine.will_stream("Once", reason=FinishReason.LENGTH)
    how = replace(HOW, sampling=SamplingSettings(max_tokens=max_tokens))
    assert Asking(parts, parts.store, None, TextOutput()).run("Hello", how) == 0
    assert capsys.readouterr() == ("Once\n", f"{sentence}\n")


@pytest.mark.parametrize("as_json", [False, True])
def test_json_without_its_end_is_a_failure(
    parts: Parts, engine: FakeEngine, capsys: pytest.CaptureFixture[str], *, as_json: bool
) -> None:
    """No program should find that out by itself."""
    engine.n_ctx = 2
    engine.will_stream("[1, 2", reason=FinishReason.LENGTH)
    wishes = AnswerWishes(grammar=Grammar(GrammarKind.JSON_SCHEMA, "{}"))
    output = JsonOutput(wishes, named=True) if as_json else TextOutput(wishes)
    assert Asking(parts, parts.store, None, output).run("Hello", HOW) == FAILED
    said = capsys.readouterr().err
    assert said == "The reply reached the end of the context window. Its JSON is not complete.\n"


def test_what_changes_nothing_is_said(parts: Parts, engine: FakeEngine, capsys: pytest.CaptureFixture[str]) -> None:
    """So is what was made smaller than was wished."""
    engine.concessions = (Concession("The context window has {n_ctx} tokens.", {"n_ctx": "2,048"}),)
    output = TextOutput(AnswerWishes(effort="high"))
    assert Asking(parts, parts.store, None, output).run("Hello", HOW) == 0
    assert capsys.readouterr().err.splitlines() == [
        "The context window has 2,048 tokens.",
        "This model has no switch for its reasoning: “high” changes nothing.",
    ]


def test_a_text_of_a_grammar_without_its_end_is_a_failure(
    parts: Parts, engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only whoever wrote the grammar knows whether it could have ended there."""
    engine.will_stream("1. e4 e", reason=FinishReason.LENGTH)
    output = TextOutput(AnswerWishes(grammar=Grammar(GrammarKind.GBNF, 'root ::= "1. e4 e5"')))
    assert Asking(parts, parts.store, None, output).run("Hello", HOW) == FAILED
    assert capsys.readouterr().err.endswith("By its grammar it may not be complete.\n")


def test_what_was_made_smaller_is_said_in_the_users_language(
    parts: Parts, engine: FakeEngine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine gives the sentence and the numbers apart."""
    monkeypatch.setattr("app.translation._catalogue", GermanCatalogue())
    engine.concessions = (Concession("The context window has {n_ctx} tokens.", {"n_ctx": "2,048"}),)
    assert Asking(parts, parts.store, None, TextOutput(AnswerWishes())).run("Hello", HOW) == 0
    assert capsys.readouterr().err == "Das Kontextfenster hat 2,048 Token.\n"


def test_a_switch_that_there_is_needs_no_word(
    parts: Parts, engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is done, and that is all."""
    engine.reasoning_efforts = ("off", "on")
    assert Asking(parts, parts.store, None, TextOutput(AnswerWishes(effort="off"))).run("Hello", HOW) == 0
    assert capsys.readouterr().err == ""


class SlowFile:
    """A model file that takes as long to read as the test says."""

    def __init__(self) -> None:
        self.hashing: Future[str] = Future()
        self.how = replace(HOW, hash_file=lambda: self.hashing)


def test_the_receipt_of_a_first_reply_names_the_file(
    parts: Parts, engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    """The words do not wait for it, the last line does: so does the receipt on the disk."""
    engine.will_stream("Hi")
    file = SlowFile()

    class HashedOutput(JsonOutput):
        @override
        def progressed(self, event: WorkerEvent) -> None:
            super().progressed(event)
            if isinstance(event, GenerationFinished) and not file.hashing.done():
                file.hashing.set_result("ab" * 32)

    assert Asking(parts, parts.store, None, HashedOutput(named=True)).run("Hello", file.how) == 0
    *_, end = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert end["receipt"]["model"] == {"name": "Tiny", "sha256": "ab" * 32, "licence": None}
    parts.store.create(title="whatever is written next").result()
    kept = parts.store.message(end["message"]).receipt
    assert kept is not None
    assert kept.model.sha256 == "ab" * 32


def test_ctrl_c_leaves_a_receipt_without_its_file(
    parts: Parts, engine: FakeEngine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading gigabytes may take a while; it is said, and nobody has to wait. The answer is whole and kept."""
    monkeypatch.setattr(asking, "SILENCE_S", 0.05)
    engine.will_stream("Hi")

    class ImpatientReader(TextOutput):
        @override
        def waits(self, sentence: str) -> None:
            super().waits(sentence)
            signal.raise_signal(signal.SIGINT)

    assert Asking(parts, parts.store, None, ImpatientReader()).run("Hello", SlowFile().how) == 0
    sentence = "Reading the model's file for the receipt of this reply. Ctrl-C leaves it without.\n"
    assert capsys.readouterr() == ("Hi\n", sentence)
    receipt = parts.store.branch(parts.store.conversations()[0].id)[-1].receipt
    assert receipt is not None
    assert receipt.model.sha256 is None


def test_a_file_that_cannot_be_read_again_holds_no_command_up(
    parts: Parts, engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    """It may have been taken away while it answered: the receipt stays without it."""
    engine.will_stream("Hi")
    file = SlowFile()
    file.hashing.set_exception(HashError("It could not be read."))
    assert Asking(parts, parts.store, None, TextOutput()).run("Hello", file.how) == 0
    assert capsys.readouterr() == ("Hi\n", "")


def test_a_model_that_does_not_fit_can_be_loaded_anyway(
    parts: Parts, engine: FakeEngine, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """It is said how, and each command that loads one can be told so."""
    model, messages = TinyModel().write(tmp_path / "tiny.gguf"), tmp_path / "messages.json"
    messages.write_text('[{"role": "user", "content": "Hello"}]')

    def command(run: Callable[[Parts, argparse.Namespace], int], *arguments: str) -> int:
        with closing(EngineWorker(engine)) as worker:
            return run(replace(parts, engine=worker), parse([*arguments, "--json"]))

    question = ("ask", "Hello", "--model", str(model))
    engine.will_fail_to_load(TightMemoryError("{name} needs too much.", next_step="Load it anyway.", name="Tiny"))
    assert command(ask, *question) == FAILED
    said = "Tiny needs too much. Load it anyway. On the command line that is --load-anyway.\n"
    assert capsys.readouterr().err == said
    assert command(ask, *question, "--load-anyway") == 0
    reply = json.loads(capsys.readouterr().out.splitlines()[-1])["message"]
    assert command(ask, "ask", "--replay", reply, *question[2:], "--load-anyway") == 0
    assert command(prompt, "prompt", *question[2:], "--messages", str(messages), "--load-anyway") == 0
    assert [load.even_if_memory_is_short for load in engine.loads] == [False, True, True, True]

"""Model files that somebody or something has changed: each answers or ends as a sentence, and the window lives."""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

import psutil
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.application import built_model_parts
from app.chat.model_choice import settings_for
from app.conversation import MessageStatus, Role
from app.engine.engine import EngineDiedError
from app.engine.events import GenerationFinished, ModelLoaded
from app.engine.requests import GenerationRequest, LoadRequest, PromptMessage, PromptRequest
from app.engine.worker import EngineFailed, Job, WorkerEvent
from app.errors import PaddockError
from app.gguf.reading import metadata
from app.parts import ModelParts
from app.paths import find_paths
from tests.conftest import Campaign
from tests.gguf_files import HYBRID, TinyModel
from tests.gguf_mutations import MUTATIONS
from tests.gguf_parts import parse
from tests.integration.real_use import RealUse, engine_processes, opened_window

pytestmark = [
    pytest.mark.usefixtures("no_tracebacks"),
    pytest.mark.skipif(sys.platform != "linux", reason="looks at its own memory by way of /proc"),
]

KINDS = {
    "dense": TinyModel(),
    "sliding": TinyModel("gemma3", layers=6, sliding_window=64),
    "recurrent": TinyModel("mamba"),
    "hybrid": TinyModel(HYBRID),
}
SEED = 20261123
STRIDE = 7
"""In steps of this size through the ways to spoil a file, a sample meets all sorts of them."""
CONVERSATION = "0193a5c1-7e40-7000-8000-000000000001"
IN_TIME_S = 20
REPLY_TOKENS = 8
MIB = 1024 * 1024
ROOM_BYTES = 512 * MIB
"""How much more address space looking at a file may ask for: it is refused more, and then fails."""
PEAK_BYTES = 96 * MIB
"""How much more memory the window's process may really take, at any moment between a file and its last word."""
ENGINE_BYTES = 2048 * MIB
"""How much an engine process may take for a file of less than a tenth of a percent of that."""


class Laptop:
    """The parts that meet a model file in the window's process, and the engine process behind them."""

    def __init__(self, parts: ModelParts) -> None:
        self.parts = parts
        self.parts.settings.change("sampling.max_tokens", REPLY_TOKENS)
        self.parts.engine.start()

    def add(self, path: Path) -> str:
        """Do what the window does with a file that is dropped on it, and show what is known of it."""
        try:
            with little_room():
                model = self.parts.models.add(path)
                json.dumps(metadata(path))
                assert model in self.parts.models.models()
        except PaddockError as error:
            assert_plain(error, path)
            return "refused when added"
        settings_for(model, self.parts.settings)
        self.parts.models.remove(model.id)
        return "added"

    def ask(self, path: Path) -> str:
        """Load a file and let it answer, whether it could be added or not: it may have been changed since."""
        events: Queue[WorkerEvent] = Queue()
        load = LoadRequest(path, self.parts.settings.settings.load, state_folder=self.parts.paths.states)
        prompt = PromptRequest((PromptMessage(Role.USER, "Where do llamas live?"),), CONVERSATION)
        request = GenerationRequest(prompt, self.parts.settings.settings.sampling)
        self.parts.engine.submit(Job(load, events.put, request))
        began, has_loaded = time.monotonic(), False
        while True:
            event = events.get(timeout=max(began + IN_TIME_S - time.monotonic(), 0.01))
            has_loaded = has_loaded or isinstance(event, ModelLoaded)
            if isinstance(event, GenerationFinished):
                return "answered"
            if isinstance(event, EngineFailed):
                assert_plain(event.error, path)
                died = "the engine died" if isinstance(event.error, EngineDiedError) else "a sentence"
                return f"{died}, {'when asked' if has_loaded else 'while loading'}"


@contextmanager
def little_room() -> Generator[None]:
    """Refuse this process more address space than a look at a file can need."""
    usual = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (psutil.Process().memory_info().vms + ROOM_BYTES, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, usual)


def assert_plain(error: PaddockError, path: Path) -> None:
    """It says what happened and what to do, and is no mistake of ours."""
    assert error.message
    assert error.next_step, f"{path.name}: {error}"
    is_our_mistake = "ended by itself" in str(error) or "inside Paddock" in str(error)
    assert not is_our_mistake, f"{path.name}: {error} {error.details}"


def peak_bytes() -> int:
    """The most memory that this process has had since `forget_peak`."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def forget_peak() -> int:
    """Begin to measure anew, and give the memory there is now."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return peak_bytes()


def mutated(number: int, sound: dict[str, bytes], folder: Path) -> Path:
    """Write the mutated file of this number; the same number is always the same file."""
    dice = random.Random(SEED + number)  # noqa: S311 - damage, not a secret
    kind = list(sound)[number % len(sound)]
    mutate = MUTATIONS[number * STRIDE % len(MUTATIONS)]
    path = folder / f"{number}-{kind}-{mutate.__name__}.gguf"
    path.write_bytes(mutate(parse(sound[kind]), dice))
    return path


@pytest.fixture
def sound(tmp_path: Path) -> dict[str, bytes]:
    """A sound file of each kind of memory."""
    return {name: kind.write(tmp_path / "sound.gguf").read_bytes() for name, kind in KINDS.items()}


@pytest.fixture
def laptop(tmp_path: Path) -> Iterator[Laptop]:
    """What runs on a laptop, without a window."""
    paths = find_paths(tmp_path / "home")
    paths.create()
    with built_model_parts(paths) as parts:
        yield Laptop(parts)
    assert engine_processes() == []


@pytest.mark.campaign
def test_every_file_answers_or_ends_as_a_sentence(
    laptop: Laptop, sound: dict[str, bytes], tmp_path: Path, campaign: Campaign
) -> None:
    """However a file was changed: in time, with little memory, in words, and the next file finds a working engine."""
    count = campaign.rounds(sample=16, full=1000)
    outcomes: Counter[str] = Counter()
    slowest = largest = 0.0
    for number in range(count):
        path = mutated(number, sound, tmp_path)
        before, began = forget_peak(), time.monotonic()
        outcomes[laptop.add(path)] += 1
        outcomes[laptop.ask(path)] += 1
        took, grew = time.monotonic() - began, peak_bytes() - before
        assert took < IN_TIME_S, path.name
        assert grew < PEAK_BYTES, path.name
        assert len(engine_processes()) <= 1
        slowest, largest = max(slowest, took), max(largest, grew)
        path.unlink()
    engine_peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    print(f"{count} mutated model files: {dict(outcomes.most_common())}")  # noqa: T201 - the figures are worth seeing
    print(f"slowest {slowest:.1f} s; this process grew by {largest / MIB:.0f} MiB at most")  # noqa: T201 - likewise
    print(f"largest engine process: {engine_peak / MIB:.0f} MiB")  # noqa: T201 - likewise
    assert engine_peak < ENGINE_BYTES
    assert outcomes["answered"] > 0
    (good := tmp_path / "good.gguf").write_bytes(sound["dense"])
    assert (laptop.add(good), laptop.ask(good)) == ("added", "answered")


@pytest.mark.campaign
def test_the_window_lives(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, sound: dict[str, bytes], campaign: Campaign
) -> None:
    """Files are dropped on the window and spoken to; whatever they are, a sound one answers afterwards."""
    outcomes: Counter[str] = Counter()
    with opened_window(qapp, qtbot, tmp_path / "home") as use:
        use.desktop.parts.settings.change("sampling.max_tokens", REPLY_TOKENS)
        for number in range(campaign.rounds(sample=4, full=80)):
            outcomes[use_in_window(use, mutated(number, sound, tmp_path))] += 1
        (good := tmp_path / "good.gguf").write_bytes(sound["dense"])
        assert use_in_window(use, good) == "answered"
    print(f"{outcomes.total()} mutated model files in the window: {dict(outcomes.most_common())}")  # noqa: T201 - likewise
    assert engine_processes() == []


def use_in_window(use: RealUse, path: Path) -> str:
    """Choose a file, send a message to it, and forget it again."""
    began = time.monotonic()
    use.choose_file(path)
    if not use.is_chosen(path):
        assert len(use.notice().split()) > 3
        return "refused with a notice"
    use.desktop.conversations.open_new()
    use.choose_file(path)
    use.send("Where do llamas live?")
    reply = use.ended_reply(1)
    assert time.monotonic() - began < IN_TIME_S, path.name
    chosen = use.desktop.models.chosen
    assert chosen is not None
    use.window.composer.remove_model_requested.emit(chosen.id)
    if reply.status is MessageStatus.COMPLETE:
        return "answered"
    assert reply.status is MessageStatus.ERROR
    assert reply.trouble is not None
    assert reply.trouble.sentence, path.name
    assert reply.trouble.next_step, path.name
    return "ended as a sentence"

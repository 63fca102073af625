"""After a restart a conversation goes on where it was, or begins anew, and says the same either way."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.confined.process import own_command
from app.engine.child_process import ChildProcessEngine
from app.engine.events import PromptEvaluated
from app.engine.interruption import Interruption
from app.engine.llama.engine import LlamaEngine
from app.engine.llama.memory.sequence_states import Checkpoint, SequenceState
from app.engine.requests import PromptRequest
from tests.engine.conftest import ignore
from tests.engine.kept_stories import AFTER, BEFORE, KINDS, forge, keep, key_of, load_keeping, turn
from tests.engine.state_stories import FIRST, SECOND, kept, names
from tests.engine.stories import Reply, assistant, user
from tests.gguf_files import TinyModel

Start = Callable[[], LlamaEngine]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where states are kept."""
    return tmp_path / "states"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A dense model's file."""
    return KINDS["dense"].write(tmp_path / "model.gguf")


@pytest.fixture
def start(model: Path, folder: Path) -> Iterator[Start]:
    """Start Paddock again: an engine with the model, and the end of the one before."""
    engines: list[LlamaEngine] = []

    def again() -> LlamaEngine:
        for engine in engines:
            engine.close()
        engines.append(LlamaEngine(ignore))
        load_keeping(engines[-1], model, folder)
        return engines[-1]

    yield again
    for engine in engines:
        engine.close()


@pytest.fixture
def fresh(start: Start, folder: Path) -> Reply:
    """What is said when everything is read, after a first turn was kept on the disk."""
    engine = start()
    fresh = turn(engine, AFTER, name=SECOND)
    turn(engine, BEFORE)
    keep(engine)
    assert fresh.prompt.reused == 0
    assert [path.name[:36] for path in kept(folder)] == [FIRST]
    return fresh


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_a_restart_costs_only_the_new_words(tmp_path: Path, folder: Path, kind: TinyModel) -> None:
    """The engine process ends and another one starts: it reads the new words and no others, and says the same."""
    path = kind.write(tmp_path / "model.gguf")
    replies: list[Reply] = []
    for messages, name in ((BEFORE, FIRST), (AFTER, FIRST), (AFTER, SECOND)):
        child = ChildProcessEngine(own_command("--engine"), tmp_path / "engine.log")
        load_keeping(child, path, folder)
        replies.append(turn(child, messages, name=name))
        keep(child, name)
        child.close()
    before, after, fresh = replies
    assert before.prompt.tokens > 300
    assert after.prompt.reused >= before.prompt.tokens - 1  # one token before the reply is where some can go back to
    assert after.prompt.reused + after.prompt.evaluated == after.prompt.tokens
    assert fresh.prompt.reused == 0
    assert after.tokens == fresh.tokens
    assert len(kept(folder)) == 2
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize("place", [0.0, 0.01, 0.5, 0.99])
def test_a_flipped_bit_costs_the_whole_prompt_and_nothing_else(
    start: Start, fresh: Reply, folder: Path, place: float, caplog: pytest.LogCaptureFixture
) -> None:
    """Wherever it is, the reply is the same; the log says why it took longer, and the next time it is fast again."""
    (path,) = kept(folder)
    content = bytearray(path.read_bytes())
    content[int(len(content) * place)] ^= 1
    path.write_bytes(content)
    engine = start()
    after = turn(engine, AFTER)
    assert after.prompt.reused == 0
    assert after.tokens == fresh.tokens
    assert "is damaged and is removed" in caplog.text
    keep(engine)
    assert turn(start(), AFTER).prompt.evaluated == 1


def test_opening_the_conversation_brings_it_back(start: Start, fresh: Reply) -> None:
    """It is read ahead from the disk; the reply then begins at once."""
    engine = start()
    opened = PromptRequest(AFTER[:-1], FIRST)
    *_, read = engine.warm(opened, Interruption())
    assert isinstance(read, PromptEvaluated)
    assert read.reused > 300
    after = turn(engine, AFTER)
    assert after.prompt.reused == read.tokens
    assert after.tokens == fresh.tokens


def test_what_was_kept_before_the_file_was_hashed_is_found_after_it(
    model: Path, folder: Path, start: Start, fresh: Reply
) -> None:
    """Its hash is known from the second start on; what is kept then takes the place of what the first one kept."""
    again: list[Reply] = []
    for messages in (AFTER, (*AFTER, assistant("Nothing."), user("Why?"))):
        engine = LlamaEngine(ignore)
        load_keeping(engine, model, folder, sha256="ab" * 32)
        again.append(turn(engine, messages))
        keep(engine)
        engine.close()
        (path,) = kept(folder)
        assert key_of(path).model == "ab" * 32
    assert again[0].tokens == fresh.tokens
    assert all(reply.prompt.reused > 300 for reply in again)


def test_what_was_kept_of_another_file_of_that_name_is_not_found(model: Path, folder: Path, fresh: Reply) -> None:
    """The file was exchanged before it was ever hashed: its time tells it apart."""
    os.utime(model, ns=(0, 0))
    engine = LlamaEngine(ignore)
    load_keeping(engine, model, folder, sha256="ab" * 32)
    assert turn(engine, AFTER).prompt.reused == 0
    engine.close()


def test_a_private_conversation_never_goes_to_the_disk(start: Start, folder: Path) -> None:
    """Also one that was not private before, and one that was kept is not brought back."""
    engine = start()
    turn(engine, BEFORE, private=True)
    keep(engine)
    turn(engine, BEFORE, name=SECOND)
    turn(engine, BEFORE, name=SECOND, private=True)
    keep(engine, SECOND)
    assert not kept(folder)
    turn(engine, BEFORE)
    keep(engine)
    assert turn(start(), AFTER, private=True).prompt.reused == 0


def test_what_belongs_to_nobody_is_not_kept(start: Start, folder: Path) -> None:
    """A title was asked for; nobody will ever go on with it."""
    engine = start()
    turn(engine, BEFORE, name="")
    keep(engine, "")
    keep(engine)
    assert not names(folder)


def test_a_conversation_that_was_left_is_kept_too(start: Start, model: Path, folder: Path) -> None:
    """Another one is open now: the first waits in memory, and goes to the disk from there."""
    engine = LlamaEngine(ignore)
    load_keeping(engine, model, folder, kept_memory_mib=64)
    before = turn(engine, BEFORE)
    turn(engine, (user("Why?"),), name=SECOND)
    keep(engine)
    engine.close()
    assert turn(start(), AFTER).prompt.reused >= before.prompt.tokens


def test_keeping_ends_when_somebody_needs_the_engine(start: Start, folder: Path) -> None:
    """Nothing is left of it then."""
    engine = start()
    turn(engine, BEFORE)
    interruption = Interruption()
    interruption.request()
    engine.keep(FIRST, interruption)
    assert not names(folder)


def test_a_state_that_helps_no_more_than_what_is_there_is_left_alone(start: Start, fresh: Reply, folder: Path) -> None:
    """All its words were edited: what is live begins as much like the prompt as what is kept does."""
    engine = start()
    turn(engine, (user("Why?"),), name=SECOND)
    (path,) = kept(folder)
    before = path.stat().st_ino, path.stat().st_mtime_ns
    turn(engine, (user("Who?"),))
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == before


def nothing_usable(state: SequenceState) -> SequenceState:
    """Bytes that llama.cpp never wrote."""
    return replace(state, data=b"hay" * 1000)


def half(state: SequenceState) -> SequenceState:
    """The beginning of what llama.cpp wrote."""
    return replace(state, data=bytes(state.data[: len(state.data) // 2]))


def another_length(state: SequenceState) -> SequenceState:
    """More tokens than what was computed of them."""
    return replace(state, tokens=(*state.tokens, 300, 300))


def no_numbers(state: SequenceState) -> SequenceState:
    """What llama.cpp takes without a look, and can compute nothing with: values of the last layer, which end it all."""
    count, not_a_number = len(state.data) // 16, struct.pack("<e", float("nan"))
    return replace(state, data=bytes(state.data[: -2 * count]) + not_a_number * count)


def a_checkpoint(state: SequenceState) -> SequenceState:
    """A place to go back to that is none."""
    return replace(state, checkpoints=(Checkpoint(100, b"hay"),))


@pytest.mark.parametrize("change", [nothing_usable, half, another_length, no_numbers, a_checkpoint])
def test_a_state_that_is_of_no_use_is_read_anew(
    start: Start, fresh: Reply, folder: Path, change: Callable[[SequenceState], SequenceState]
) -> None:
    """Its checksum is right and its bytes are not: the model is not blamed, and the reply is the same."""
    forge(folder, change)
    engine = start()
    after = turn(engine, AFTER)
    assert after.tokens == fresh.tokens
    if change is not a_checkpoint:
        assert after.prompt.reused == 0
        assert not names(folder)


def test_a_state_that_is_of_no_use_is_found_out_when_the_conversation_is_opened(
    start: Start, fresh: Reply, folder: Path
) -> None:
    """Reading ahead proves it as a reply does, and whoever sends a message hears nothing of it."""
    forge(folder, no_numbers)
    engine = start()
    *_, read = engine.warm(PromptRequest(AFTER[:-1], FIRST), Interruption())
    assert isinstance(read, PromptEvaluated)
    assert read.reused == 0
    assert not names(folder)
    assert turn(engine, AFTER).tokens == fresh.tokens


def test_a_state_stays_on_trial_where_reading_ahead_was_cut_short(start: Start, fresh: Reply, folder: Path) -> None:
    """Somebody typed before anything could be proved: the reply finds out, and does not blame the model."""
    forge(folder, no_numbers)
    engine = start()
    interruption = Interruption()
    long = PromptRequest((*AFTER[:-1], user("And then? " * 20)), FIRST)
    for _ in engine.warm(long, interruption):
        interruption.request()
    after = turn(engine, AFTER)
    assert (after.prompt.reused, after.tokens) == (0, fresh.tokens)
    assert not names(folder)


def test_a_state_that_ended_the_engine_is_not_tried_again(start: Start, fresh: Reply, folder: Path) -> None:
    """The engine died while it was brought back: the next one reads everything, and keeps a new one."""
    (path,) = kept(folder)
    path.rename(path.with_name(path.name.replace(".state", f".{SECOND}.trying")))
    engine = start()
    assert not names(folder)
    after = turn(engine, AFTER)
    assert after.prompt.reused == 0
    assert after.tokens == fresh.tokens
    keep(engine)
    assert turn(start(), AFTER).prompt.evaluated == 1


def test_a_folder_that_cannot_be_used_is_no_reason_not_to_answer(
    tmp_path: Path, model: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A file stands where the folder should be: nothing is kept, and the log says so."""
    (tmp_path / "states").write_text("hay")
    engine = LlamaEngine(ignore)
    load_keeping(engine, model, tmp_path / "states")
    turn(engine, BEFORE)
    keep(engine)
    engine.close()
    assert "No states of conversations are kept" in caplog.text


def test_nought_keeps_nothing(model: Path, folder: Path, start: Start, fresh: Reply) -> None:
    """The user lowers the budget to nothing: what was there goes, and nothing new comes."""
    engine = LlamaEngine(ignore)
    load_keeping(engine, model, folder, kept_disk_mib=0)
    assert not kept(folder)
    turn(engine, BEFORE)
    keep(engine)
    engine.close()
    assert not kept(folder)

"""What is kept of a conversation on the disk comes back as it was written, or not at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.llama.memory import state_files
from app.engine.llama.memory.sequence_states import Checkpoint, SequenceState
from app.engine.llama.memory.state_files import StateFolder, forget_conversation
from app.engine.llama.memory.state_key import StateKey
from app.private_file import PrivateFileError
from tests.engine.state_stories import (
    FIRST,
    KEY,
    MIB,
    SECOND,
    STATE,
    THIRD,
    always,
    kept,
    names,
    on_trial,
    padded,
    restored,
)

OTHER_KEY = replace(KEY, type_k="q8_0")
Open = Callable[..., StateFolder]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where states are kept."""
    return tmp_path / "states"


@pytest.fixture
def open_folder(folder: Path) -> Iterator[Open]:
    """Open the folder as an engine does, as often as wanted."""
    opened: list[StateFolder] = []

    def start(key: StateKey = KEY, budget_bytes: int = 64 * MIB) -> StateFolder:
        states = StateFolder(folder, key, budget_bytes)
        opened.append(states)
        return states

    yield start
    for states in opened:
        states.close()


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[StateFolder, Path]]:
    """One folder for all examples of a search, opened once."""
    path = tmp_path_factory.mktemp("states")
    states = StateFolder(path, KEY, 64 * MIB)
    yield states, path
    states.close()


BYTES = st.binary(max_size=300)


@st.composite
def any_states(draw: st.DrawFn) -> SequenceState:
    """Whatever an engine could hand over."""
    tokens = draw(st.lists(st.integers(min_value=0, max_value=2**31 - 1), max_size=40))
    after = draw(st.lists(st.integers(min_value=0, max_value=len(tokens)), max_size=4))
    data = draw(st.one_of(BYTES, BYTES.map(bytearray), BYTES.map(memoryview)))
    return SequenceState(tuple(tokens), data, tuple(Checkpoint(n_tokens, draw(BYTES)) for n_tokens in after))


@given(any_states())
def test_what_was_written_is_read(lasting: tuple[StateFolder, Path], state: SequenceState) -> None:
    """Tokens, data and checkpoints come back, whatever they are, also to another process, and again."""
    states, folder = lasting
    forget_conversation(folder, FIRST)
    assert states.save(FIRST, state, always)
    assert restored(states) == state
    assert restored(states) == state


@given(st.data())
def test_one_changed_byte_anywhere_is_noticed(lasting: tuple[StateFolder, Path], data: st.DataObject) -> None:
    """Whichever byte it is: nothing comes back, and the file is gone."""
    states, folder = lasting
    assert states.save(FIRST, STATE, always)
    (path,) = kept(folder)
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    assert states.restore(FIRST, always) is None
    assert not names(folder)


@given(st.data())
def test_a_torn_or_grown_file_is_noticed(lasting: tuple[StateFolder, Path], data: st.DataObject) -> None:
    """Cut anywhere, or with anything behind its end: nothing comes back."""
    states, folder = lasting
    assert states.save(FIRST, STATE, always)
    (path,) = kept(folder)
    content = path.read_bytes()
    cut = content[: data.draw(st.integers(0, len(content) - 1))]
    path.write_bytes(data.draw(st.sampled_from([cut, cut.ljust(len(content), b"\0"), content + b"\0", content * 2])))
    assert states.restore(FIRST, always) is None
    assert not names(folder)


def test_a_damaged_file_is_told_of_in_the_log(
    folder: Path, open_folder: Open, caplog: pytest.LogCaptureFixture
) -> None:
    """Who wonders why a conversation went on slowly finds the reason."""
    states = open_folder()
    states.save(FIRST, STATE, always)
    kept(folder)[0].write_bytes(b"hay")
    assert states.restore(FIRST, always) is None
    assert "is damaged and is removed: It is too short" in caplog.text
    assert states.save(FIRST, STATE, always)
    assert restored(states) == STATE


@pytest.mark.skipif(os.name != "posix", reason="elsewhere files have no such permissions")
def test_only_the_owner_may_read_it(folder: Path, open_folder: Open) -> None:
    """It holds the words of a conversation."""
    open_folder().save(FIRST, STATE, always)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in folder.iterdir())


@pytest.mark.parametrize("name", ["", "..", "../../x", "a", FIRST + "\n", FIRST.upper() + "0", FIRST + "/../x"])
def test_only_ids_become_names_of_files(folder: Path, open_folder: Open, name: str) -> None:
    """A name that could lead elsewhere is refused, and forgetting it touches nothing."""
    states = open_folder()
    states.save(FIRST, STATE, always)
    with pytest.raises(ValueError, match="is a UUID"):
        states.save(name, STATE, always)
    with pytest.raises(ValueError, match="is a UUID"):
        states.restore(name, always)
    forget_conversation(folder, name)
    assert restored(states) == STATE


@pytest.mark.parametrize(
    "change",
    [
        {"model": "another"},
        {"engine_build": "llama.cpp 2"},
        {"device": "GPU"},
        {"type_v": "q8_0"},
        {"flash_attention": "off"},
        {"template_sha256": "another"},
        {"adapters": (("sha256-of-the-adapter", 1.0),)},
        {"n_batch": 512},
        {"n_seq_max": 2},
        {"swa_full": True},
    ],
    ids=str,
)
def test_a_state_belongs_to_what_made_it(folder: Path, open_folder: Open, change: dict[str, object]) -> None:
    """Where anything else runs it is not brought back, not even under the other's name."""
    open_folder().save(FIRST, STATE, always)
    other = open_folder(replace(KEY, **change))  # pyright: ignore[reportArgumentType] - each of its own kind
    assert other.restore(FIRST, always) is None
    (path,) = kept(folder)
    assert other.save(SECOND, STATE, always)
    (theirs,) = set(kept(folder)) - {path}
    shutil.copy(path, folder / theirs.name.replace(SECOND, FIRST))
    assert other.restore(FIRST, always) is None
    assert restored(open_folder()) == STATE


def test_an_equal_scale_of_an_adapter_is_the_same_key(open_folder: Open) -> None:
    """A number that went through the file is the same number."""
    key = replace(KEY, adapters=(("sha256-of-the-adapter", 0.1),))
    open_folder(key).save(FIRST, STATE, always)
    assert restored(open_folder(key)) == STATE


def test_a_state_under_another_conversations_name_is_not_brought_back(folder: Path, open_folder: Open) -> None:
    """Somebody copied it there."""
    states = open_folder()
    states.save(FIRST, STATE, always)
    (path,) = kept(folder)
    shutil.copy(path, folder / path.name.replace(FIRST, SECOND))
    assert states.restore(SECOND, always) is None
    assert restored(states) == STATE


def test_one_state_a_conversation(folder: Path, open_folder: Open) -> None:
    """A newer one takes the place of the older, also of one for another model."""
    open_folder().save(FIRST, STATE, always)
    open_folder().save(SECOND, STATE, always)
    longer = replace(STATE, tokens=(*STATE.tokens, 4))
    other = open_folder(OTHER_KEY)
    assert other.save(FIRST, longer, always)
    assert len(kept(folder)) == 2
    assert restored(other) == longer
    assert restored(open_folder()) is None
    assert restored(open_folder(), SECOND) == STATE


def test_what_is_there_already_is_not_written_again(folder: Path, open_folder: Open) -> None:
    """The same tokens are the same state; one token more is another."""
    states = open_folder()
    states.save(FIRST, STATE, always)
    (path,) = kept(folder)
    before = path.stat().st_ino
    assert states.save(FIRST, STATE, always)
    assert path.stat().st_ino == before
    assert states.save(FIRST, replace(STATE, tokens=(1, 2, 3, 4)), always)
    assert path.stat().st_ino != before


def test_writing_ends_when_it_is_no_longer_wanted(folder: Path, open_folder: Open) -> None:
    """Somebody sends a message in the middle: nothing is left of the new state, and the old one stays."""
    states = open_folder()
    states.save(FIRST, STATE, always)
    answers = iter([True, True, True, True, False])
    assert not states.save(FIRST, padded((1, 2), 20 * MIB), lambda: next(answers))
    assert next(answers, None) is None
    assert len(names(folder)) == 1
    assert restored(states) == STATE


def test_reading_ends_when_it_is_no_longer_wanted(folder: Path, open_folder: Open) -> None:
    """Somebody presses Stop: nothing comes back, and the state is there the next time."""
    states = open_folder()
    state = padded((1, 2), 20 * MIB)
    states.save(FIRST, state, always)
    answers = iter([True, True, False])
    assert states.restore(FIRST, lambda: next(answers)) is None
    assert restored(states) == state


def test_what_was_not_used_for_longest_goes_first(folder: Path, open_folder: Open) -> None:
    """All models share the budget, and going on with a conversation is a use of it."""
    open_folder(OTHER_KEY).save(FIRST, padded((1,), MIB), always)
    states = open_folder(budget_bytes=3 * MIB)
    states.save(SECOND, padded((2,), MIB), always)
    for age, path in enumerate(kept(folder)):
        os.utime(path, ns=(0, 10 + age))
    restored(open_folder(OTHER_KEY), FIRST)
    assert states.save(THIRD, padded((3,), MIB), always)
    assert restored(states, SECOND) is None
    assert restored(states, THIRD) is not None
    assert restored(open_folder(OTHER_KEY), FIRST) is not None


def test_a_smaller_budget_is_kept_from_the_next_start_on(folder: Path, open_folder: Open) -> None:
    """The user lowers it; at nought nothing stays."""
    states = open_folder()
    for conversation in (FIRST, SECOND, THIRD):
        states.save(conversation, padded((1,), MIB), always)
    open_folder(budget_bytes=2 * MIB)
    assert len(kept(folder)) == 1
    nothing = open_folder(budget_bytes=0)
    assert not kept(folder)
    assert not nothing.save(FIRST, STATE, always)


def test_a_state_larger_than_the_budget_is_not_written(folder: Path, open_folder: Open) -> None:
    """It would push out all others and still not fit."""
    states = open_folder(budget_bytes=2 * MIB)
    states.save(FIRST, STATE, always)
    assert not states.save(SECOND, padded((1,), 2 * MIB), always)
    assert restored(states) == STATE


def test_the_last_free_gigabyte_is_left_to_others(open_folder: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state can be computed again; what others have to write cannot."""
    states = open_folder()
    usage = shutil.disk_usage("/")
    left: list[int] = [1024**3 + MIB, 1024**3 + 100]

    def usage_now(_folder: Path) -> object:
        return usage._replace(free=left.pop())

    monkeypatch.setattr(state_files.shutil, "disk_usage", usage_now)
    assert not states.save(FIRST, STATE, always)
    assert states.save(FIRST, STATE, always)


def test_a_disk_that_refuses_leaves_everything_as_it_was(
    folder: Path, open_folder: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The old state stays, nothing half-written does, and the log says why."""
    states = open_folder()
    states.save(FIRST, STATE, always)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(state_files.StateRecord, "write", fail)
        assert not states.save(FIRST, padded((1,), MIB), always)
    assert "No space left" in caplog.text
    assert len(names(folder)) == 1
    assert restored(states) == STATE


def test_a_conversation_that_is_forgotten_leaves_nothing(folder: Path, open_folder: Open) -> None:
    """It is deleted, or becomes private: also what is being written or tried at this moment goes."""
    states = open_folder()
    states.save(FIRST, STATE, always)
    states.save(SECOND, STATE, always)
    trial = on_trial(states)

    def forget_meanwhile() -> bool:
        forget_conversation(folder, FIRST)
        return True

    assert not states.save(FIRST, padded((1,), MIB), forget_meanwhile)
    trial.passed()
    assert [path.name[:36] for path in kept(folder)] == [SECOND]
    assert len(names(folder)) == 1


def test_forgetting_what_was_never_kept_is_no_trouble(folder: Path) -> None:
    """There is not even a folder."""
    forget_conversation(folder, FIRST)


def test_what_cannot_be_forgotten_has_its_sentence(folder: Path, open_folder: Open) -> None:
    """The user is told, as the words may still be there."""
    open_folder().save(FIRST, STATE, always)
    (path,) = kept(folder)
    path.unlink()
    path.mkdir()
    with pytest.raises(PrivateFileError, match="could not be removed"):
        forget_conversation(folder, FIRST)


def test_forgetting_needs_no_engine() -> None:
    """The window's process does it, where llama.cpp is never loaded."""
    look = "import sys, app.engine.llama.memory.state_files; print('llama_cpp' in sys.modules, 'numpy' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["False", "False"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_what_is_no_file_is_not_waited_for(folder: Path, open_folder: Open) -> None:
    """A pipe or a link under a state's name is removed, unread."""
    states = open_folder()
    states.save(FIRST, STATE, always)
    (path,) = kept(folder)
    path.unlink()
    path.symlink_to("/dev/zero")
    assert states.restore(FIRST, always) is None
    os.mkfifo(path)
    assert states.restore(FIRST, always) is None
    assert not names(folder)


def test_a_state_that_llama_refuses_goes(folder: Path, open_folder: Open) -> None:
    """It would be refused the next time too; also one that was taken at first, and then no sense came of it."""
    states = open_folder()
    states.save(FIRST, STATE, always)
    on_trial(states).failed()
    assert not names(folder)
    states.save(FIRST, STATE, always)
    trial = on_trial(states)
    trial.passed()
    trial.passed()
    trial.failed()
    assert not names(folder)


def test_strangers_in_the_folder_are_left_alone(folder: Path, open_folder: Open) -> None:
    """Only what bears our names is ours."""
    folder.mkdir()
    (folder / "notes.txt").write_text("hay")
    (folder / f"{FIRST}.state").write_text("hay")
    states = open_folder(budget_bytes=0)
    forget_conversation(folder, FIRST)
    assert not states.save(FIRST, STATE, always)
    assert names(folder) == {"notes.txt", f"{FIRST}.state"}

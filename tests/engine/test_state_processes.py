"""Several processes use the folder of states at once, and some of them die in it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.engine.llama.memory.state_files import StateFolder
from tests.engine.state_stories import FIRST, KEY, MIB, SECOND, STATE, always, names, on_trial, padded, restored

Open = Callable[[], StateFolder]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where states are kept."""
    return tmp_path / "states"


@pytest.fixture
def open_folder(folder: Path) -> Iterator[Open]:
    """Open the folder as an engine does, as often as wanted."""
    opened: list[StateFolder] = []

    def start() -> StateFolder:
        states = StateFolder(folder, KEY, 64 * MIB)
        opened.append(states)
        return states

    yield start
    for states in opened:
        states.close()


DIE = """
import os, sys
from pathlib import Path
from app.engine.llama.memory.state_files import StateFolder
from tests.engine.state_stories import FIRST, KEY, MIB, SECOND, padded, always
states = StateFolder(Path(sys.argv[1]), KEY, 64 * MIB)
if sys.argv[2] == "while trying":
    states.restore(FIRST, always)
    os._exit(9)
answers = iter([True, True])
states.save(SECOND, padded((1,), 20 * MIB), lambda: next(answers, None) or os._exit(9))
"""


def die(folder: Path, when: str) -> None:
    """Let another process be killed while it works in the folder."""
    command = [sys.executable, "-c", DIE, str(folder), when]
    assert subprocess.run(command, check=False).returncode == 9


def test_a_state_that_kills_is_tried_once(folder: Path, open_folder: Open) -> None:
    """llama.cpp dies of it: the next process begins without it, and writes a new one."""
    open_folder().save(FIRST, STATE, always)
    die(folder, "while trying")
    assert names(folder)
    states = open_folder()
    assert not names(folder)
    assert states.restore(FIRST, always) is None
    assert states.save(FIRST, STATE, always)
    assert restored(states) == STATE


def test_what_a_killed_process_was_writing_goes_at_the_next_start(folder: Path, open_folder: Open) -> None:
    """Half a state is worth nothing, and takes room. The lock of the dead goes with it."""
    die(folder, "while writing")
    assert len(list(folder.iterdir())) == 2
    states = open_folder()
    assert not names(folder)
    assert len(list(folder.iterdir())) == 1
    states.close()
    states.close()
    assert not list(folder.iterdir())


def test_what_a_living_process_works_with_is_left_alone(folder: Path, open_folder: Open) -> None:
    """The window and a command use the folder at once."""
    ours, state = open_folder(), padded((1, 2), 20 * MIB)
    ours.save(FIRST, STATE, always)
    trial = on_trial(ours)
    theirs: list[StateFolder] = []

    def start_another() -> bool:
        if not theirs:
            theirs.append(open_folder())
            assert theirs[0].restore(FIRST, always) is None
        return True

    assert ours.save(SECOND, state, start_another)
    trial.passed()
    assert restored(theirs[0], SECOND) == state
    assert restored(theirs[0], FIRST) == STATE


HAMMER = """
import sys
from pathlib import Path
from app.engine.llama.memory.sequence_states import SequenceState
from app.engine.llama.memory.state_files import StateFolder
from tests.engine.state_stories import FIRST, SECOND, KEY, MIB, always, restored
mark = int(sys.argv[2])
for i in range(40):
    states = StateFolder(Path(sys.argv[1]), KEY, 3 * MIB)
    for conversation in (FIRST, SECOND):
        states.save(conversation, SequenceState((mark, i), bytes([mark, i]) * (MIB // 2)), always)
        if state := restored(states, conversation):
            who, when = state.tokens
            assert state.data == bytes([who, when]) * (MIB // 2)
    states.close()
"""


def test_two_processes_at_once_never_read_what_neither_wrote(folder: Path, open_folder: Open) -> None:
    """They write, read, evict and tidy up in the same folder; nothing breaks, nothing is damaged, nothing is left."""
    commands = [[sys.executable, "-c", HAMMER, str(folder), mark] for mark in ("1", "2")]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for command in commands]
    for process in processes:
        _, complaints = process.communicate()
        assert process.returncode == 0, complaints
        assert "damaged" not in complaints
    open_folder()
    assert all(name.endswith(".state") for name in names(folder))

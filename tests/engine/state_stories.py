"""A few states, and short ways to keep them."""

from __future__ import annotations

from pathlib import Path

from app.engine.llama.memory.sequence_states import Checkpoint, SequenceState
from app.engine.llama.memory.state_files import StateFolder, Trial
from app.engine.llama.memory.state_key import StateKey

KEY = StateKey("sha256-of-the-model", "llama.cpp 1", "CPU", "f16", "f16", "auto", "sha256-of-the-template")
MIB = 1024 * 1024
FIRST = "01941f29-7c00-7000-8000-000000000001"
SECOND = "01941f29-7c00-7000-8000-000000000002"
THIRD = "01941f29-7c00-7000-8000-000000000003"
STATE = SequenceState((1, 2, 3), b"data" * 100, (Checkpoint(2, b"before the end"), Checkpoint(3, b"")))


def always() -> bool:
    """It is still wanted."""
    return True


def restored(states: StateFolder, conversation: str = FIRST) -> SequenceState | None:
    """Read a state, go on from it, and give it."""
    if (found := states.restore(conversation, always)) is None:
        return None
    state, trial = found
    trial.passed()
    return state


def on_trial(states: StateFolder) -> Trial:
    """Read a state that is there, and leave open how it turns out."""
    found = states.restore(FIRST, always)
    assert found is not None
    return found[1]


def kept(folder: Path) -> list[Path]:
    """The files of states that are kept."""
    return sorted(folder.glob("*.state"))


def names(folder: Path) -> set[str]:
    """All there is besides the locks of living processes."""
    return {path.name for path in folder.iterdir() if path.suffix != ".lock"}


def padded(tokens: tuple[int, ...], size_bytes: int) -> SequenceState:
    """A state of about `size_bytes`."""
    return SequenceState(tokens, bytes(size_bytes))

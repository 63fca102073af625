"""A conversation that is kept on the disk, and ways to change what lies there."""

from __future__ import annotations

import struct
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec

from app.engine.engine import Engine
from app.engine.interruption import Interruption
from app.engine.llama.memory.sequence_states import SequenceState
from app.engine.llama.memory.state_files import StateFolder, forget_conversation
from app.engine.llama.memory.state_key import StateKey
from app.engine.requests import GenerationRequest, LoadRequest, PromptMessage, PromptRequest
from app.settings.values import LoadSettings
from tests.engine.conftest import ignore
from tests.engine.state_stories import FIRST, MIB, always, kept
from tests.engine.stories import GREEDY, Reply, assistant, user
from tests.gguf_files import HYBRID, TinyModel

KINDS = {
    "dense": TinyModel(),
    "sliding": TinyModel("gemma3", layers=6, sliding_window=64),
    "recurrent": TinyModel("mamba"),
    "hybrid": TinyModel(HYBRID),
}
BEFORE = (user("The llama stands at the fence and looks. " * 12),)
AFTER = (*BEFORE, assistant("It looks."), user("And?"))
"""The next turn. It begins with all that was read for `BEFORE`."""


def load_keeping(
    engine: Engine,
    path: Path,
    folder: Path,
    *,
    kept_disk_mib: int = 64,
    kept_memory_mib: int = 0,
    sha256: str | None = None,
) -> None:
    """Have the model at `path` in memory; conversations are kept in `folder`, and as a rule not beside it in memory."""
    settings = LoadSettings(context=1024, threads=1, kept_memory_mib=kept_memory_mib, kept_disk_mib=kept_disk_mib)
    engine.load(LoadRequest(path, settings, state_folder=folder, model_sha256=sha256), ignore, Interruption())


def turn(engine: Engine, messages: tuple[PromptMessage, ...], *, name: str = FIRST, private: bool = False) -> Reply:
    """Let `engine` write a reply in a conversation."""
    request = GenerationRequest(PromptRequest(messages, name, private), GREEDY)
    return Reply(tuple(engine.generate(request, Interruption())))


def keep(engine: Engine, name: str = FIRST) -> None:
    """Be idle: what is known of the conversation goes to the disk."""
    engine.keep(name, Interruption())


def key_of(path: Path) -> StateKey:
    """What a file of a state says of itself."""
    content = path.read_bytes()
    (length,) = struct.unpack_from("<I", content, 10)
    header = msgspec.json.decode(content[14 : 14 + length])
    return msgspec.convert(header["key"], StateKey)


def forge(folder: Path, change: Callable[[SequenceState], SequenceState]) -> None:
    """Change what the one state in `folder` holds, with a checksum that is right."""
    (path,) = kept(folder)
    with closing(StateFolder(folder, key_of(path), 64 * MIB)) as states:
        found = states.restore(FIRST, always)
        assert found is not None
        state, trial = found
        trial.passed()
        forget_conversation(folder, FIRST)
        assert states.save(FIRST, change(state), always)

"""How an engine died becomes one sentence and one next step."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from app.confined.exit_diagnosis import ExitCause, ProcessEnd
from app.engine.child_process import ChildProcessEngine
from app.engine.engine import EngineDiedError, NotEnoughMemoryError
from app.engine.engine_death import death_error
from app.engine.interruption import Interruption
from app.engine.llama.loading.model import load_error
from app.engine.llama.loading.model_file import inspect_model_file
from app.engine.requests import LoadRequest
from app.engine.smaller_context import half_the_context
from app.settings.values import LoadSettings
from tests.engine.conftest import ignore, load
from tests.gguf_files import TinyModel

DIES_OF_HUNGER = """
import os, sys
from app.confined.process import take_pipes
from app.confined.framing import FrameReader
FrameReader(take_pipes()[0]).read()
print("terminate called after throwing an instance of 'std::bad_alloc'", file=sys.stderr, flush=True)
os.abort()
"""
POOR = """
import resource
from app.engine import process_main
def build_then_shrink(pulse, build=process_main._build_engine):
    engine = build(pulse)
    pages = int(open('/proc/self/statm').read().split()[0])
    room = pages * resource.getpagesize() + 512 * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (room, room))
    return engine
process_main._build_engine = build_then_shrink
process_main.main()
"""


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let programs that a test starts find the application."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parent.parent.parent))


@pytest.mark.parametrize("cause", ExitCause)
def test_every_end_has_a_sentence_and_a_next_step(cause: ExitCause) -> None:
    """Filled in, without a place left open, and with the code among the details."""
    error = death_error(ProcessEnd(-9, cause, ("the last line",)), None, 8192)
    assert str(error)
    assert "{" not in str(error)
    assert error.next_step
    assert error.details == "exit code -9\nthe last line"


@pytest.mark.parametrize(("n_ctx", "smaller"), [(8192, 4096), (5000, 2304), (512, 256), (511, 0), (0, 0)])
def test_half_a_context_window(n_ctx: int, smaller: int) -> None:
    """In steps that the settings have, and nothing that would be of no use."""
    assert half_the_context(n_ctx) == smaller


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_an_engine_that_found_no_memory_says_what_to_try(tmp_path: Path) -> None:
    """With a number: half of what was asked for."""
    engine = ChildProcessEngine([sys.executable, "-c", DIES_OF_HUNGER], tmp_path / "engine.log")
    with pytest.raises(EngineDiedError, match=r"memory ran out.*try with 4,096 tokens of context"):
        load(engine, tmp_path, context=8192)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc, and a limit that holds")
def test_a_context_that_finds_no_memory_says_what_to_try(tmp_path: Path) -> None:
    """Loaded anyway, into less memory than it needs: the load ends as a sentence with a number."""
    model = TinyModel(layers=16, n_ctx_train=1_048_576).write(tmp_path / "long.gguf")
    engine = ChildProcessEngine([sys.executable, "-c", POOR], tmp_path / "engine.log")
    request = LoadRequest(model, LoadSettings(context=1_048_576, threads=1), even_if_memory_is_short=True)
    with pytest.raises(NotEnoughMemoryError, match=r"window of 1,048,576 tokens.*Try with 524,288 tokens of context"):
        engine.load(request, ignore, Interruption())
    engine.close()


def test_a_file_that_finds_no_memory_is_no_broken_file(tmp_path: Path) -> None:
    """Nobody should download gigabytes again because other programs are open."""
    file = inspect_model_file(TinyModel().write(tmp_path / "tiny.gguf"))
    refused = "llama_model_load: error loading model: {}\nllama_model_load_from_file_impl: failed to load model"
    short = load_error(file, refused.format("mmap failed: Cannot allocate memory"))
    assert str(short).startswith("There is not enough memory for tiny.gguf.")
    assert str(load_error(file, refused.format("tensor is not there"))).endswith("choose another file of this model.")

"""The bare loop that speeds are measured against: a process that ends, and that says why."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil
import pytest

from app.confined.process import own_command
from app.engine.bare_loop import BareLoop, bare_loop_order
from app.engine.bare_loop_wire import BareLoopOrder
from app.engine.child_process import engine_environment
from app.engine.engine import EngineDiedError, EngineError, ModelFileError
from app.engine.requests import GenerationRequest, LoadRequest, PromptRequest
from app.settings.values import LoadSettings
from tests.engine.stories import GREEDY, user
from tests.engine.test_probe import TAKES_ITS_ORDER


def order(model: Path) -> BareLoopOrder:
    """Write a few tokens."""
    load = LoadRequest(model, LoadSettings(context=512, threads=1))
    return bare_loop_order(load, GenerationRequest(PromptRequest((user("Tell."),)), GREEDY), 16)


def loop(folder: Path, model: Path, program: str = "", *, patience_s: float = 60.0) -> BareLoop:
    """Start the real process, or a `program` in its place."""
    command = (sys.executable, "-c", TAKES_ITS_ORDER + program) if program else own_command("--engine")
    variables = {**engine_environment("", None), "PYTHONPATH": str(Path(__file__).parents[2])}
    return BareLoop(command, folder / "loop.log", variables, order(model), patience_s=patience_s)


def test_it_writes_again_and_again_and_is_gone_afterwards(tmp_path: Path, tiny_llama: Path) -> None:
    """Each time it tells how fast."""
    before = psutil.Process().children()
    with loop(tmp_path, tiny_llama) as running:
        for _ in range(3):
            speed = running.measure()
            assert speed is not None
            assert speed > 1
    assert psutil.Process().children() == before


def test_a_file_that_is_no_model_is_a_sentence(tmp_path: Path) -> None:
    """The same as in a load, and no process stays."""
    before = psutil.Process().children()
    (tmp_path / "no.gguf").write_bytes(b"no model")
    with pytest.raises(ModelFileError):
        loop(tmp_path, tmp_path / "no.gguf")
    assert psutil.Process().children() == before


def test_a_process_that_cannot_be_started(tmp_path: Path, tiny_llama: Path) -> None:
    """The same sentence, and the same next step, as of an engine."""
    with pytest.raises(EngineError, match=r"could not be started\. Close other programs"):
        BareLoop((str(tmp_path / "missing"),), tmp_path / "loop.log", {}, order(tiny_llama))


@pytest.mark.parametrize(
    ("program", "patience_s", "sentence"),
    [
        ("os.abort()", 60.0, "The engine stopped itself"),
        ("writer.write(b'nonsense'); time.sleep(60)", 60.0, "sent something that makes no sense"),
        ("time.sleep(60)", 0.5, "did not answer any more"),
    ],
)
def test_a_process_that_dies_talks_nonsense_or_hangs_is_ended(
    tmp_path: Path, tiny_llama: Path, program: str, patience_s: float, sentence: str
) -> None:
    """And said."""
    before = psutil.Process().children()
    with pytest.raises(EngineDiedError, match=sentence):
        loop(tmp_path, tiny_llama, program, patience_s=patience_s)
    assert psutil.Process().children() == before

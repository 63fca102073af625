"""A model file written anew in a confined process: what comes of it, and what is said when nothing does."""

from __future__ import annotations

import os
import resource
import signal
import sys
from pathlib import Path

import psutil
import pytest

from app.confined.process import own_command
from app.engine.asked_process import StoppedWorkError
from app.engine.child_process import engine_environment
from app.engine.engine import EngineDiedError, EngineError, ModelFileError
from app.engine.interruption import Interruption
from app.engine.quantize import Quantization, quantize_order
from app.errors import Fault
from app.gguf.reading import read_header
from tests.engine.test_probe import TAKES_ITS_ORDER
from tests.gguf_files import TinyAdapter, TinyModel, write_vocabulary_only

Q8_0, Q4_0 = 7, 2


def quantization(
    source: Path,
    destination: Path | None,
    *file_types: int,
    program: str = "",
    interruption: Interruption | None = None,
) -> Quantization:
    """Start the real process, or a `program` in its place."""
    command = (sys.executable, "-c", TAKES_ITS_ORDER + program) if program else own_command("--engine")
    variables = {**engine_environment("", None), "PYTHONPATH": str(Path(__file__).parents[2])}
    order = quantize_order(source, file_types, destination, threads=2)
    log = source.with_name("quantize.log")
    return Quantization(command, log, variables, order, interruption or Interruption())


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A tiny model whose weights have 32 bits."""
    return TinyModel().write(tmp_path / "tiny.gguf")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The empty file that may be written."""
    path = tmp_path / "copy.gguf.part"
    path.touch()
    return path


def test_the_copy_is_of_the_type_that_was_asked_for(model: Path, copy: Path) -> None:
    """Its size was foreseen to within a hundredth, the fractions grow to 1, and the process is gone afterwards."""
    before = psutil.Process().children()
    fractions: list[float] = []
    with quantization(model, copy, Q8_0, Q4_0) as running:
        running.write(Q8_0, fractions.append)
        as_q8, as_q4 = running.sizes_bytes
    assert read_header(copy).quantization == "Q8_0"
    assert copy.stat().st_size == pytest.approx(as_q8, rel=0.1)  # of a tiny model the hundredths of MiB count
    assert as_q4 < as_q8 < model.stat().st_size
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert psutil.Process().children() == before


@pytest.mark.model
def test_the_starter_model_is_requantized(starter_model: Path, copy: Path) -> None:
    """In seconds, to the size that was foreseen, telling how far it is in many steps."""
    fractions: list[float] = []
    with quantization(starter_model, copy, Q8_0) as running:
        running.write(Q8_0, fractions.append)
    assert copy.stat().st_size == pytest.approx(running.sizes_bytes[0], rel=0.001)
    assert len(fractions) > 20
    assert read_header(copy).quantization == "Q8_0"


def test_nothing_but_the_copy_can_be_written(model: Path, copy: Path) -> None:
    """Another file is refused by the sandbox, also one of the same name."""
    with quantization(model, copy, Q8_0) as running:
        copy.unlink()  # what may be written is this file, not its name
        with pytest.raises(EngineError, match="could not be written to its end") as failure:
            running.write(Q8_0, lambda _: None)
    assert failure.value.fault is Fault.MACHINE
    assert not copy.exists()


@pytest.mark.parametrize("kind", ["adapter", "vocabulary", "nonsense", "cut off"])
def test_what_is_no_model_is_a_sentence(tmp_path: Path, copy: Path, model: Path, kind: str) -> None:
    """The same as in a load, and no process stays."""
    before = psutil.Process().children()
    path = tmp_path / "other.gguf"
    match kind:
        case "adapter":
            TinyAdapter().write(path)
        case "vocabulary":
            write_vocabulary_only(path)
        case "nonsense":
            path.write_bytes(b"no model")
        case _:
            path.write_bytes(model.read_bytes()[:-1000])
    with pytest.raises(ModelFileError):
        quantization(path, copy, Q8_0)
    assert psutil.Process().children() == before


def test_weights_that_are_no_numbers_are_refused(tmp_path: Path, copy: Path) -> None:
    """A damaged file is not converted to another damaged file."""
    whole = TinyModel().write(tmp_path / "tiny.gguf").read_bytes()
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes(whole[:-8000] + b"\xff" * 8000)
    with quantization(damaged, copy, Q8_0) as running, pytest.raises(ModelFileError, match="may be damaged"):
        running.write(Q8_0, lambda _: None)


def test_a_process_that_is_killed_says_so(model: Path, copy: Path) -> None:
    """From outside, while it waits."""
    with quantization(model, copy, Q8_0) as running:
        os.kill(running.process_id, signal.SIGKILL)
        with pytest.raises(EngineDiedError, match=r"ended from outside|memory ran out"):
            running.write(Q8_0, lambda _: None)


def test_stopping_is_no_death(model: Path, copy: Path) -> None:
    """Whoever asked for the end hears that it was stopped, before it began as well."""
    stop = Interruption()
    with quantization(model, copy, Q8_0, interruption=stop) as running:
        stop.request()
        with pytest.raises(StoppedWorkError):
            running.write(Q8_0, lambda _: None)
    with pytest.raises(StoppedWorkError):
        quantization(model, copy, Q8_0, interruption=stop)


@pytest.mark.parametrize(
    ("program", "sentence"),
    [("os.abort()", "The engine stopped itself"), ("writer.write(b'nonsense'); time.sleep(60)", "makes no sense")],
)
def test_a_process_that_dies_or_talks_nonsense_is_ended(model: Path, copy: Path, program: str, sentence: str) -> None:
    """And said."""
    before = psutil.Process().children()
    with pytest.raises(EngineDiedError, match=sentence):
        quantization(model, copy, Q8_0, program=program)
    assert psutil.Process().children() == before


def test_a_disk_that_takes_no_more_is_a_sentence(model: Path, copy: Path) -> None:
    """As soon as a write fails; the limit stands for a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with quantization(model, copy, Q8_0) as running:
        resource.prlimit(running.process_id, resource.RLIMIT_FSIZE, (16384, hard))
        with pytest.raises(EngineError, match="could not be written to its end"):
            running.write(Q8_0, lambda _: None)
    assert resource.getrlimit(resource.RLIMIT_FSIZE) == (soft, hard)

"""Looking what there is for an engine never takes the window down, whatever the drivers do."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil
import pytest

from app.confined.process import own_command
from app.engine.builds import LIBRARY_PATH_VARIABLE
from app.engine.child_process import engine_environment
from app.engine.engine import EngineError
from app.engine.probe import EngineProbe, EngineProbeError, probe_engine
from app.hardware import DeviceKind

TAKES_ITS_ORDER = """
import os, signal, sys, time
from app.confined.framing import FrameReader, FrameWriter
from app.confined.process import take_pipes
read, write, _ = take_pipes()
reader, writer = FrameReader(read), FrameWriter(write)
reader.read()
"""


def probe(folder: Path, program: str = "", *, patience_s: float = 30.0, library: str = "") -> EngineProbe:
    """Have the real engine process look, or a `program` in its place."""
    command = (sys.executable, "-c", TAKES_ITS_ORDER + program) if program else own_command("--engine")
    variables = {**engine_environment("", None), "PYTHONPATH": str(Path(__file__).parents[2])}
    variables |= {LIBRARY_PATH_VARIABLE: library} if library else {}
    return probe_engine(command, folder / "engine.log", variables, patience_s=patience_s)


def test_the_processor_and_the_build_are_found(tmp_path: Path) -> None:
    """In a process that has given up network and files as an engine does, and is gone afterwards."""
    before = psutil.Process().children()
    found = probe(tmp_path)
    assert DeviceKind.CPU in {device.kind for device in found.devices}
    assert found.engine_build.startswith("llama-cpp-python ")
    assert found.sandbox.method
    assert psutil.Process().children() == before


@pytest.mark.parametrize(
    "program",
    ["os.abort()", "os.kill(os.getpid(), signal.SIGSEGV)", "sys.exit(3)", "writer.write(b'nonsense')"],
    ids=["abort", "segmentation fault", "exit", "nonsense"],
)
def test_a_driver_that_crashes_is_a_sentence(tmp_path: Path, program: str) -> None:
    """Said with what to do."""
    with pytest.raises(EngineProbeError, match=r"^Looking for graphics processors brought the engine down\. Update"):
        probe(tmp_path, program)


def test_a_driver_that_hangs_is_ended(tmp_path: Path) -> None:
    """After as long as was allowed."""
    with pytest.raises(EngineProbeError, match=r"^Looking for graphics processors took longer than 0\.5 seconds"):
        probe(tmp_path, "time.sleep(60)", patience_s=0.5)


def test_what_the_driver_printed_is_in_the_details(tmp_path: Path) -> None:
    """For those who can make something of it."""
    with pytest.raises(EngineProbeError) as failure:
        probe(tmp_path, "print('the card fell off the bus', file=sys.stderr, flush=True); os.abort()")
    assert "the card fell off the bus" in failure.value.details


def test_a_build_that_cannot_be_used_says_so(tmp_path: Path) -> None:
    """In the same sentence as by a load."""
    with pytest.raises(EngineError, match=r"There is no library of llama\.cpp in "):
        probe(tmp_path, library=str(tmp_path))


def test_a_process_that_cannot_be_started(tmp_path: Path) -> None:
    """The application was moved or damaged."""
    with pytest.raises(EngineError, match="could not be started"):
        probe_engine((str(tmp_path / "missing"),), tmp_path / "engine.log", {})

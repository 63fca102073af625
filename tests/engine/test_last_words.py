"""What the engine's library says before it ends the process reaches the application."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from app.confined.exit_diagnosis import ExitCause
from app.confined.process import ConfinedProcess

BEGIN = "import ctypes\nfrom app.engine.llama.library import ggml_function, start_library\nstart_library()\n"
ASSERTION = "ggml_function('ggml_backend_dev_get', ctypes.c_void_p, ctypes.c_size_t)(10_000)\n"
ABORT = (
    "stop = ggml_function('ggml_abort', None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p)\n"
    "stop(b'driver.c', 12, b'the device was lost')\n"
)
IN_A_THREAD = "import threading\ndef run():\n{}\nthread = threading.Thread(target=run)\nthread.start()\nthread.join()\n"


def indented(program: str) -> str:
    """The program, as the body of a function."""
    return "".join(f"    {line}\n" for line in program.splitlines())


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize(
    ("program", "words"),
    [
        (ASSERTION, "GGML_ASSERT(index < "),
        (ABORT, "driver.c:12: the device was lost"),
        (IN_A_THREAD.format(indented(ABORT)), "driver.c:12: the device was lost"),
    ],
    ids=["assertion", "abort", "on another thread"],
)
def test_what_was_impossible_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, words: str) -> None:
    """An assertion, or an abort for another reason: its words stand in the log, and are found there."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parent.parent.parent))
    process = ConfinedProcess([sys.executable, "-c", BEGIN + program], tmp_path / "log", {"GGML_NO_BACKTRACE": "1"})
    assert process.reader.read() is None
    end = process.diagnose_end()
    process.end()
    assert (end.code, end.cause) == (-signal.SIGABRT, ExitCause.ABORTED)
    assert words in end.failed_assertion
    assert not end.failed_assertion.startswith("Stopped")

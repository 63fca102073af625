"""A child process: what it inherits, how it ends, what is said of its end."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import psutil
import pytest

from app.confined.exit_diagnosis import ExitCause, diagnose
from app.confined.log_file import ProcessLog
from app.confined.process import ConfinedProcess, own_command

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and /proc")

TALK = """
import os, sys
from app.confined.framing import FrameReader, FrameWriter
from app.confined.own_limits import limit_this_process
from app.confined.process import take_pipes
read, write, parent = take_pipes()
reader, writer = FrameReader(read), FrameWriter(write)
"""
SETTLE = "limit_this_process(parent)\n"
ECHO = "while (frame := reader.read()) is not None: writer.write(frame)\n"
Start: TypeAlias = Callable[[str], ConfinedProcess]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a child that runs a small program."""
    processes: list[ConfinedProcess] = []

    def run(program: str) -> ConfinedProcess:
        command = [sys.executable, "-c", TALK + program]
        process = ConfinedProcess(command, tmp_path / "child.log", {"PYTHONPATH": str(Path.cwd()), "SPECIAL": "yes"})
        processes.append(process)
        return process

    yield run
    for process in processes:
        process.end()


def answers(process: ConfinedProcess, frame: bytes = b"hello") -> bytes | None:
    """What the child says to `frame`."""
    process.writer.write(frame)
    return process.reader.read()


def test_it_answers_and_ends_with_its_input(start: Start) -> None:
    """A child lives as long as its input is open, and leaves no zombie."""
    process = start(ECHO)
    assert answers(process) == b"hello"
    assert process.is_running
    process.end()
    assert not process.is_running
    assert not psutil.pid_exists(process.pid)
    process.end()


def test_it_inherits_its_pipes_and_nothing_else(start: Start) -> None:
    """No file of ours is open in it; it has a session of its own; the variable that named the pipes is gone."""
    secret = os.open("/dev/null", os.O_RDONLY)
    os.set_inheritable(secret, True)
    program = (
        "fds = sorted(int(fd) for fd in os.listdir('/proc/self/fd'))\n"
        "words = [str(fds), str(os.getsid(0) == os.getpid()), os.environ.get('PADDOCK_PIPES', 'gone'),"
        " os.environ['SPECIAL'], os.readlink('/proc/self/fd/0'), str({read, write} <= set(fds))]\n"
        "writer.write('|'.join(words).encode())\n"
    )
    told = start(program).reader.read()
    os.close(secret)
    assert told is not None
    fds, session, pipes, special, stdin, has_pipes = told.decode().split("|")
    assert len(fds.split(",")) == 6  # three standard ones, two pipes, and the one that lists them
    assert (session, pipes, special, stdin, has_pipes) == ("True", "gone", "yes", "/dev/null", "True")


def test_it_is_told_only_what_it_needs(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a variable of ours holds is nobody's business, unless Python, a library or llama.cpp goes by it."""
    for name in ("HF_TOKEN", "aws_secret_access_key", "PADDOCK_API_KEY", "MY_NOTES", "SSH_AUTH_SOCK", "DATABASE_URL"):
        monkeypatch.setenv(name, "hush")
    needed = ("LD_LIBRARY_PATH", "OMP_NUM_THREADS", "GGML_VK_VISIBLE_DEVICES", "LC_ALL", "TMPDIR", "PADDOCK_HOME")
    for name in needed:
        monkeypatch.setenv(name, "said")
    told = start("writer.write(str(sorted(os.environ.values()).count('hush')).encode())\n").reader.read()
    assert told == b"0"
    program = f"writer.write(str([os.environ.get(name) for name in {needed}]).encode())\n"
    assert start(program).reader.read() == str(["said"] * len(needed)).encode()


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's own limits")
def test_its_limits(start: Start) -> None:
    """No core dump, first in line when memory runs out, and politer than the window."""
    program = SETTLE + (
        "import resource\n"
        "words = [str(resource.getrlimit(resource.RLIMIT_CORE)), open('/proc/self/oom_score_adj').read().strip(),"
        " str(os.nice(0) - BASE)]\n"
        "writer.write('|'.join(words).encode())\n"
    ).replace("BASE", str(os.nice(0)))
    assert start(program).reader.read() == b"(0, 0)|1000|2"


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's own limits")
def test_it_does_not_outlive_its_parent(tmp_path: Path) -> None:
    """When the parent is killed, so is the child, even one that never looks at its input."""
    child = TALK + SETTLE + "writer.write(b'here')\nimport time\ntime.sleep(600)\n"
    parent = (
        "import os, sys\nfrom pathlib import Path\nfrom app.confined.process import ConfinedProcess\n"
        f"process = ConfinedProcess([sys.executable, '-c', {child!r}], Path({str(tmp_path / 'log')!r}), {{}})\n"
        "process.reader.read()\nprint(process.pid, flush=True)\nos.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True, check=False)
    assert done.returncode == -signal.SIGKILL
    pid = int(done.stdout)
    if psutil.pid_exists(pid):
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(pid).wait(timeout=20)
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_child_that_does_not_listen_is_ended(start: Start) -> None:
    """Closing its input and asking politely does not help: it is killed, and reaped."""
    process = start(
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nwriter.write(b'on')\ntime.sleep(600)\n"
    )
    assert process.reader.read() == b"on"
    process.end()
    assert not psutil.pid_exists(process.pid)


@pytest.mark.parametrize(
    ("number", "cause"),
    [
        (signal.SIGKILL, ExitCause.KILLED),
        (signal.SIGTERM, ExitCause.KILLED),
        (signal.SIGABRT, ExitCause.ABORTED),
        (signal.SIGSEGV, ExitCause.CRASHED),
        (signal.SIGBUS, ExitCause.FILE_UNREADABLE),
        (signal.SIGILL, ExitCause.ILLEGAL_INSTRUCTION),
    ],
)
def test_why_it_ended(start: Start, number: signal.Signals, cause: ExitCause) -> None:
    """A signal is told by its meaning, with what was printed before."""
    process = start("print('the last words', flush=True)\n" + ECHO)
    assert answers(process) == b"hello"
    os.kill(process.pid, number)
    assert process.reader.read() is None
    end = process.diagnose_end()
    assert (end.code, end.cause) == (-number, cause)
    assert end.log == ("the last words",)


def test_a_kill_is_put_down_to_memory_only_with_evidence() -> None:
    """That a process was killed says nothing about why; that the kernel ended one for memory meanwhile does."""
    assert diagnose(-9, [], memory_ran_out=False).cause is ExitCause.KILLED
    assert diagnose(-9, [], memory_ran_out=True).cause is ExitCause.OUT_OF_MEMORY
    assert diagnose(-11, [], memory_ran_out=True).cause is ExitCause.CRASHED
    for said in ("what():  std::bad_alloc", "ggml_cuda_host_malloc: Unable to allocate 64 MiB"):
        assert diagnose(-6, [said], memory_ran_out=False).cause is ExitCause.OUT_OF_MEMORY
    assert diagnose(1, ["Traceback", "MemoryError"], memory_ran_out=False).cause is ExitCause.OUT_OF_MEMORY
    assert diagnose(1, ["MemoryError", "ValueError"], memory_ran_out=False).cause is ExitCause.FAILED
    assert diagnose(3, [], memory_ran_out=False).cause is ExitCause.FAILED
    assert diagnose(0xC0000005, [], memory_ran_out=False).cause is ExitCause.CRASHED


def test_the_failed_assertion_is_found() -> None:
    """The line that says what was impossible stands in front."""
    log = ["a", "ggml.c:123: GGML_ASSERT(n > 0) failed", "b"]
    assert diagnose(-6, log, memory_ran_out=False).failed_assertion == log[1]


def test_its_log_is_private_and_does_not_grow_for_ever(tmp_path: Path) -> None:
    """Each process sees its own lines; a large log is set aside, and one old one is kept."""
    path = tmp_path / "logs" / "engine.log"
    first = ProcessLog(path)
    os.write(first.descriptor, b"first\n" * 200_000)
    second = ProcessLog(path)
    os.write(second.descriptor, b"second\n\nlast\n")
    assert second.tail() == ("second", "last")
    assert first.tail(2) == ("first", "first")
    assert path.with_name("engine.log.old").stat().st_size > 1_000_000
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    third = ProcessLog(path)
    assert third.tail() == ()
    for log in (first, second, third):
        log.close()


def test_the_command_that_starts_us_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """From source it is Python and main.py, frozen it is the program itself."""
    python, main, option = own_command("--engine")
    assert (python, option) == (sys.executable, "--engine")
    assert Path(main).is_file()
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert own_command("--engine") == (sys.executable, "--engine")


def open_descriptors() -> int:
    """How many files this process has open."""
    return psutil.Process().num_fds()


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    """Starting what does not exist is an error of the operating system, and nothing stays open."""
    before = open_descriptors()
    with pytest.raises(FileNotFoundError):
        ConfinedProcess([str(tmp_path / "nothing")], tmp_path / "log", {})
    assert open_descriptors() == before

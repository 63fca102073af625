"""A child process with private pipes: started, spoken to, and ended for certain."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.confined.exit_diagnosis import ProcessEnd, count_memory_kills, diagnose
from app.confined.framing import FrameReader, FrameWriter
from app.confined.log_file import ProcessLog

PIPES_VARIABLE: Final = "PADDOCK_PIPES"
"""Holds `read write parent`: two file descriptors (handles on Windows) and a process id."""
_GRACE_S: Final = 1.0
_WANTED_NAME: Final = re.compile(
    r"PATH|HOME|USER|LOGNAME|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TEMP|TMP|XDG_RUNTIME_DIR|(LD|DYLD)_\w+"
    r"|SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT|NUMBER_OF_PROCESSORS|PROCESSOR_\w+|(LOCAL)?APPDATA|USERPROFILE"
    r"|(GGML|OMP|GOMP|KMP|LLAMA|CUDA|NVIDIA|VK|MESA|HIP|HSA|ROCR|ROCM|GPU|MTL|METAL|PADDOCK|PYTHON)_?\w*",
    re.IGNORECASE,
)
"""Variables that Python, the system's libraries and llama.cpp go by. The rest is none of a confined process's business:
nobody can tell which of it is a secret.
"""
_SECRET_NAME: Final = re.compile(r"TOKEN|SECRET|PASSW|CREDENTIAL|_KEY$", re.IGNORECASE)


class ConfinedProcess:
    """One child and the pipes to it. It belongs to the thread that started it; `kill` may come from any.

    It has a session of its own, so that Ctrl-C in a terminal does not reach it; it inherits only its two pipes and the
    log. The thread that starts it must live as long as it does (see `limit_this_process`).
    """

    def __init__(self, command: Sequence[str], log_path: Path, environment: Mapping[str, str]) -> None:
        """Start `command`; `OSError` when that cannot be. `environment` is added to what it needs of ours."""
        self._log = ProcessLog(log_path)
        self._memory_kills = count_memory_kills()
        their_input, our_output = os.pipe()
        our_input, their_output = os.pipe()
        try:
            self._popen = _spawn(command, self._log.descriptor, (their_input, their_output), environment)
        except OSError:
            os.close(our_output)
            os.close(our_input)
            self._log.close()
            raise
        finally:
            os.close(their_input)
            os.close(their_output)
        self.reader = FrameReader(our_input)
        self.writer = FrameWriter(our_output)
        self._closed = False

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._popen.pid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended. Reaps it if it has."""
        return self._popen.poll() is None

    def note_memory(self) -> None:
        """Begin a new stretch of work: only what the kernel ends from now on is evidence."""
        self._memory_kills = count_memory_kills()

    def kill(self) -> None:
        """End it at once. From any thread, any time: Popen knows whether it is still there."""
        with contextlib.suppress(ProcessLookupError):
            self._popen.kill()

    def diagnose_end(self) -> ProcessEnd:
        """Wait for a process that closed its pipe, and say why it ended; one that does not end is ended."""
        code = self._wait_or_kill(_GRACE_S)
        return diagnose(code, self._log.tail(), memory_ran_out=count_memory_kills() > self._memory_kills)

    def end(self) -> None:
        """Close its input, then ask it to end, then end it; it is gone and reaped afterwards. Twice does no harm."""
        if self._closed:
            return
        self._closed = True
        self.writer.close()
        self.reader.close()  # so that it does not wait for room in a pipe that nobody empties
        if self._wait(_GRACE_S) is None:
            self._popen.terminate()
            self._wait_or_kill(_GRACE_S)
        self._log.close()

    def _wait(self, timeout_s: float) -> int | None:
        try:
            return self._popen.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def _wait_or_kill(self, timeout_s: float) -> int:
        code = self._wait(timeout_s)
        if code is None:
            self.kill()
            code = self._popen.wait()
        return code


def own_command(*arguments: str) -> tuple[str, ...]:
    """Give the command that starts this application again: by its Python, or, when it is frozen, by itself."""
    if getattr(sys, "frozen", False):
        return (sys.executable, *arguments)
    main = Path(__file__).resolve().parent.parent.parent / "main.py"
    return (sys.executable, str(main), *arguments)


def take_pipes() -> tuple[int, int, int]:
    """In the child: give the descriptors to read and to write, and the parent's process id.

    Raises `KeyError` when nobody handed them over.
    """
    read, write, parent = (int(word) for word in os.environ.pop(PIPES_VARIABLE).split())
    if sys.platform == "win32":  # written for Windows and not run there yet
        import msvcrt  # noqa: PLC0415 - exists only there

        read, write = msvcrt.open_osfhandle(read, os.O_RDONLY), msvcrt.open_osfhandle(write, 0)
    os.set_inheritable(read, False)
    os.set_inheritable(write, False)
    return read, write, parent


@dataclass(frozen=True, slots=True)
class _Inheritance:
    """What a child gets from us, in the words of the operating system. `words` name the pipes to it."""

    words: str
    pass_fds: tuple[int, ...] = ()
    startupinfo: Any = None
    creationflags: int = 0


def _spawn(
    command: Sequence[str], log: int, pipes: tuple[int, int], environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    inheritance = _inherit(pipes)
    variables = {**_inherited(), **environment, PIPES_VARIABLE: f"{inheritance.words} {os.getpid()}"}
    return subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        env=variables,
        close_fds=True,
        pass_fds=inheritance.pass_fds,
        start_new_session=os.name == "posix",
        startupinfo=inheritance.startupinfo,
        creationflags=inheritance.creationflags,
    )


def _inherited() -> dict[str, str]:
    """Give those of our variables that a confined process needs."""
    return {
        name: value
        for name, value in os.environ.items()
        if _WANTED_NAME.fullmatch(name) and not _SECRET_NAME.search(name)
    }


def _inherit(pipes: tuple[int, int]) -> _Inheritance:
    if sys.platform == "win32":  # written for Windows and not run there yet
        import msvcrt  # noqa: PLC0415 - exists only there

        handles = [msvcrt.get_osfhandle(pipe) for pipe in pipes]
        for handle in handles:
            os.set_handle_inheritable(handle, True)
        startup = subprocess.STARTUPINFO(lpAttributeList={"handle_list": handles})
        flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
        return _Inheritance(f"{handles[0]} {handles[1]}", startupinfo=startup, creationflags=flags)
    return _Inheritance(f"{pipes[0]} {pipes[1]}", pass_fds=pipes)

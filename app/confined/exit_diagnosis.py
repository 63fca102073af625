"""Why a process ended, as far as that can be known from outside."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Final

LAST_WORDS: Final = "Stopped: "
"""Begins the line on which a process prints what was impossible, before it ends itself."""
_MARKS: Final = (LAST_WORDS, "GGML_ASSERT", "terminate called")


class ExitCause(Enum):
    """What is known of an end that nobody here asked for."""

    OUT_OF_MEMORY = auto()
    """Ended by the operating system while memory ran out, or it said so itself."""
    KILLED = auto()
    """Ended from outside; by whom is not known."""
    ABORTED = auto()
    """It found something impossible and stopped itself."""
    CRASHED = auto()
    """It touched memory that is not its own."""
    FILE_UNREADABLE = auto()
    """A part of a file that it had mapped into memory could not be read."""
    ILLEGAL_INSTRUCTION = auto()
    """It was built for another processor."""
    FAILED = auto()
    """It ended itself with an exit code."""
    PROTOCOL = auto()
    """It sent something that makes no sense, and was ended."""
    UNRESPONSIVE = auto()
    """It gave no sign of life any more, or made no progress, and was ended."""


@dataclass(frozen=True, slots=True)
class ProcessEnd:
    """How a process ended. `code` is negative for a signal; `log` are the last lines it printed."""

    code: int
    cause: ExitCause
    log: tuple[str, ...]

    @property
    def failed_assertion(self) -> str:
        """The line in which it said what was impossible, or an empty text."""
        line = next((line for line in reversed(self.log) if any(mark in line for mark in _MARKS)), "")
        return line.removeprefix(LAST_WORDS)


_SIGNALS: Final[dict[str, ExitCause]] = {
    "SIGABRT": ExitCause.ABORTED,
    "SIGSEGV": ExitCause.CRASHED,
    "SIGBUS": ExitCause.FILE_UNREADABLE,
    "SIGILL": ExitCause.ILLEGAL_INSTRUCTION,
    "SIGKILL": ExitCause.KILLED,
    "SIGTERM": ExitCause.KILLED,
    "SIGHUP": ExitCause.KILLED,
    "SIGINT": ExitCause.KILLED,
}
_WINDOWS_CODES: Final[dict[int, ExitCause]] = {
    0xC0000005: ExitCause.CRASHED,
    0xC0000006: ExitCause.FILE_UNREADABLE,
    0xC0000017: ExitCause.OUT_OF_MEMORY,
    0xC000001D: ExitCause.ILLEGAL_INSTRUCTION,
    0xC0000409: ExitCause.ABORTED,
}
_NO_MEMORY_WORDS: Final = re.compile(
    r"bad_alloc|out of memory|failed to allocate|unable to allocate|cannot allocate", re.IGNORECASE
)


def lacks_memory(said: str) -> bool:
    """Whether what a library said is that there is no memory left."""
    return _NO_MEMORY_WORDS.search(said) is not None


def diagnose(code: int, log: Sequence[str], *, memory_ran_out: bool) -> ProcessEnd:
    """Say why a process ended with `code`; `memory_ran_out` when the system ended something for memory meanwhile."""
    return ProcessEnd(code, _cause(code, log, memory_ran_out=memory_ran_out), tuple(log))


def _cause(code: int, log: Sequence[str], *, memory_ran_out: bool) -> ExitCause:
    cause = _SIGNALS.get(_signal_name(code), ExitCause.CRASHED) if code < 0 else None
    cause = cause or _WINDOWS_CODES.get(code, ExitCause.FAILED)
    if cause is ExitCause.KILLED and code == -_SIGKILL and memory_ran_out:
        return ExitCause.OUT_OF_MEMORY
    if cause is ExitCause.ABORTED and any(map(lacks_memory, log)):
        return ExitCause.OUT_OF_MEMORY
    if cause is ExitCause.FAILED and log and log[-1].startswith(MemoryError.__name__):  # the end of our own traceback
        return ExitCause.OUT_OF_MEMORY
    return cause


_SIGKILL: Final = 9


def _signal_name(code: int) -> str:
    try:
        return signal.Signals(-code).name
    except ValueError:
        return ""


def count_memory_kills() -> int:
    """How often the kernel has ended a process for memory since it started; 0 where it does not say.

    A larger number after a SIGKILL than before is the evidence that memory was the reason.
    """
    counted = 0
    for path, key in _COUNTERS:
        try:
            text = path.read_text(encoding="ascii", errors="replace")
        except OSError:
            continue
        match = re.search(rf"^{key} (\d+)$", text, re.MULTILINE)
        counted += int(match.group(1)) if match else 0
    return counted


_COUNTERS: Final = (
    ((Path("/proc/vmstat"), "oom_kill"), (Path("/sys/fs/cgroup/memory.events"), "oom_kill"))
    if os.name == "posix"
    else ()
)

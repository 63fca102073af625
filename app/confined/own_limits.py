"""What a confined process takes away from itself, first thing, before it loads a library."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from pathlib import Path
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_FIRST_TO_BE_ENDED: Final = "1000"
_POLITENESS: Final = 2


def limit_this_process(parent_pid: int) -> None:
    """Live no longer than the parent, leave no core dump, be the first to go when memory runs out, and go after others.

    Linux ends this process when the *thread* that started it ends; elsewhere only the end of its input does.
    """
    _end_with_parent(parent_pid)
    _leave_no_core_dump()
    _offer_memory_first()
    _go_after_others()


def _go_after_others() -> None:
    """The window stays smooth while a model computes."""
    if sys.platform == "win32":  # written for Windows and not run there yet
        import psutil  # noqa: PLC0415 - elsewhere a process that lists no others need not load it

        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        os.nice(_POLITENESS)


def _end_with_parent(parent_pid: int) -> None:
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent_pid:
        os._exit(1)  # it died before the wish was known


def _leave_no_core_dump() -> None:
    """A core dump would hold the conversation."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - this module does not exist on Windows

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _offer_memory_first() -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # some containers forbid it; then the kernel chooses by size alone
            Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_BE_ENDED, encoding="ascii")

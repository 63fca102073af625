"""A filter in the kernel that refuses system calls by their number. See the kernel's `userspace-api/seccomp_filter`."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
from typing import Final, TypeAlias

from app.confined.system_calls import BY_MACHINE, FIRST_UNKNOWN, SystemCalls

_LOAD: Final = 0x20
_IF_EQUAL: Final = 0x15
_IF_AT_LEAST: Final = 0x35
_IF_ANY_BIT: Final = 0x45
_RETURN: Final = 0x06
"""Instructions of the filter's machine: a word is loaded, compared, and something is given back."""
_NUMBER: Final = 0
_ARCHITECTURE: Final = 4
_FIRST_ARGUMENT: Final = 16
"""Where the words lie in what the kernel shows of a call; of an argument, the low half (both are little endian)."""
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050000 | errno.EPERM
_UNKNOWN: Final = 0x00050000 | errno.ENOSYS
_A_THREAD: Final = 0x00010000
"""`CLONE_THREAD`: what is started is a thread of this process."""
_SET_FILTER: Final = 1
_ALL_THREADS: Final = 1
_FULL_SPEED: Final = 4
"""Kernels before 5.16 slow down the arithmetic of every process with a filter, unless it asks them not to."""

Instruction: TypeAlias = tuple[int, int, int, int]
"""Operation, how many to skip if true, how many if not, operand."""


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("yes", ctypes.c_uint8),
        ("no", ctypes.c_uint8),
        ("operand", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("first", ctypes.POINTER(_Instruction)))


def refuse_system_calls() -> None:
    """Have all threads of this process refused what `system_calls` lists, as `PermissionError`.

    Needs `no_new_privs`. Raises `OSError` where the kernel cannot, or where this processor's numbers are not known.
    """
    calls = BY_MACHINE.get(platform.machine())
    if calls is None:
        raise OSError(errno.ENOTSUP, f"the system calls of {platform.machine()} are not known")
    program = build_filter(calls, os.getpid())
    instructions = (_Instruction * len(program))(*(_Instruction(*instruction) for instruction in program))
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    argument = _Program(len(program), instructions)
    result: int = library.syscall(
        ctypes.c_long(calls.seccomp), _SET_FILTER, _ALL_THREADS | _FULL_SPEED, ctypes.byref(argument)
    )
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    if result > 0:
        raise OSError(errno.EBUSY, f"thread {result} has a filter of its own")


def build_filter(calls: SystemCalls, process: int) -> list[Instruction]:
    """Give the filter: signals only to `process` itself, new threads but no new processes, and nothing of the list.

    `clone3` hides its flags behind a pointer; where it seems not to exist, the C library uses `clone`.
    """
    own = (_IF_EQUAL, process)
    return [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_IF_EQUAL, 1, 0, calls.architecture),
        (_RETURN, 0, 0, _REFUSE),
        (_LOAD, 0, 0, _NUMBER),
        (_IF_AT_LEAST, 0, 1, FIRST_UNKNOWN),
        (_RETURN, 0, 0, _UNKNOWN),
        (_IF_EQUAL, 0, 1, calls.clone3),
        (_RETURN, 0, 0, _UNKNOWN),
        *(part for number in calls.refused.values() for part in ((_IF_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE))),
        *_allow_if(calls.clone, (_IF_ANY_BIT, _A_THREAD)),
        *_allow_if(calls.prlimit, (_IF_EQUAL, 0), own),
        *(part for number in calls.signals for part in _allow_if(number, own)),
        (_RETURN, 0, 0, _ALLOW),
    ]


def _allow_if(number: int, *tests: tuple[int, int]) -> list[Instruction]:
    """Let the call `number` through if its first argument passes one of `tests`."""
    return [
        (_IF_EQUAL, 0, len(tests) + 3, number),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        *((test, len(tests) - i, 0, operand) for i, (test, operand) in enumerate(tests)),
        (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _ALLOW),
    ]

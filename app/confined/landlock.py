"""Landlock: Linux refuses this process every file that no rule names. See the kernel's `userspace-api/landlock`."""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
from collections.abc import Iterable, Mapping
from enum import IntFlag
from pathlib import Path
from typing import Final

_CREATE_RULESET: Final = 444
_ADD_RULE: Final = 445
_RESTRICT_SELF: Final = 446
"""The numbers of the system calls, the same on every processor."""
_ASK_VERSION: Final = 1
_PATH_BENEATH: Final = 1
_ALL_CONNECTIONS: Final = 0b11
"""Binding and connecting TCP, from version 4."""
_ALL_SCOPES: Final = 0b11
"""Abstract Unix sockets and signals stay among the confined, from version 6."""
_BITS: Final[Mapping[int, int]] = {1: 13, 2: 14, 3: 15, 4: 15}
"""How many kinds of access a version knows; 16 from version 5."""


class Access(IntFlag):
    """What a rule may allow, in the kernel's numbers. Executing is never allowed."""

    WRITE_FILE = 1 << 1
    READ_FILE = 1 << 2
    READ_FOLDER = 1 << 3
    REMOVE_FOLDER = 1 << 4
    REMOVE_FILE = 1 << 5
    MAKE_FOLDER = 1 << 7
    MAKE_FILE = 1 << 8
    MOVE = 1 << 13
    TRUNCATE = 1 << 14
    CONTROL_DEVICE = 1 << 15


READ: Final = Access.READ_FILE | Access.READ_FOLDER
USE_DEVICE: Final = READ | Access.WRITE_FILE | Access.CONTROL_DEVICE
WRITE: Final = (
    READ
    | (Access.WRITE_FILE | Access.TRUNCATE | Access.MAKE_FILE | Access.REMOVE_FILE)
    | (Access.MAKE_FOLDER | Access.REMOVE_FOLDER | Access.MOVE)
)
_OF_A_FILE: Final = Access.READ_FILE | Access.WRITE_FILE | Access.TRUNCATE | Access.CONTROL_DEVICE


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("connections", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _Rule(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("descriptor", ctypes.c_int32))


def keep_to(allowed: Iterable[tuple[Path, Access]]) -> int:
    """Refuse this thread, and those it starts, all but `allowed`; give the version of Landlock that does it.

    A path that does not exist is passed over. Needs `no_new_privs`. Raises `OSError` where the kernel cannot do it.
    """
    version = _call(_CREATE_RULESET, None, 0, _ASK_VERSION)
    handled = (1 << _BITS.get(version, 16)) - 1
    ruleset = _Ruleset(handled, _ALL_CONNECTIONS if version >= 4 else 0, _ALL_SCOPES if version >= 6 else 0)  # noqa: PLR2004 - see the two names
    descriptor = _call(_CREATE_RULESET, ctypes.byref(ruleset), ctypes.sizeof(ruleset), 0)
    try:
        for path, access in allowed:
            _allow(descriptor, path, access & handled)
        _call(_RESTRICT_SELF, descriptor, 0)
    finally:
        os.close(descriptor)
    return version


def _allow(ruleset: int, path: Path, access: int) -> None:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError):  # what it cannot reach, it lacks
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
            rule = _Rule(access if is_folder else access & _OF_A_FILE, descriptor)
            _call(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
        finally:
            os.close(descriptor)


def _call(number: int, *arguments: object) -> int:
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    result: int = library.syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result

"""The sandbox of Windows: a job without other processes, and low integrity. Written for Windows and not run there yet.

Low integrity keeps a process from writing outside its own folder; it may still read what the user may read, and
connect. The report says so.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from app.confined.confinement import Confinement, SandboxReport

_windows: Final[Any] = ctypes  # parts of it exist only there
_LOW: Final = "S-1-16-4096"
_LOW_FOLDER: Final = "S:(ML;OICI;NW;;;LW)"
"""Processes of low integrity may write in it and below it."""
_MAY_ADJUST_TOKEN: Final = 0x0080 | 0x0008
_INTEGRITY_LEVEL: Final = 25
_INTEGRITY: Final = 0x20
_LABEL_INFORMATION: Final = 0x10
_REVISION: Final = 1
_BASIC_LIMITS: Final = 2
_INTERFACE_LIMITS: Final = 4
_ONE_PROCESS: Final = 0x8
_ALL_OF_THE_INTERFACE: Final = 0xFF
_SHORTFALL: Final = "Windows goes on to let it read files and open connections"


class _Limits(ctypes.Structure):
    _fields_ = (
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("smallest_working_set", ctypes.c_size_t),
        ("largest_working_set", ctypes.c_size_t),
        ("processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority", ctypes.c_uint32),
        ("scheduling", ctypes.c_uint32),
    )


class _Label(ctypes.Structure):
    _fields_ = (("sid", ctypes.c_void_p), ("attributes", ctypes.c_uint32))


def confine(confinement: Confinement) -> SandboxReport:
    """See `sandbox.confine_this_process`."""
    methods: list[str] = []
    troubles = [_SHORTFALL]
    kernel = _windows.WinDLL("kernel32", use_last_error=True)
    security = _windows.WinDLL("advapi32", use_last_error=True)
    attempts: tuple[tuple[str, Callable[[], None]], ...] = (
        ("job object", lambda: _enter_job(kernel)),
        ("low integrity", lambda: _lower_integrity(kernel, security, confinement.write)),
    )
    for name, attempt in attempts:
        try:
            attempt()
        except OSError as error:
            troubles.append(f"{name}: {error}")
        else:
            methods.append(name)
    return SandboxReport(network=False, files=False, method=", ".join(methods) or "none", missing="; ".join(troubles))


def _enter_job(kernel: Any) -> None:  # noqa: ANN401 - ctypes has no name for a library
    """No second process, no clipboard, no windows of others. The handle stays open as long as the process lives."""
    kernel.CreateJobObjectW.restype = kernel.GetCurrentProcess.restype = ctypes.c_void_p
    job = ctypes.c_void_p(_succeed(kernel.CreateJobObjectW(None, None)))
    limits = _Limits(flags=_ONE_PROCESS, processes=1)
    _succeed(kernel.SetInformationJobObject(job, _BASIC_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits)))
    interface = ctypes.c_uint32(_ALL_OF_THE_INTERFACE)
    _succeed(kernel.SetInformationJobObject(job, _INTERFACE_LIMITS, ctypes.byref(interface), ctypes.sizeof(interface)))
    _succeed(kernel.AssignProcessToJobObject(job, ctypes.c_void_p(kernel.GetCurrentProcess())))


def _lower_integrity(kernel: Any, security: Any, folders: tuple[Path, ...]) -> None:  # noqa: ANN401 - see above
    for folder in folders:  # first: afterwards it may not be done any more
        descriptor = ctypes.c_void_p()
        _succeed(
            security.ConvertStringSecurityDescriptorToSecurityDescriptorW(
                _LOW_FOLDER, _REVISION, ctypes.byref(descriptor), None
            )
        )
        _succeed(security.SetFileSecurityW(str(folder), _LABEL_INFORMATION, descriptor))
        kernel.LocalFree(descriptor)
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    token, level = ctypes.c_void_p(), ctypes.c_void_p()
    own = ctypes.c_void_p(kernel.GetCurrentProcess())
    _succeed(security.OpenProcessToken(own, _MAY_ADJUST_TOKEN, ctypes.byref(token)))
    _succeed(security.ConvertStringSidToSidW(_LOW, ctypes.byref(level)))
    label = _Label(level, _INTEGRITY)
    _succeed(security.SetTokenInformation(token, _INTEGRITY_LEVEL, ctypes.byref(label), ctypes.sizeof(label)))


def _succeed(result: int | None) -> int:
    if not result:
        code: int = _windows.get_last_error()
        raise OSError(code, f"error {code} of Windows")
    return result

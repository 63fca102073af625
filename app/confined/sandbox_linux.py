"""The sandbox of Linux: Landlock for files, seccomp for the network, other programs and other processes."""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from app.confined.confinement import Confinement, SandboxReport
from app.confined.landlock import READ, USE_DEVICE, WRITE, Access, keep_to
from app.confined.own_libraries import own_library_folders
from app.confined.seccomp import refuse_system_calls

_PR_SET_NO_NEW_PRIVS: Final = 38
_LIBRARIES: Final = ("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib", "/nix/store")
_ABOUT_THIS_MACHINE: Final = (
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/ssl/openssl.cnf",
    "/etc/pki/tls/openssl.cnf",
    "/usr/share/zoneinfo",
    "/sys/devices/system",
    "/sys/devices/cpu_core",
    "/sys/devices/cpu_atom",
    "/sys/fs/cgroup",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/self",
)
"""`/proc/self` is this process's own folder, whatever asks later."""
_DEVICES: Final = ("/dev/null", "/dev/zero", "/dev/full", "/dev/urandom", "/dev/random")
_GPU_DEVICES: Final = ("nvidia*", "dri", "kfd", "dxg", "mali*")
_FOR_GPU_DRIVERS: Final = (
    *("/sys/devices", "/sys/bus/pci", "/sys/dev/char", "/sys/class", "/sys/module", "/proc/driver", "/proc/devices"),
    *("/proc/modules", "/etc/vulkan", "/etc/OpenCL", "/etc/drirc", "/usr/share/vulkan", "/usr/share/drirc.d"),
    *("/usr/share/libdrm", "/usr/share/nvidia", "/usr/local/cuda", "/opt/rocm", "/opt/cuda", "/run/opengl-driver"),
)
"""Read by the drivers of graphics processors, and only where there is one."""


def confine(confinement: Confinement) -> SandboxReport:
    """See `sandbox.confine_this_process`."""
    is_alone = _has_one_thread()
    with contextlib.suppress(OSError):  # never closed: a rule for a folder that the kernel forgets is lost
        os.open("/proc/self", os.O_PATH | os.O_CLOEXEC)
    attempts = _Attempts()
    attempts.make("no_new_privs", _forgo_privileges)
    files = attempts.make("Landlock", lambda: keep_to(_allowed(confinement)))
    network = attempts.make("seccomp", refuse_system_calls)
    if not is_alone:
        attempts.troubles.append("Landlock does not hold for the threads that ran already")
    return SandboxReport(
        network=network,
        files=files and is_alone,
        method=", ".join(attempts.methods) or "none",
        missing="; ".join(attempts.troubles),
    )


def _has_one_thread() -> bool:
    """Whether this process has no other thread; False too where `/proc` does not tell."""
    try:
        return len(list(Path("/proc/self/task").iterdir())) == 1
    except OSError:
        return False


class _Attempts:
    """Remembers what the kernel agreed to and what not: an old one, or a container, lacks some of it."""

    def __init__(self) -> None:
        self.methods: list[str] = []
        self.troubles: list[str] = []

    def make(self, name: str, attempt: Callable[[], int | None]) -> bool:
        """Try, and tell whether it worked. A number that `attempt` gives is the version of it."""
        try:
            version = attempt()
        except OSError as error:
            self.troubles.append(f"{name}: {error.strerror}")
            return False
        self.methods.append(name if version is None else f"{name} {version}")
        return True


def _forgo_privileges() -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def _allowed(confinement: Confinement) -> Iterator[tuple[Path, Access]]:
    for path in confinement.read:
        yield path, READ
    for path in confinement.write:
        yield path, WRITE
    for path in (*own_library_folders(), *map(Path, (*_LIBRARIES, *_ABOUT_THIS_MACHINE))):
        yield path, READ
    graphics = [path for pattern in _GPU_DEVICES for path in Path("/dev").glob(pattern)]
    for path in (*map(Path, _DEVICES), *graphics):
        yield path, USE_DEVICE
    for path in _FOR_GPU_DRIVERS if graphics else ():
        yield Path(path), READ

"""Libraries and programs that the operating system has to bring: found missing, installed, or asked for."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence

from paddock_setup.commands import SetupError, clean_environment, run, say
from paddock_setup.places import Places

QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
ENGINE_LIBRARIES = {"libgomp.so.1": "libgomp1"}
TEST_PROGRAMS = {"Xvfb": "xvfb"}
INSTALL_ADVICE = "Install them with the package manager of this system, then run make again."
APT_PATIENCE_S = 300


def ensure_libraries(places: Places) -> None:
    """What Qt and llama.cpp load at run time. Elsewhere than on Linux both bring all of it themselves."""
    if sys.platform == "linux":
        libraries = QT_LIBRARIES | ENGINE_LIBRARIES
        _ensure(places, missing_packages(libraries, _can_load))


def ensure_test_programs(places: Places) -> None:
    """A screen that nobody sees, for the tests of the real window."""
    if sys.platform == "linux":
        _ensure(places, missing_packages(TEST_PROGRAMS, _is_on_path))


def ensure_build_programs(places: Places) -> None:
    """The compilers and cmake, asked for only when there is something to compile."""
    programs = {c_compiler()[0]: "gcc", cxx_compiler()[0]: "g++", "cmake": "cmake"}
    _ensure(places, missing_packages(programs, _is_on_path))


def c_compiler() -> list[str]:
    """The command that `CC` names, else `cc`."""
    return shlex.split(os.environ.get("CC", "")) or ["cc"]


def cxx_compiler() -> list[str]:
    """The command that `CXX` names, else `c++`."""
    return shlex.split(os.environ.get("CXX", "")) or ["c++"]


def ensure_venv_module(places: Places) -> None:
    """Debian keeps half of Python's `venv` in a package of its own."""
    if importlib.util.find_spec("ensurepip") is None:
        _ensure(places, [f"python{sys.version_info.major}.{sys.version_info.minor}-venv"])


def missing_packages(wanted: Mapping[str, str], is_there: Callable[[str], bool]) -> list[str]:
    """The packages whose library or program is not there, in a steady order."""
    return sorted({package for name, package in wanted.items() if not is_there(name)})


def _ensure(places: Places, packages: Sequence[str]) -> None:
    """Install `packages` when we may; otherwise say which command does."""
    if not packages:
        return
    names = " ".join(packages)
    if shutil.which("apt-get") is None:
        raise SetupError(f"These system packages are missing (by their Debian names): {names}. {INSTALL_ADVICE}")
    if os.geteuid() != 0:
        raise SetupError(f"System packages are missing. Install them with: sudo apt-get install {names}")
    say(f"Installing system packages: {names}")
    try:
        _apt_get(places, "install", "--yes", "--no-install-recommends", *packages)
    except SetupError:
        _apt_get(places, "update")  # a new machine has no package lists, an old one has lists of files that are gone
        _apt_get(places, "install", "--yes", "--no-install-recommends", *packages)


def _apt_get(places: Places, *words: str) -> None:
    run(
        ["apt-get", "--quiet", "--option", f"DPkg::Lock::Timeout={APT_PATIENCE_S}", *words],
        places.log("apt-get"),
        failure=f"apt-get {words[0]} did not work.",
        environment=clean_environment(DEBIAN_FRONTEND="noninteractive"),
    )


def _can_load(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _is_on_path(program: str) -> bool:
    return shutil.which(program) is not None

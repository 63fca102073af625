"""The sandbox of macOS: a profile that the kernel keeps this process to. Written for macOS and not run there yet."""

from __future__ import annotations

import ctypes
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from app.confined.confinement import Confinement, SandboxReport
from app.confined.own_libraries import own_library_folders

_METHOD: Final = "sandbox_init"
_SYSTEM: Final = tuple(
    map(Path, ("/System", "/usr/lib", "/usr/share", "/Library/Apple", "/Library/GPUBundles", "/private/var/db", "/dev"))
)
_FROM_CODE: Final = 0
"""The profile is handed over as text, not by a name that the system knows."""
_PROFILE: Final = """(version 1)
(allow default)
(deny network*)
(deny process-exec*)
(deny process-fork)
(deny signal)
(allow signal (target self))
(deny file-read-data)
(deny file-write*)
(allow file-write-data (literal "/dev/null"))
"""
"""The last rule that fits decides. Metal talks to services of the system, so those stay reachable."""


def confine(confinement: Confinement) -> SandboxReport:
    """See `sandbox.confine_this_process`."""
    try:
        _start(build_profile(confinement, own_library_folders()))
    except (OSError, AttributeError) as error:
        return SandboxReport(network=False, files=False, method="none", missing=f"{_METHOD}: {error}")
    return SandboxReport(network=True, files=True, method=_METHOD)


def build_profile(confinement: Confinement, libraries: Iterable[Path]) -> str:
    """Put a confinement in the words of the system. Paths are real ones: a link counts as what it leads to."""
    readable = (*_SYSTEM, *libraries, *confinement.read, *confinement.write)
    rules = [f"(allow file-read-data {_below(path)})" for path in readable]
    rules += [f"(allow file-write* {_below(path)})" for path in confinement.write]
    return _PROFILE + "\n".join(rules) + "\n"


def _below(path: Path) -> str:
    return f"(subpath {json.dumps(os.path.realpath(path), ensure_ascii=False)})"


def _start(profile: str) -> None:
    library = ctypes.CDLL("/usr/lib/libsandbox.1.dylib")
    trouble = ctypes.c_char_p()
    library.sandbox_init.argtypes = [ctypes.c_char_p, ctypes.c_uint64, ctypes.POINTER(ctypes.c_char_p)]
    if library.sandbox_init(os.fsencode(profile), _FROM_CODE, ctypes.byref(trouble)):
        raise OSError((trouble.value or b"no reason given").decode("utf-8", errors="replace"))

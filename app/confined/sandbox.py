"""Gives up, for good, what this process does not need: the network, other programs, and every file but its own.

Called by the main thread before any other thread exists, and before a library that might start one is loaded.
"""

from __future__ import annotations

import sys

from app.confined.confinement import Confinement, SandboxReport


def confine_this_process(confinement: Confinement) -> SandboxReport:
    """Keep to `confinement` from now on, and say what of it the operating system enforces. Never raises for that."""
    if sys.platform == "linux":
        from app.confined.sandbox_linux import confine  # noqa: PLC0415 - one file per operating system
    elif sys.platform == "darwin":
        from app.confined.sandbox_macos import confine  # noqa: PLC0415 - one file per operating system
    elif sys.platform == "win32":
        from app.confined.sandbox_windows import confine  # noqa: PLC0415 - one file per operating system
    else:
        return SandboxReport(network=False, files=False, method="none", missing=f"Nothing is known for {sys.platform}.")
    return confine(confinement)

"""What a process may still do, and what of that is in force: values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Confinement:
    """All that a process may touch beside the system's own libraries. A folder stands for everything below it."""

    read: tuple[Path, ...] = ()
    write: tuple[Path, ...] = ()
    """Read, write, make and remove."""


@dataclass(frozen=True, slots=True)
class SandboxReport:
    """What a process has given up: what the operating system has agreed to, never what was only tried."""

    network: bool
    """It cannot open a connection of any kind."""
    files: bool
    """It cannot open a file outside of its `Confinement` and the system's libraries."""
    method: str
    """What the system calls it, "none" without any."""
    missing: str = ""
    """What could not be put on, and what the system said; empty when all is in force."""

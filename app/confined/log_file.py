"""What a confined process prints, kept in a file that only its owner may read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_MAX_BYTES: Final = 1024 * 1024
_TAIL_BYTES: Final = 8 * 1024
_PRIVATE: Final = 0o600


class ProcessLog:
    """The log of one process: appended to a file that may hold those of earlier ones.

    A file that has grown beyond 1 MiB is set aside as `*.old` first; one older file is kept.
    """

    def __init__(self, path: Path) -> None:
        """Open `path` for a process that is about to start."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > _MAX_BYTES:
            path.replace(path.with_name(path.name + ".old"))
        self._descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), _PRIVATE)
        self._start = os.fstat(self._descriptor).st_size
        if os.name == "posix":
            os.fchmod(self._descriptor, _PRIVATE)

    @property
    def descriptor(self) -> int:
        """Where the process prints."""
        return self._descriptor

    def tail(self, lines: int = 30) -> tuple[str, ...]:
        """Give the last lines printed since this process began."""
        size = os.fstat(self._descriptor).st_size
        begin = max(self._start, size - _TAIL_BYTES)
        with os.fdopen(os.dup(self._descriptor), "rb") as file:
            file.seek(begin)
            text = file.read(_TAIL_BYTES).decode("utf-8", errors="replace")
        return tuple(line for line in text.splitlines() if line.strip())[-lines:]

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self._descriptor)

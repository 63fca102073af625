"""Whether the disk has room for what is still to come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.hardware import disk_free
from app.models.download.errors import no_room

KEPT_FREE_BYTES: Final = 1_000_000_000
"""For everything else: conversations are written too, and systems do badly on a full disk."""


@dataclass(frozen=True, slots=True)
class DiskRoom:
    """The room of a disk. `free` looks how much there is; `kept_free_bytes` of it are not for downloads."""

    free: Callable[[Path], int] = disk_free
    kept_free_bytes: int = KEPT_FREE_BYTES

    def check(self, path: Path, missing_bytes: int) -> None:
        """Raise `NoRoomError` where `missing_bytes` more at `path` would leave too little."""
        free_bytes = self.free(path.parent)
        if missing_bytes and free_bytes - self.kept_free_bytes < missing_bytes:
            raise no_room(path.name, missing_bytes, free_bytes, self.kept_free_bytes)

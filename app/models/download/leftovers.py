"""Parts of files that no download in the list belongs to: of a list that was lost, or of another folder's."""

from __future__ import annotations

import logging
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.models.download.errors import DownloadError
from app.models.download.fetch import discard_part
from app.models.download.part_file import PART, PartFile
from app.models.download.safe_name import ENDING, is_safe_name

_BLOCK_BYTES: Final = 512
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Leftovers:
    """The files that these would have become, and how much room they take on the disk."""

    targets: tuple[Path, ...] = ()
    size_bytes: int = 0

    def __len__(self) -> int:
        """How many there are."""
        return len(self.targets)


def find_leftovers(folder: Path, listed: Collection[str]) -> Leftovers:
    """Find what lies unfinished in `folder` and is not among the names `listed`. What somebody is at is left out."""
    try:
        parts = sorted(folder.glob(f"*{ENDING}{PART}"))
    except OSError as error:
        _log.warning("The folder of models cannot be looked through: %s", error)
        return Leftovers()
    targets = tuple(part.with_name(part.name.removesuffix(PART)) for part in parts)
    found = tuple(target for target in targets if target.name not in listed and _is_free(target))
    return Leftovers(found, sum(_room_bytes(target) for target in found))


def throw_away(leftovers: Leftovers) -> None:
    """Remove them for good. Raises `DownloadError`, also where another Paddock has begun with one."""
    for target in leftovers.targets:
        discard_part(target)


def _is_free(target: Path) -> bool:
    if not is_safe_name(target.name):
        return False
    try:
        with closing(PartFile(target)):
            return True
    except DownloadError:
        return False


def _room_bytes(target: Path) -> int:
    status = target.with_name(target.name + PART).stat()
    blocks: int | None = getattr(status, "st_blocks", None)  # a file with gaps takes less than it reaches
    return status.st_size if blocks is None else blocks * _BLOCK_BYTES

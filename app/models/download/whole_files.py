"""Files that lie whole and right under their names although nobody noted that they came."""

from __future__ import annotations

from pathlib import Path

from app.errors import PaddockError
from app.models.download.fetch import FetchedFile
from app.models.download.safe_name import place_in
from app.models.download.wanted import WantedFile
from app.models.hashes import FileHashes, ReportFraction


def whole_file(
    wanted: WantedFile, folder: Path, hashes: FileHashes, report: ReportFraction | None = None
) -> FetchedFile | None:
    """Give the file that `wanted` became, if it is there and nothing else; read once where its hash is not known.

    Without a hash that it should have there is nothing to know it by. What `report` raises ends the reading.
    """
    try:
        path = place_in(folder, wanted.name)
        if not wanted.sha256 or not path.is_file() or path.stat().st_size != wanted.size_bytes:
            return None
        sha256 = hashes.hash_file(path, report)
    except (OSError, PaddockError):  # its download begins again, and says what is wrong
        return None
    return FetchedFile(path, sha256) if sha256 == wanted.sha256.lower() else None

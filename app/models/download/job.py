"""What the connections of one download share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.errors import PaddockError
from app.models.download.clock import Clock
from app.models.download.disk_room import DiskRoom
from app.models.download.errors import FileChangedError
from app.models.download.part_file import PartFile
from app.models.download.part_notes import PartNotes
from app.models.download.pieces import Pieces
from app.models.download.speed_limit import SpeedLimit
from app.models.download.stop import Stop
from app.models.download.wanted import Headers, Locate, WantedFile
from app.models.hashes import FileHashes
from app.models.remote_file import RemoteFile
from app.network.network import Network
from app.network.purpose import Purpose, PurposeKind

if TYPE_CHECKING:
    import httpx2


@dataclass(frozen=True, slots=True)
class Means:
    """What downloads are done with; all share one. `connections` is how many a file may have now.

    A server that sends nothing for `silence_s` is asked again.
    """

    network: Network
    locate: Locate
    headers: Headers
    hashes: FileHashes
    limit: SpeedLimit
    connections: Callable[[], int] = lambda: 1
    room: DiskRoom = field(default_factory=DiskRoom)
    clock: Clock = field(default_factory=Clock)
    silence_s: float = 30.0


class Source:
    """Where one file is on the hub; asked again when a server no longer gives it there."""

    def __init__(self, wanted: WantedFile, locate: Locate) -> None:
        self.wanted = wanted
        self.purpose = Purpose(PurposeKind.DOWNLOAD, wanted.shown_as)
        self._locate = locate
        self._lock = threading.Lock()
        self.file = self._ask()

    def renew(self, stale: RemoteFile) -> bool:
        """Ask the hub again, unless somebody has done so since `stale`. Whether it still is the same file."""
        with self._lock:
            if self.file is stale:
                self.file = self._ask()
            return (self.file.sha256, self.file.size_bytes) == (stale.sha256, stale.size_bytes)

    def _ask(self) -> RemoteFile:
        found = self._locate(self.wanted.remote, self.wanted.shown_as)
        if self.wanted.sha256 and found.sha256.lower() != self.wanted.sha256.lower():
            raise FileChangedError(
                "The file {name} on the hub is another one now than the one that you chose.",
                next_step="Nothing was taken of it. Look at its repository, and choose again.",
                name=self.wanted.shown_as,
            )
        return found


@dataclass(slots=True)
class Job:
    """One file on its way, from one beginning to the next. `is_whole`: its server gives no parts."""

    source: Source
    means: Means
    client: httpx2.Client
    part: PartFile
    notes: PartNotes
    pieces: Pieces
    tell: Callable[[PaddockError, float], None]
    is_whole: bool = False
    gives_parts: threading.Event = field(default_factory=threading.Event)
    stop: Stop = field(default_factory=Stop)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def learn_etag(self, etag: str) -> None:
        """Remember what the delivering host calls the content; the first answer counts."""
        with self._lock:
            if etag and not self.notes.known.server_etag:
                self.notes.known.server_etag = etag
                self.notes.server_etag(etag)

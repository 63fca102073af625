"""What the tests of downloads share: a hub with one file, means that a test can change, a clock that does not wait."""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from typing_extensions import override

from app.models.download.clock import Clock
from app.models.download.disk_room import DiskRoom
from app.models.download.fetch import FetchedFile, FileFetch, Notice, Progress
from app.models.download.job import Means
from app.models.download.part_file import part_path
from app.models.download.safe_name import local_name
from app.models.download.speed_limit import SpeedLimit
from app.models.download.stop import StoppedError
from app.models.download.wanted import WantedFile
from app.models.hashes import FileHashes
from app.models.remote_file import RemoteFile, RemotePath
from tests.hub_server.faults import SpeedCap
from tests.hub_server.repositories import HubFile, HubRepository
from tests.hub_server.server import HubServer, hub_server
from tests.network.conftest import Home

REPOSITORY = "owner/Model-GGUF"
FILE = "Model-Q4_K_M.gguf"
MIB = 1024 * 1024
SMALL = 3 * MIB + 17
LARGE = 40 * MIB + 12345
"""Three pieces, the last one short."""


@cache
def some_bytes(size_bytes: int) -> bytes:
    """The same bytes each time, of which no two parts are alike."""
    return random.Random(size_bytes).randbytes(size_bytes)  # noqa: S311 - any bytes will do


class QuickClock(Clock):
    """Time that passes only where somebody waits, and at once. `waits` are what was waited."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self._now = 0.0
        self._lock = threading.Lock()

    @override
    def now(self) -> float:
        with self._lock:
            return self._now

    @override
    def date(self) -> datetime:
        return datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    @override
    def wait(self, seconds: float, stopped: threading.Event) -> None:
        with self._lock:
            self.waits.append(seconds)
            self._now += seconds


@dataclass
class Downloading:
    """A file on a hub, and a folder of models to download it into."""

    hub: HubServer
    home: Home
    folder: Path
    content: bytes | Path
    sha256: str
    size_bytes: int
    clock: QuickClock = field(default_factory=QuickClock)
    connections: int = 4
    limit: float = 0.0
    token: str = ""
    located: list[RemotePath] = field(default_factory=list[RemotePath])
    notices: list[Notice] = field(default_factory=list[Notice])
    progress: list[Progress] = field(default_factory=list[Progress])
    gaps: list[int] = field(default_factory=list[int])
    """How far the part reached beyond what had come: what several connections leave open between them."""
    stopped: threading.Event = field(default_factory=threading.Event)
    room: DiskRoom = field(default_factory=lambda: DiskRoom(lambda _: 10**12))

    @property
    def wanted(self) -> WantedFile:
        """The file as a user wants it."""
        name = local_name(FILE, self.sha256)
        return WantedFile(RemotePath(REPOSITORY, "main", FILE), name, "Model, Q4_K_M", self.size_bytes, self.sha256)

    @property
    def target(self) -> Path:
        """Where it is to be."""
        return self.folder / self.wanted.name

    @property
    def part(self) -> Path:
        """Where it is until it is right."""
        return part_path(self.target)

    @property
    def means(self) -> Means:
        """With all that a test has changed."""
        return Means(
            self.home.network,
            self.locate,
            self.headers,
            FileHashes(self.folder.parent / "hashes.json"),
            SpeedLimit(lambda: self.limit, self.clock),
            lambda: self.connections,
            self.room,
            self.clock,
            silence_s=0.5,
        )

    def locate(self, path: RemotePath, shown_as: str) -> RemoteFile:
        """Answer as the hub does."""
        self.located.append(path)
        file = self.hub.repositories[REPOSITORY].file(path.path)
        assert file is not None
        url = f"{self.hub.address}/{REPOSITORY}/resolve/main/{path.path}"
        return RemoteFile(url, file.size_bytes, file.etag, file.sha256, "c0ffee", accepts_ranges=True)

    def headers(self) -> Mapping[str, str]:
        """The token."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def fetch(self, **changed: object) -> FetchedFile:
        """Fetch the file; `changed` are other means."""
        means = replace(self.means, **changed)  # pyright: ignore[reportArgumentType] - a test hands in what fits
        return FileFetch(self.wanted, self.folder, means, self._hear).run(self.stopped)

    def stop_after(self, received_bytes: int) -> None:
        """Have `stopped` set when so much is here."""
        self._stop_at = received_bytes

    _stop_at: int = 1 << 60

    def _hear(self, said: Progress | Notice) -> None:
        if isinstance(said, Notice):
            self.notices.append(said)
            return
        self.progress.append(said)
        if self.part.exists():  # it may have got its name
            self.gaps.append(self.part.stat().st_size - said.received_bytes)
        if said.received_bytes >= self._stop_at:
            self.stopped.set()

    @property
    def twice(self) -> float:
        """Which share of the file was sent twice."""
        return self.hub.log.bytes_sent_twice(FILE) / self.size_bytes

    def check_right(self) -> None:
        """See that the file is there, right, and that nothing else is."""
        assert hashlib.sha256(self.target.read_bytes()).hexdigest() == self.sha256
        assert [path.name for path in self.folder.iterdir()] == [self.target.name]

    def check_nothing_there(self) -> None:
        """See that the folder holds nothing that could be taken for a model, nor a part of one."""
        assert list(self.folder.iterdir()) == []


@contextmanager
def downloading(folder: Path, content: bytes | Path) -> Generator[Downloading]:
    """Run a hub that has `content` as a file while the block lasts."""
    file = HubFile(FILE, content)
    home = folder / "home"
    home.mkdir()
    with hub_server(HubRepository(REPOSITORY, (file,))) as hub:
        yield Downloading(hub, Home(home), folder / "models", content, file.sha256, file.size_bytes)


def begin(download: Downloading, received_bytes: int) -> None:
    """Have so much of the file here, and nobody at it."""
    cap = SpeedCap(25e6)
    download.hub.faults.append(cap)
    download.stop_after(received_bytes)
    with pytest.raises(StoppedError):
        download.fetch()
    download.hub.faults.remove(cap)
    download.stop_after(1 << 60)
    download.stopped.clear()

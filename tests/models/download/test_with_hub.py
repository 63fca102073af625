"""The starter model's real file, found by the hub's own library and fetched by ours."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from app.models.download.disk_room import DiskRoom
from app.models.download.fetch import FetchedFile, FileFetch, Notice, Progress
from app.models.download.job import Means
from app.models.download.safe_name import local_name
from app.models.download.speed_limit import SpeedLimit
from app.models.download.stop import StoppedError
from app.models.download.wanted import WantedFile
from app.models.hashes import FileHashes
from app.models.hub import Hub
from app.models.hub_cache import HubCache
from app.models.hub_errors import GatedError, RateLimitedError
from app.models.remote_file import RemotePath
from app.network.errors import NetworkError
from tests.hub_server.exchange import Kind
from tests.hub_server.faults import DropsEvery, Failing, SpeedCap, Times, TooManyRequests
from tests.hub_server.repositories import HubAccount, starter_repository
from tests.hub_server.server import HubServer, hub_server
from tests.models.download.downloads import QuickClock
from tests.network.conftest import Home

REPOSITORY = starter_repository()
MODEL = REPOSITORY.files[-1]
TOKEN = "hf_abcdefghijkl"  # noqa: S105 - nobody's


@dataclass
class Fetching:
    """A hub, and a way to fetch its model with the hub's own library."""

    hub: HubServer
    folder: Path
    token: str | None = None
    clock: QuickClock = field(default_factory=QuickClock)
    hear: Callable[[Progress | Notice], None] = lambda _: None
    stopped: threading.Event = field(default_factory=threading.Event)

    def fetch(self) -> FetchedFile:
        """Fetch the model."""
        network = Home(self.folder).network
        hub = Hub(network, lambda: self.token, lambda: self.hub.address, HubCache(self.folder / "cache"))
        means = Means(
            network,
            hub.locate,
            lambda: {"Authorization": f"Bearer {self.token}"} if self.token else {},
            FileHashes(self.folder / "hashes.json"),
            SpeedLimit(float, self.clock),
            lambda: 4,
            DiskRoom(kept_free_bytes=0),
            self.clock,
        )
        path = RemotePath(REPOSITORY.id, REPOSITORY.commit, MODEL.path)
        wanted = WantedFile(path, local_name(MODEL.path, MODEL.sha256), "SmolLM2", MODEL.size_bytes, MODEL.sha256)
        try:
            return FileFetch(wanted, self.folder / "models", means, self.hear).run(self.stopped)
        finally:
            hub.close()


@pytest.fixture
def fetching(tmp_path: Path) -> Iterator[Fetching]:
    """A hub with the starter model."""
    with hub_server(REPOSITORY) as hub:
        yield Fetching(hub, tmp_path)


def check_right(fetched: FetchedFile) -> None:
    """See that the file is the starter model's."""
    assert hashlib.sha256(fetched.path.read_bytes()).hexdigest() == MODEL.sha256 == fetched.sha256


def test_over_a_line_that_drops_every_three_megabytes(fetching: Fetching) -> None:
    """Less than a hundredth comes twice."""
    fetching.hub.faults.append(DropsEvery(3_000_000))
    check_right(fetching.fetch())
    assert fetching.hub.log.bytes_sent_twice(MODEL.path) < 0.01 * MODEL.size_bytes


def test_paused_again_and_again(fetching: Fetching) -> None:
    """As if the laptop was closed every ten megabytes."""
    fetching.hub.faults.append(SpeedCap(30e6))
    pauses = iter(range(10_000_000, 60_000_000, 10_000_000))
    due = [next(pauses)]

    def hear(said: Progress | Notice) -> None:
        if isinstance(said, Progress) and said.received_bytes >= due[0]:
            due[0] = next(pauses, 1 << 60)
            fetching.stopped.set()

    fetching.hear = hear
    fetched = None
    while fetched is None:
        fetching.stopped = threading.Event()
        with suppress(StoppedError):
            fetched = fetching.fetch()
    check_right(fetched)
    assert due == [1 << 60]
    assert fetching.hub.log.bytes_sent_twice(MODEL.path) < 0.05 * MODEL.size_bytes  # what was on its way each time


def test_a_gated_model(fetching: Fetching) -> None:
    """Without a token it is said what to do; with one it comes, and the delivering host never sees the token."""
    fetching.hub.publish(replace(REPOSITORY, gated="manual"))
    with pytest.raises(GatedError):
        fetching.fetch()
    fetching.token = TOKEN
    fetching.hub.accounts[TOKEN] = HubAccount("somebody", frozenset({REPOSITORY.id}))
    check_right(fetching.fetch())
    assert fetching.hub.log.tokens() == {(fetching.hub.address, TOKEN)}


@pytest.mark.parametrize("fault", [Failing(503, Times(3)), TooManyRequests(20, Times(3))])
def test_a_hub_in_trouble_is_asked_again(fetching: Fetching, fault: Failing | TooManyRequests) -> None:
    """Also when it does not even say where the file is."""
    fetching.hub.faults.append(replace(fault, kinds=frozenset({Kind.RESOLVE})))
    check_right(fetching.fetch())
    assert len(fetching.clock.waits) == 3


def test_a_hub_that_is_not_there(fetching: Fetching) -> None:
    """The network may come back within a minute or two; after that the user is told."""
    fetching.hub.address = "http://127.0.0.1:9"
    with pytest.raises(NetworkError):
        fetching.fetch()
    assert len(fetching.clock.waits) == 7


def test_a_hub_that_wants_to_be_left_alone_for_long(fetching: Fetching) -> None:
    """Nobody waits for an hour without being asked."""
    fetching.hub.faults.append(TooManyRequests(3600, kinds=frozenset({Kind.RESOLVE})))
    with pytest.raises(RateLimitedError):
        fetching.fetch()
    assert fetching.clock.waits == []

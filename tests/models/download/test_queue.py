"""The queue: so many files at a time, in an order that can be changed, over restarts and beside another Paddock."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.models.download.clock import Clock
from app.models.download.disk_room import DiskRoom
from app.models.download.download import (
    Download,
    DownloadChanged,
    DownloadEvent,
    DownloadRemoved,
    DownloadState,
    OrderChanged,
)
from app.models.download.errors import InUseError, NoRoomError
from app.models.download.job import Means
from app.models.download.queue import DownloadQueue, NoSuchDownloadError
from app.models.download.run import OurMistakeError
from app.models.download.safe_name import local_name
from app.models.download.speed_limit import SpeedLimit
from app.models.download.speedometer import Speedometer
from app.models.download.wanted import WantedFile
from app.models.hashes import FileHashes
from app.models.remote_file import RemoteFile, RemotePath
from app.network.gate import NetworkPolicy
from app.private_file import PrivateFileError
from tests.hub_server.exchange import Kind
from tests.hub_server.faults import Failing, SpeedCap, Stalls, Times
from tests.hub_server.repositories import HubFile, HubRepository
from tests.hub_server.server import HubServer, hub_server
from tests.models.download.downloads import MIB, REPOSITORY, QuickClock, some_bytes
from tests.network.conftest import Home

NAMES = ("A-Q4_0.gguf", "B-Q4_0.gguf", "C-Q4_0.gguf", "D-Q4_0.gguf")
PATIENCE_S = 30


@dataclass
class Pasture:
    """A hub with four files, and what a queue that fetches them told."""

    hub: HubServer
    home: Home
    folder: Path
    clock: Clock = field(default_factory=QuickClock)
    files_at_a_time: int = 2
    limit: float = 0.0
    free_bytes: int = 10**12
    mistaken_about: str = ""
    events: list[DownloadEvent] = field(default_factory=list[DownloadEvent])
    told: threading.Event = field(default_factory=threading.Event)
    queues: list[DownloadQueue] = field(default_factory=list[DownloadQueue])

    @property
    def models(self) -> Path:
        """The folder of models."""
        return self.folder / "models"

    @property
    def list_file(self) -> Path:
        """Where the queue is kept."""
        return self.folder / "downloads.json"

    def queue(self) -> DownloadQueue:
        """Give a queue, as the start of Paddock makes one."""
        means = Means(
            self.home.network,
            self.locate,
            dict,
            FileHashes(self.folder / "hashes.json"),
            SpeedLimit(lambda: self.limit, self.clock),
            lambda: 2,
            DiskRoom(lambda _: self.free_bytes),
            self.clock,
        )
        queue = DownloadQueue(self.list_file, self.models, means, lambda: self.files_at_a_time, self.hear)
        self.queues.append(queue)
        return queue

    def locate(self, path: RemotePath, shown_as: str) -> RemoteFile:
        """Answer as the hub does."""
        if path.path == self.mistaken_about:
            raise ZeroDivisionError
        file = self.hub.repositories[REPOSITORY].file(path.path)
        assert file is not None
        url = f"{self.hub.address}/{REPOSITORY}/resolve/main/{path.path}"
        return RemoteFile(url, file.size_bytes, file.etag, file.sha256, "c0ffee", accepts_ranges=True)

    def wanted(self, name: str) -> WantedFile:
        """The file `name` as a user wants it."""
        file = self.hub.repositories[REPOSITORY].file(name)
        assert file is not None
        path = RemotePath(REPOSITORY, "main", name)
        return WantedFile(path, local_name(name, file.sha256), name[0], file.size_bytes, file.sha256)

    def hear(self, event: DownloadEvent) -> None:
        """Keep what is told."""
        self.events.append(event)
        self.told.set()

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        """Wait for what is told."""
        while not is_so():
            assert self.told.wait(PATIENCE_S), self.events[-3:]
            self.told.clear()

    def states(self, queue: DownloadQueue) -> dict[str, DownloadState]:
        """What each is at."""
        return {each.wanted.shown_as: each.state for each in queue.downloads}

    def wait_for(self, queue: DownloadQueue, **states: DownloadState) -> None:
        """Wait until the downloads named so are at that."""
        self.wait_until(lambda: states.items() <= self.states(queue).items())

    def by_name(self, queue: DownloadQueue, name: str) -> Download:
        """Give the download of a file."""
        return next(each for each in queue.downloads if each.wanted.shown_as == name)


@pytest.fixture
def pasture(tmp_path: Path) -> Iterator[Pasture]:
    """Four files of three megabytes; what runs at the end of a test is stopped."""
    files = tuple(HubFile(name, some_bytes(3 * MIB + number)) for number, name in enumerate(NAMES))
    (tmp_path / "home").mkdir()
    with hub_server(HubRepository(REPOSITORY, files)) as hub:
        made = Pasture(hub, Home(tmp_path / "home"), tmp_path)
        yield made
        for queue in made.queues:
            queue.close()


def add_all(pasture: Pasture, queue: DownloadQueue) -> dict[str, str]:
    """Add the four files; gives their ids by their names."""
    return {name[0]: queue.add(pasture.wanted(name))[0].id for name in NAMES}


RUNNING, WAITING, PAUSED = DownloadState.RUNNING, DownloadState.WAITING, DownloadState.PAUSED
FINISHED, FAILED, INTERRUPTED = DownloadState.FINISHED, DownloadState.FAILED, DownloadState.INTERRUPTED


def test_files_come_so_many_at_a_time(pasture: Pasture) -> None:
    """The others wait for their turn; each is right in the end, and its hash is known."""
    queue = pasture.queue()
    add_all(pasture, queue)
    pasture.wait_for(queue, A=FINISHED, B=FINISHED, C=FINISHED, D=FINISHED)
    assert most_at_a_time(pasture.events) == 2
    for download in queue.downloads:
        assert download.path is not None
        assert hashlib.sha256(download.path.read_bytes()).hexdigest() == download.sha256 == download.wanted.sha256
        assert download.received_bytes == download.size_bytes == download.wanted.size_bytes
    assert pasture.queue().downloads == queue.downloads


def test_progress_is_told_with_speed_and_remaining_time(pasture: Pasture) -> None:
    """The numbers go together."""
    pasture.clock = Clock()
    pasture.hub.faults.append(SpeedCap(2e6))
    queue = pasture.queue()
    queue.add(pasture.wanted(NAMES[0]))
    pasture.wait_for(queue, A=FINISHED)
    on_the_way = [each for each in changes(pasture.events) if each.bytes_per_s and each.state is RUNNING]
    assert on_the_way
    for each in on_the_way:
        assert each.remaining_s == pytest.approx((each.size_bytes - each.received_bytes) / each.bytes_per_s)
    received = [each.received_bytes for each in on_the_way]
    assert received == sorted(received)


def test_a_pause_is_felt_at_once_and_resumed(pasture: Pasture) -> None:
    """Also when the server says nothing; another file takes its place meanwhile."""
    pasture.files_at_a_time = 1
    stalled = Stalls(MIB, Times(2))
    pasture.hub.faults.append(stalled)
    queue = pasture.queue()
    first = queue.add(pasture.wanted(NAMES[0]))[0].id
    queue.add(pasture.wanted(NAMES[1]))
    assert stalled.reached.wait(PATIENCE_S)
    pasture.hub.faults.clear()
    queue.pause(first)
    assert pasture.states(queue) == {"A": PAUSED, "B": RUNNING}
    pasture.wait_for(queue, B=FINISHED)
    queue.resume(first)
    pasture.wait_for(queue, A=FINISHED)
    stalled.released.set()


def test_pausing_and_resuming_again_and_again(pasture: Pasture) -> None:
    """Impatient clicks lead to one right file."""
    pasture.hub.faults.append(SpeedCap(10e6))
    queue = pasture.queue()
    id_ = queue.add(pasture.wanted(NAMES[0]))[0].id
    for _ in range(10):
        queue.pause(id_)
        queue.resume(id_)
    pasture.wait_for(queue, A=FINISHED)
    assert [path.suffix for path in pasture.models.iterdir()] == [".gguf"]


def test_cancelling_throws_away_what_came(pasture: Pasture) -> None:
    """One that runs, one that waits, one that rests; nothing stays in the folder or in the list."""
    pasture.clock = Clock()
    pasture.hub.faults.append(SpeedCap(2e6))
    pasture.files_at_a_time = 1
    queue = pasture.queue()
    ids = add_all(pasture, queue)
    pasture.wait_until(lambda: pasture.by_name(queue, "A").received_bytes > 0)
    queue.pause(ids["A"])
    pasture.wait_until(lambda: pasture.by_name(queue, "B").received_bytes > 0)
    for name in "ABCD":
        queue.cancel(ids[name])
    assert queue.downloads == ()
    assert [event.id for event in pasture.events if isinstance(event, DownloadRemoved)] == list(ids.values())
    queue.close()
    assert list(pasture.models.iterdir()) == []
    assert pasture.queue().downloads == ()


def test_what_runs_can_be_stopped_where_the_list_cannot_be_written(
    pasture: Pasture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk, nothing else makes room; the list follows when it can."""
    stalled = Stalls(MIB, Times(4))
    pasture.hub.faults.append(stalled)
    queue = pasture.queue()
    paused, cancelled = (queue.add(pasture.wanted(name))[0].id for name in NAMES[:2])
    pasture.wait_for(queue, A=RUNNING, B=RUNNING)
    with monkeypatch.context() as full:
        full.setattr("app.models.download.download_list.write_object", _no_room)
        queue.pause(paused)
        queue.cancel(cancelled)
        queue.look_again()
        assert pasture.states(queue) == {"A": PAUSED}
        assert isinstance(pasture.by_name(queue, "A").trouble, PrivateFileError)
        queue.close()
        assert not [path for path in pasture.models.iterdir() if path.name.startswith("B")]
        assert len(pasture.queue().downloads) == 2
    queue.cancel(paused)
    assert list(pasture.models.iterdir()) == []
    assert pasture.queue().downloads == ()
    stalled.released.set()


def _no_room(path: Path, _content: object) -> None:
    """A full disk."""
    raise PrivateFileError("{name} could not be saved.", name=path.name)


def test_a_finished_download_leaves_the_list_and_its_file_stays(pasture: Pasture) -> None:
    """To take it from view is not to delete it."""
    queue = pasture.queue()
    id_ = queue.add(pasture.wanted(NAMES[0]))[0].id
    pasture.wait_for(queue, A=FINISHED)
    queue.cancel(id_)
    assert queue.downloads == ()
    assert (pasture.models / pasture.wanted(NAMES[0]).name).exists()


def test_the_order_can_be_changed(pasture: Pasture) -> None:
    """What was put first is fetched first; the order is kept."""
    pasture.files_at_a_time = 1
    cap = SpeedCap(2e6)
    pasture.hub.faults.append(cap)
    queue = pasture.queue()
    ids = add_all(pasture, queue)
    queue.move(ids["D"], 1)
    assert pasture.events[-1] == OrderChanged((ids["A"], ids["D"], ids["B"], ids["C"]))
    assert [each.wanted.shown_as for each in pasture.queue().downloads] == ["A", "D", "B", "C"]
    pasture.hub.faults.remove(cap)
    pasture.wait_for(queue, A=FINISHED, B=FINISHED, C=FINISHED, D=FINISHED)
    finished = [each.wanted.shown_as for each in changes(pasture.events) if each.state is FINISHED]
    assert finished == ["A", "D", "B", "C"]


def changes(events: list[DownloadEvent]) -> list[Download]:
    """What the downloads were, one after another."""
    return [event.download for event in events if isinstance(event, DownloadChanged)]


def most_at_a_time(events: list[DownloadEvent]) -> int:
    """How many were running at once, at most."""
    now: dict[str, DownloadState] = {}
    counts: list[int] = []
    for download in changes(events):
        now[download.id] = download.state
        counts.append(list(now.values()).count(RUNNING))
    return max(counts)


def test_limits_are_felt_at_once(pasture: Pasture) -> None:
    """Fewer at a time: the last ones wait again. More: they go on."""
    cap = SpeedCap(2e6)
    pasture.hub.faults.append(cap)
    pasture.files_at_a_time = 3
    queue = pasture.queue()
    add_all(pasture, queue)
    assert pasture.states(queue) == {"A": RUNNING, "B": RUNNING, "C": RUNNING, "D": WAITING}
    pasture.files_at_a_time = 1
    queue.limits_changed()
    assert pasture.states(queue) == {"A": RUNNING, "B": WAITING, "C": WAITING, "D": WAITING}
    pasture.files_at_a_time = 8
    queue.limits_changed()
    pasture.hub.faults.remove(cap)
    pasture.wait_for(queue, A=FINISHED, B=FINISHED, C=FINISHED, D=FINISHED)


def test_after_a_restart_nothing_connects_by_itself(pasture: Pasture) -> None:
    """What was interrupted is there, as far as it was, and goes on when it is told to; what was paused stays so."""
    pasture.clock = Clock()
    pasture.hub.faults.append(SpeedCap(2e6))
    queue = pasture.queue()
    ids = add_all(pasture, queue)
    queue.pause(ids["D"])
    pasture.wait_until(lambda: pasture.by_name(queue, "A").received_bytes > MIB)
    queue.close()
    pasture.hub.faults.clear()
    pasture.hub.log.clear()
    again = pasture.queue()
    assert pasture.states(again) == {"A": INTERRUPTED, "B": INTERRUPTED, "C": INTERRUPTED, "D": PAUSED}
    assert pasture.by_name(again, "A").received_bytes > MIB
    assert pasture.hub.log.requests == ()
    for each in again.downloads:
        if each.state is INTERRUPTED:
            again.resume(each.id)
    pasture.wait_for(again, A=FINISHED, B=FINISHED, C=FINISHED, D=PAUSED)


def test_another_paddock_adds_to_it(pasture: Pasture) -> None:
    """Neither disturbs the other: each has its own downloads, and the list has those of both."""
    pasture.hub.faults.append(SpeedCap(2e6))
    window, command = pasture.queue(), pasture.queue()
    window.add(pasture.wanted(NAMES[0]))
    command.add(pasture.wanted(NAMES[1]))
    assert pasture.states(window) == {"A": RUNNING}
    window.look_again()
    assert pasture.states(window) == {"A": RUNNING, "B": INTERRUPTED}
    assert pasture.states(pasture.queue()) == {"A": INTERRUPTED, "B": INTERRUPTED}
    pasture.wait_until(lambda: pasture.by_name(command, "B").received_bytes > 0)
    window.resume(pasture.by_name(window, "B").id)
    pasture.wait_for(window, B=FAILED)
    assert isinstance(pasture.by_name(window, "B").trouble, InUseError)
    pasture.hub.faults.clear()
    pasture.wait_for(window, A=FINISHED)
    pasture.wait_for(command, B=FINISHED)
    window.look_again()
    assert pasture.states(window) == {"A": FINISHED, "B": FINISHED}


def test_what_another_paddock_is_at_is_not_added(pasture: Pasture) -> None:
    """Two would write one file; nothing of the model is begun, and its place in the list is left as it is."""
    pasture.hub.faults.append(SpeedCap(2e6))
    window, command = pasture.queue(), pasture.queue()
    window.add(pasture.wanted(NAMES[1]))
    pasture.wait_until(lambda: pasture.by_name(window, "B").received_bytes > 0)
    with pytest.raises(InUseError, match="B is being downloaded by another Paddock"):
        command.add(pasture.wanted(NAMES[0]), pasture.wanted(NAMES[1]))
    assert command.downloads == ()
    assert pasture.states(pasture.queue()) == {"B": INTERRUPTED}


def test_who_cancels_and_begins_again_at_once_gets_the_file(pasture: Pasture) -> None:
    """The new beginning waits until the old one has let go."""
    stalled = Stalls(MIB, Times(2))
    pasture.hub.faults.append(stalled)
    queue = pasture.queue()
    (first,) = queue.add(pasture.wanted(NAMES[0]))
    assert stalled.reached.wait(PATIENCE_S)
    pasture.hub.faults.clear()
    queue.cancel(first.id)
    (second,) = queue.add(pasture.wanted(NAMES[0]))
    assert second.id != first.id
    pasture.wait_for(queue, A=FINISHED)
    stalled.released.set()


def test_a_file_that_came_is_kept_in_the_list_until_it_is_settled(pasture: Pasture) -> None:
    """A restart still knows it, with its hash; settled it is shown until the end of the run, under its name."""
    queue = pasture.queue()
    (added,) = queue.add(pasture.wanted(NAMES[0]))
    pasture.wait_for(queue, A=FINISHED)
    (again,) = pasture.queue().downloads
    assert (again.state, again.sha256) == (FINISHED, added.wanted.sha256)
    queue.settled([added.id], "Meadow")
    (settled,) = queue.downloads
    assert (settled.is_settled, settled.wanted.shown_as) == (True, "Meadow")
    assert pasture.queue().downloads == ()


def test_a_file_that_came_and_was_taken_away_comes_again(pasture: Pasture) -> None:
    """Nobody is told that it is there; settled or not."""
    queue = pasture.queue()
    for is_settled in (False, True):
        (added,) = queue.add(pasture.wanted(NAMES[0]))
        pasture.wait_for(queue, A=FINISHED)
        if is_settled:
            queue.settled([added.id])
        (pasture.models / added.wanted.name).unlink()
        if not is_settled:
            assert pasture.states(pasture.queue()) == {"A": INTERRUPTED}
    queue.add(pasture.wanted(NAMES[0]))
    pasture.wait_for(queue, A=FINISHED)
    assert (pasture.models / pasture.wanted(NAMES[0]).name).is_file()
    assert len(queue.downloads) == 1


def test_a_file_that_got_its_name_when_nobody_could_note_it_is_recognised(pasture: Pasture) -> None:
    """Without the network; another content of the same size is none of ours."""
    pasture.files_at_a_time = 1
    pasture.hub.faults.append(SpeedCap(2e6))
    begun = pasture.queue()
    begun.add(pasture.wanted(NAMES[0]), pasture.wanted(NAMES[1]))
    begun.close()
    pasture.hub.log.clear()
    for name, wrong in ((NAMES[0], b""), (NAMES[1], b"wrong")):
        right = some_bytes(pasture.wanted(name).size_bytes)
        (pasture.models / pasture.wanted(name).name).write_bytes(wrong + right[len(wrong) :])
    queue = pasture.queue()
    queue.recognise()
    assert pasture.states(queue) == pasture.states(pasture.queue()) == {"A": FINISHED, "B": INTERRUPTED}
    assert pasture.hub.log.requests == ()


def test_adding_the_same_file_again_resumes_it(pasture: Pasture) -> None:
    """It is in the queue once."""
    pasture.hub.faults.append(Failing(404))
    queue = pasture.queue()
    id_ = queue.add(pasture.wanted(NAMES[0]))[0].id
    pasture.wait_for(queue, A=FAILED)
    pasture.hub.faults.clear()
    assert queue.add(pasture.wanted(NAMES[0]))[0].id == id_
    pasture.wait_for(queue, A=FINISHED)


def test_a_full_disk_pauses_with_a_sentence(pasture: Pasture) -> None:
    """It is no failure of the download; when there is room it goes on."""
    pasture.free_bytes = 0
    queue = pasture.queue()
    id_ = queue.add(pasture.wanted(NAMES[0]))[0].id
    pasture.wait_for(queue, A=PAUSED)
    assert isinstance(pasture.by_name(queue, "A").trouble, NoRoomError)
    pasture.free_bytes = 10**12
    queue.resume(id_)
    pasture.wait_for(queue, A=FINISHED)
    assert pasture.by_name(queue, "A").trouble is None


def test_being_offline_pauses_with_a_sentence(pasture: Pasture) -> None:
    """Nothing was sent, nothing is lost."""
    pasture.home.policy = NetworkPolicy.OFFLINE
    queue = pasture.queue()
    queue.add(pasture.wanted(NAMES[0]))
    pasture.wait_for(queue, A=PAUSED)
    assert "offline" in str(pasture.by_name(queue, "A").trouble)


def test_a_failure_is_one_after_a_restart_too(pasture: Pasture) -> None:
    """With the sentence that was said; to try again forgets it."""
    pasture.hub.faults.append(Failing(404))
    queue = pasture.queue()
    id_ = queue.add(pasture.wanted(NAMES[0]))[0].id
    pasture.wait_for(queue, A=FAILED)
    trouble = pasture.by_name(queue, "A").trouble
    queue.close()
    again = pasture.queue()
    assert pasture.states(again) == {"A": FAILED}
    assert str(trouble) in str(pasture.by_name(again, "A").trouble)
    pasture.hub.faults.clear()
    again.resume(id_)
    pasture.wait_for(again, A=FINISHED)
    assert pasture.states(pasture.queue()) == {"A": FINISHED}


def test_a_failure_makes_room_for_the_next(pasture: Pasture) -> None:
    """The sentence stays with the download that failed."""
    pasture.files_at_a_time = 1
    pasture.hub.faults.append(Failing(404, suffix="A-Q4_0.gguf"))
    queue = pasture.queue()
    add_all(pasture, queue)
    pasture.wait_for(queue, A=FAILED, B=FINISHED, C=FINISHED, D=FINISHED)
    assert "404" in str(pasture.by_name(queue, "A").trouble)


def test_a_notice_passes_when_bytes_come(pasture: Pasture) -> None:
    """While it waits it says for what; then it says nothing."""
    pasture.hub.faults.append(Failing(503, Times(3), kinds=frozenset({Kind.DELIVERY})))
    queue = pasture.queue()
    queue.add(pasture.wanted(NAMES[0]))
    pasture.wait_for(queue, A=FINISHED)
    notices = {each.notice for each in changes(pasture.events)}
    assert any("Trying again in" in notice for notice in notices)
    assert pasture.by_name(queue, "A").notice == ""


def test_a_mistake_of_ours_is_told_as_one(pasture: Pasture, caplog: pytest.LogCaptureFixture) -> None:
    """It goes to the log with its traceback, and the other downloads go on."""
    pasture.mistaken_about = NAMES[0]
    queue = pasture.queue()
    add_all(pasture, queue)
    pasture.wait_for(queue, A=FAILED, B=FINISHED)
    assert isinstance(pasture.by_name(queue, "A").trouble, OurMistakeError)
    assert "ZeroDivisionError" in caplog.text


def test_a_damaged_list_is_set_aside(pasture: Pasture) -> None:
    """What it held is kept for whoever can read it."""
    pasture.list_file.write_text("nonsense")
    queue = pasture.queue()
    assert queue.downloads == ()
    assert queue.set_aside is not None
    assert queue.set_aside.read_text() == "nonsense"


def test_an_unknown_download_is_a_sentence(pasture: Pasture) -> None:
    """Two windows may show one line, and one has taken it away."""
    queue = pasture.queue()
    for act in (queue.pause, queue.resume, queue.cancel):
        with pytest.raises(NoSuchDownloadError):
            act("nobody")


def test_the_speed_limit_counts_for_all_together(pasture: Pasture) -> None:
    """Twelve megabytes at two a second take six seconds, however many come at a time."""
    pasture.limit = 2e6
    pasture.files_at_a_time = 4
    queue = pasture.queue()
    add_all(pasture, queue)
    pasture.wait_for(queue, A=FINISHED, B=FINISHED, C=FINISHED, D=FINISHED)
    assert pasture.clock.now() >= 12 * MIB / 2e6 - 0.5


def test_a_change_of_the_speed_limit_is_felt_at_once() -> None:
    """Who waits for the old one waits no longer."""
    clock = QuickClock()
    rates = iter([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    limit = SpeedLimit(lambda: next(rates), clock)
    limit.take(100, threading.Event())
    assert clock.now() < 1


def test_the_speed_is_that_of_the_last_seconds() -> None:
    """A pause long ago has no say, and a beginning tells nothing yet."""
    meter = Speedometer()
    assert meter.see(0.0, 0) == 0
    assert meter.see(0.1, 1000) == 0
    assert [round(meter.see(float(second), 100 * second)) for second in range(10, 20)][-1] == 100
    assert meter.see(20.0, 50) == 0, "it began again"


def test_many_add_at_the_same_time(pasture: Pasture) -> None:
    """Each line is written under the lock: none is lost."""
    pasture.home.policy = NetworkPolicy.OFFLINE
    queues = [pasture.queue() for _ in NAMES]
    threads = [
        threading.Thread(target=queue.add, args=(pasture.wanted(name),))
        for queue, name in zip(queues, NAMES, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(pasture.states(pasture.queue())) == {"A", "B", "C", "D"}

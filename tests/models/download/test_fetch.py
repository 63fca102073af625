"""One file over the network, with all that can go wrong: it is right in the end, or refused with a sentence."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from app.errors import PaddockError
from app.models.download.errors import (
    FileChangedError,
    LinkRefusedError,
    TryAgainError,
    WrongAnswerError,
    WrongFileError,
)
from app.models.download.stop import StoppedError
from app.models.remote_file import RemoteFile, RemotePath
from app.network.errors import ConnectionDroppedError, GateClosedError
from app.network.gate import NetworkPolicy
from tests.hub_server.exchange import Kind, ServedFile
from tests.hub_server.faults import (
    ChangedETag,
    CorruptByte,
    DropsEvery,
    Failing,
    IgnoresRange,
    LeadsTo,
    Replies,
    ShortFile,
    SlowLoris,
    SpeedCap,
    Stalls,
    Times,
    TooManyRequests,
    WrongContentRange,
    WrongPart,
)
from tests.hub_server.repositories import HubAccount, HubFile, HubRepository
from tests.models.download.downloads import (
    FILE,
    LARGE,
    MIB,
    REPOSITORY,
    Downloading,
    QuickClock,
    begin,
    downloading,
    some_bytes,
)
from tests.network.loopback import Handler, serving


def test_a_file_comes_over_several_connections(large: Downloading) -> None:
    """It is hashed on the way, so nobody has to read it again, and no byte comes twice."""
    large.hub.faults.append(SpeedCap(60e6))  # so that one connection cannot be done before the others begin
    fetched = large.fetch()
    large.check_right()
    assert (fetched.path, fetched.sha256) == (large.target, large.sha256)
    assert large.means.hashes.known(large.target) == large.sha256
    assert large.twice == 0
    assert {request.first for request in large.hub.log.of(Kind.DELIVERY)} == {0, 16 * MIB, 32 * MIB}
    assert {entry.purpose for entry in large.home.entries} == {"Download of Model, Q4_K_M"}


@pytest.mark.parametrize("connections", [1, 3])
def test_as_many_connections_as_are_allowed(large: Downloading, connections: int) -> None:
    """One fetches a file in order; several leave gaps between them for a while."""
    large.hub.faults.append(SpeedCap(40e6))
    large.connections = connections
    large.fetch()
    large.check_right()
    assert (max(large.gaps) > 8 * MIB) == (connections > 1)


def test_the_number_of_connections_is_felt_while_it_runs(large: Downloading) -> None:
    """Who lowers it need not wait: connections end in the middle of a part, which another one fetches the rest of."""
    large.hub.faults.append(SpeedCap(20e6))

    def connections() -> int:
        return 1 if large.progress and large.progress[-1].received_bytes > 10 * MIB else 3

    large.fetch(connections=connections)
    large.check_right()
    assert len(large.hub.log.of(Kind.DELIVERY)) > 3
    assert large.twice < 0.05  # what was on its way when they ended


def test_an_empty_connection_limit_is_one(small: Downloading) -> None:
    """A setting of nonsense does not stop a download."""
    small.connections = 0
    small.fetch()
    small.check_right()


def test_a_connection_that_drops_every_three_megabytes(large: Downloading) -> None:
    """Nothing that came is fetched again."""
    large.hub.faults.append(DropsEvery(3_000_000))
    large.fetch()
    large.check_right()
    assert large.twice < 0.01


def test_a_server_that_stalls_is_asked_again(large: Downloading) -> None:
    """From where it stopped."""
    stalled = Stalls(5_000_000, Times(2))
    large.hub.faults.append(stalled)
    large.fetch()
    stalled.released.set()
    large.check_right()
    assert large.twice < 0.01


def test_a_server_that_drops_without_a_byte_is_not_asked_for_ever(small: Downloading) -> None:
    """Each pause is about twice the one before; then the user is told whose fault it is."""
    small.hub.faults.append(DropsEvery(0))
    with pytest.raises(ConnectionDroppedError, match="broke off"):
        small.fetch()
    assert len(small.clock.waits) == 7
    assert all(
        0.5 * later > 0.4 * sooner for sooner, later in zip(small.clock.waits, small.clock.waits[1:], strict=False)
    )
    assert 60 < sum(small.clock.waits) < 130
    assert "Trying again in" in small.notices[-1].text


@pytest.mark.parametrize("received", [0, 20 * MIB])
def test_a_server_that_ignores_ranges(large: Downloading, received: int) -> None:
    """What is here already is given up once, and the whole comes over one connection."""
    if received:
        begin(large, received)
    large.hub.log.clear()
    large.hub.faults.append(IgnoresRange())
    large.fetch()
    large.check_right()
    assert len(large.hub.log.of(Kind.DELIVERY)) == (2 if received else 1)
    assert any("only whole" in notice.text for notice in large.notices) == bool(received)


def test_a_server_that_ignores_ranges_and_drops(large: Downloading) -> None:
    """It can only be begun again, which has an end."""
    large.hub.faults += [IgnoresRange(), DropsEvery(3_000_000)]
    with pytest.raises(ConnectionDroppedError):
        large.fetch()
    assert len(large.hub.log.of(Kind.DELIVERY)) == 4
    assert not large.target.exists()


def test_a_hub_that_says_that_there_are_no_parts(large: Downloading) -> None:
    """None are asked for."""

    def locate(path: RemotePath, shown_as: str) -> RemoteFile:
        return replace(large.locate(path, shown_as), accepts_ranges=False)

    large.fetch(locate=locate)
    large.check_right()
    assert ["range" in request.asked.headers for request in large.hub.log.of(Kind.DELIVERY)] == [False]


@pytest.mark.parametrize("fault", [WrongContentRange(), WrongPart()])
def test_another_part_than_was_asked_for_is_refused(large: Downloading, fault: WrongContentRange | WrongPart) -> None:
    """Nothing of it gets into the file, so that it goes on when the server is sound again."""
    large.hub.faults.append(fault)
    with pytest.raises(WrongAnswerError, match="another part"):
        large.fetch()
    assert not large.target.exists()
    large.hub.faults.clear()
    large.fetch()
    large.check_right()


def test_a_changed_etag_begins_again_and_says_so(large: Downloading) -> None:
    """Bytes of two contents are never mixed."""
    begin(large, 20 * MIB)
    large.hub.faults.append(ChangedETag())
    large.fetch()
    large.check_right()
    assert [notice.text for notice in large.notices] == ["The file changed on the server, so its download began again."]


def test_a_file_that_changes_all_the_time_is_given_up(large: Downloading) -> None:
    """After four beginnings."""
    number = iter(range(1000))

    class Changing(ChangedETag):
        def see(self, file: ServedFile) -> ServedFile:
            return replace(file, etag=f"v{next(number)}")

    large.hub.faults += [Changing(), DropsEvery(3_000_000)]
    with pytest.raises(FileChangedError, match="again and again"):
        large.fetch()


def test_another_file_than_the_chosen_one_is_refused(small: Downloading) -> None:
    """Its owner has put another one in its place; what the user read of was the first."""
    wanted = small.wanted
    other = HubFile(FILE, b"GGUF, but another")
    small.hub.publish(HubRepository(REPOSITORY, (other,), commit="decade" + "0" * 34))
    assert wanted.sha256 != other.sha256
    with pytest.raises(FileChangedError, match="another one now"):
        small.fetch()
    assert not small.folder.exists()


@pytest.mark.parametrize("place", [0, 20 * MIB, LARGE - 1])
def test_one_damaged_byte_is_found_and_fetched_again(large: Downloading, place: int) -> None:
    """Up to its piece each piece is compared with a second copy; those behind it are not fetched again."""
    large.hub.faults.append(CorruptByte(place, Times(1)))
    large.fetch()
    large.check_right()
    pieces_again = place // (16 * MIB) + 1
    assert large.hub.log.bytes_sent_twice(FILE) == min(LARGE, pieces_again * 16 * MIB)
    assert "damaged" in large.notices[0].text
    assert large.progress[-1].is_mending


def test_damage_in_two_pieces_is_mended(large: Downloading) -> None:
    """The search goes on until the whole is right."""
    large.hub.faults += [CorruptByte(5, Times(1)), CorruptByte(17 * MIB, Times(1))]
    large.fetch()
    large.check_right()


def test_a_file_that_stays_wrong_is_thrown_away(large: Downloading) -> None:
    """It never gets its name, and costs at most twice its size."""
    large.hub.faults.append(CorruptByte(20 * MIB))
    with pytest.raises(WrongFileError, match="not the file that the hub promises"):
        large.fetch()
    large.check_nothing_there()
    assert large.hub.log.sent_bytes(FILE) == 2 * LARGE


def test_a_mending_that_was_stopped_goes_on(large: Downloading) -> None:
    """What was compared is not compared again."""
    large.hub.faults.append(CorruptByte(33 * MIB, Times(1)))

    class InTheSecondPiece(threading.Event):
        def is_set(self) -> bool:
            return any(each.is_mending and each.received_bytes > 20 * MIB for each in large.progress)

    large.stopped = InTheSecondPiece()
    with pytest.raises(StoppedError):
        large.fetch()
    sent = large.hub.log.sent_bytes(FILE)
    large.stopped = threading.Event()
    large.fetch()
    large.check_right()
    assert large.hub.log.sent_bytes(FILE) - sent == LARGE - 16 * MIB


def test_a_whole_file_that_came_damaged_comes_once_more(large: Downloading) -> None:
    """Where the server gives no parts there is nothing else to do."""
    large.hub.faults += [IgnoresRange(), CorruptByte(7, Times(1))]
    large.fetch()
    large.check_right()
    large.target.unlink()
    large.hub.faults[:] = [IgnoresRange(), CorruptByte(7)]
    with pytest.raises(WrongFileError):
        large.fetch()
    large.check_nothing_there()


@pytest.mark.parametrize("fault", [ShortFile(5_000_000), ShortFile(LARGE), ShortFile(LARGE - 1)])
def test_a_short_file_is_refused(large: Downloading, fault: ShortFile) -> None:
    """With both sizes."""
    large.hub.faults.append(fault)
    with pytest.raises(WrongAnswerError, match=r"where the hub promises 42 MB"):
        large.fetch()
    assert not large.target.exists()


def test_a_server_that_wants_to_be_left_alone_is(small: Downloading) -> None:
    """As long as it says, and a little more."""
    small.hub.faults.append(TooManyRequests(30, Times(3)))
    small.fetch()
    small.check_right()
    assert len(small.clock.waits) == 3
    assert all(30 <= wait < 35 for wait in small.clock.waits)


def test_a_server_that_wants_to_be_left_alone_for_long(small: Downloading) -> None:
    """The user is told, and decides."""
    small.hub.faults.append(TooManyRequests(3600))
    with pytest.raises(TryAgainError, match="429"):
        small.fetch()
    assert small.clock.waits == []


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_in_trouble_is_asked_again(small: Downloading, status: int) -> None:
    """Often enough for it to start anew, and not for ever."""
    small.hub.faults.append(Failing(status, Times(5)))
    small.fetch()
    small.check_right()
    small.target.unlink()
    small.hub.faults[:] = [Failing(status)]
    with pytest.raises(TryAgainError, match=str(status)):
        small.fetch()


def test_the_token_goes_to_the_hub_only(small: Downloading) -> None:
    """It leads to the host that delivers, and that one to a third: neither learns the token."""
    small.token = "hf_abcdefghij"  # noqa: S105 - nobody's
    small.hub.accounts[small.token] = HubAccount("somebody")
    with serving(lambda handler: small_file(handler, small)) as third:
        small.hub.faults.append(LeadsTo(third.http, kinds=frozenset({Kind.DELIVERY})))
        small.fetch()
    small.check_right()
    assert small.hub.log.tokens() == {(small.hub.address, small.token)}
    assert third.requests
    assert not [request for request in third.requests if "Authorization" in request[2]]


def test_a_slow_loris_is_given_up(small: Downloading) -> None:
    """A byte now and then keeps a connection open, and would take years."""

    class RacingClock(QuickClock):
        def now(self) -> float:
            self._now += 1.0
            return super().now()

    small.clock = RacingClock()
    small.connections = 1
    small.hub.faults.append(SlowLoris(1, 0.001))
    with pytest.raises(TryAgainError, match="hardly anything"):
        small.fetch()


@pytest.mark.parametrize("status", [200, 206, 511])
def test_the_page_of_a_hotel_is_no_file(small: Downloading, status: int) -> None:
    """The sentence says what to do."""
    small.hub.faults.append(Replies(b"<html>Welcome</html>", status))
    with pytest.raises(WrongAnswerError, match="sign in first"):
        small.fetch()
    assert not small.target.exists()


def test_an_expired_link_is_asked_for_again(large: Downloading) -> None:
    """The hub signs a new one."""
    large.hub.faults.append(Failing(403, Times(1), kinds=frozenset({Kind.DELIVERY})))
    large.fetch()
    large.check_right()
    assert len(large.located) == 2


def test_a_link_that_stays_refused_is_told(large: Downloading) -> None:
    """After two new ones."""
    large.hub.faults.append(Failing(410, kinds=frozenset({Kind.DELIVERY})))
    with pytest.raises(LinkRefusedError, match="410"):
        large.fetch()
    assert len(large.located) == 3


def test_a_server_that_says_something_odd(small: Downloading) -> None:
    """Its status is told."""
    small.hub.faults.append(Failing(418))
    with pytest.raises(WrongAnswerError, match="418"):
        small.fetch()


def test_going_offline_ends_it_at_once(large: Downloading) -> None:
    """Nobody tries again what the user has forbidden; what came is kept."""
    large.hub.faults.append(SpeedCap(20e6))
    timer = threading.Thread(target=go_offline_when_something_came, args=(large,))
    timer.start()
    with pytest.raises(GateClosedError):
        large.fetch()
    timer.join()
    large.home.policy = NetworkPolicy.ALLOW
    large.hub.faults.clear()
    large.fetch()
    large.check_right()
    assert large.twice < 0.02


def test_a_file_that_is_here_already_is_not_fetched(small: Downloading) -> None:
    """Another Paddock may have been quicker."""
    small.folder.mkdir()
    small.target.write_bytes(some_bytes(small.size_bytes))
    assert small.fetch().sha256 == small.sha256
    assert small.hub.log.of(Kind.DELIVERY) == ()


def test_a_damaged_file_of_the_name_is_replaced(small: Downloading) -> None:
    """What lies there was ours, and is not what its name says any more."""
    small.folder.mkdir()
    small.target.write_bytes(bytes(small.size_bytes))
    small.fetch()
    small.check_right()


def test_an_empty_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    """There is nothing to ask for."""
    with downloading(tmp_path_factory.mktemp("empty"), b"") as download:
        download.fetch()
        download.check_right()


def test_all_that_is_told_is_a_sentence(small: Downloading) -> None:
    """With a next step."""
    small.hub.faults.append(Failing(503))
    with pytest.raises(PaddockError) as caught:
        small.fetch()
    assert str(caught.value) == (
        "127.0.0.1 has trouble and cannot give the file now (503). What has come is kept. Resume the download later."
    )


def go_offline_when_something_came(download: Downloading) -> None:
    """As the switch in the window does."""
    while not download.progress or not download.progress[-1].received_bytes:
        threading.Event().wait(0.01)
    download.home.policy = NetworkPolicy.OFFLINE


def small_file(handler: Handler, download: Downloading) -> None:
    """Give the whole file as a part."""
    size_bytes = download.size_bytes
    handler.say(some_bytes(size_bytes), 206, Content_Range=f"bytes 0-{size_bytes - 1}/{size_bytes}")

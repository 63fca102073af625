"""Where a file is, and parts of it without the rest."""

from __future__ import annotations

import pytest

from app.models.hub import LONGEST_TEXT_BYTES
from app.models.hub_errors import HubTroubleError, NotOnHubError
from app.models.remote_file import RemotePath
from app.models.starter import FILE_NAME, SHA256, find_starter
from app.network.errors import ConnectionDroppedError, GateClosedError, UnreadableAnswerError
from app.network.gate import NetworkPolicy
from tests.hub_server.exchange import Kind
from tests.hub_server.faults import (
    DropsEvery,
    Failing,
    IgnoresRange,
    LeadsTo,
    ShortFile,
    WrongContentRange,
    WrongPart,
)
from tests.hub_server.repositories import HubAccount, HubFile, HubRepository
from tests.models.hub_home import HubHome

CONTENT = bytes(range(256)) * 1024
FILE = RemotePath("own/file", "c" * 40, "model-Q8_0.gguf")
TOKEN = "hf_ATokenForTheTests"  # noqa: S105 - it opens nothing but our own hub


@pytest.fixture
def own(hub_home: HubHome) -> HubHome:
    """A hub with a file whose bytes are known."""
    files = (HubFile(FILE.path, CONTENT), HubFile("LICENSE", b"You may."), HubFile("EMPTY", b""))
    hub_home.server.publish(HubRepository(FILE.repository, files, FILE.commit))
    return hub_home


def test_a_file_is_located_with_all_that_a_download_needs(hub_home: HubHome) -> None:
    """The address is the hub's own, pinned to the commit: that of the delivering host expires."""
    repository = hub_home.server.repositories["HuggingFaceTB/SmolLM2-135M-Instruct-GGUF"]
    found = hub_home.hub.locate(RemotePath(repository.id, repository.commit, FILE_NAME), "SmolLM2 135M, Q4_1")
    assert found.url == f"{hub_home.server.address}/{repository.id}/resolve/{repository.commit}/{FILE_NAME}"
    assert (found.size_bytes, found.sha256, found.etag) == (98_362_432, SHA256, SHA256)
    assert (found.commit, found.accepts_ranges) == (repository.commit, True)
    assert {entry.purpose for entry in hub_home.network.entries} == {"Download of SmolLM2 135M, Q4_1"}
    hub_home.server.log.wait_until_quiet()
    assert hub_home.server.log.sent_bytes(FILE_NAME) == 1


def test_a_newest_file_is_pinned_to_the_commit_that_the_hub_tells(own: HubHome) -> None:
    """A branch moves on; a download does not."""
    assert own.hub.locate(RemotePath(FILE.repository, "main", FILE.path)).commit == FILE.commit


def test_a_small_file_has_no_sha256(own: HubHome) -> None:
    """Its name on the hub is git's."""
    found = own.hub.locate(RemotePath(FILE.repository, FILE.commit, "LICENSE"))
    assert (found.size_bytes, found.sha256, found.accepts_ranges) == (8, "", True)


def test_a_server_that_gives_no_parts_is_known_beforehand(own: HubHome) -> None:
    """A download from there is one connection, and begins at the beginning."""
    own.server.faults.append(IgnoresRange())
    assert own.hub.locate(FILE).accepts_ranges is False
    assert own.network.results[-1] == "cancelled"  # the rest was not fetched to find that out


def test_a_part_of_a_file_is_read_without_the_rest(hub_home: HubHome) -> None:
    """The header of the real starter model, for the price of the header."""
    repository = hub_home.server.repositories["HuggingFaceTB/SmolLM2-135M-Instruct-GGUF"]
    file = RemotePath(repository.id, repository.commit, FILE_NAME)
    starter = find_starter()
    assert starter
    with starter.path.open("rb") as whole:
        assert hub_home.hub.read_range(file, 0, 65_536) == whole.read(65_536)
        whole.seek(1_000_003)
        assert hub_home.hub.read_range(file, 1_000_003, 10) == whole.read(10)
    hub_home.server.log.wait_until_quiet()
    assert hub_home.server.log.sent_bytes(FILE_NAME) == 65_546


def test_a_part_ends_with_the_file(own: HubHome) -> None:
    """Behind its end there is nothing, which is no error."""
    assert own.hub.read_range(FILE, len(CONTENT) - 5, 100) == CONTENT[-5:]
    assert own.hub.read_range(FILE, len(CONTENT), 100) == b""
    assert own.hub.text(RemotePath(FILE.repository, FILE.commit, "EMPTY")) == ""


def test_where_parts_are_not_given_the_beginning_is_read_and_the_rest_left(own: HubHome) -> None:
    """The connection is closed as soon as enough has come; far into a file nobody reads so."""
    own.server.faults.append(IgnoresRange())
    assert own.hub.read_range(FILE, 1000, 50) == CONTENT[1000:1050]
    with pytest.raises(UnreadableAnswerError, match="gives files only whole"):
        own.hub.read_range(FILE, 20 * 1024 * 1024, 50)


@pytest.mark.parametrize("fault", [WrongContentRange(), WrongPart(), WrongContentRange(-1)])
def test_another_part_than_was_asked_for_is_refused(own: HubHome, fault: WrongContentRange | WrongPart) -> None:
    """What lies about its place in the file is not read."""
    own.server.faults.append(fault)
    with pytest.raises(UnreadableAnswerError, match="another part"):
        own.hub.read_range(FILE, 1000, 50)
    with pytest.raises(UnreadableAnswerError, match="another part"):
        own.hub.locate(FILE)


def test_another_part_at_the_end_of_the_file_is_refused_too(own: HubHome) -> None:
    """It ends where it should, and begins elsewhere."""
    own.server.faults.append(WrongPart(3))
    with pytest.raises(UnreadableAnswerError, match="another part"):
        own.hub.read_range(FILE, len(CONTENT) - 5, 100)


def test_a_connection_that_breaks_off_is_told(own: HubHome) -> None:
    """Half a header is none."""
    own.server.faults.append(DropsEvery(10))
    with pytest.raises(ConnectionDroppedError):
        own.hub.read_range(FILE, 0, 50)


def test_a_file_that_is_shorter_than_the_hub_says_gives_what_it_has(own: HubHome) -> None:
    """Whoever reads the header sees that something is missing."""
    own.server.faults.append(ShortFile(len(CONTENT) - 30))
    assert own.hub.read_range(FILE, 10, 50) == CONTENT[10:30]


def test_a_file_that_is_not_there_is_told(own: HubHome) -> None:
    """It may have got another name since."""
    with pytest.raises(NotOnHubError, match=r"There is no nothing\.gguf in own/file"):
        own.hub.locate(RemotePath(FILE.repository, FILE.commit, "nothing.gguf"))


def test_a_link_that_has_expired_is_the_servers_trouble(own: HubHome) -> None:
    """The delivering host knows no accounts: its 403 says nothing of the token."""
    own.token = TOKEN
    own.server.accounts[TOKEN] = HubAccount("me")
    own.server.faults.append(Failing(403, kinds=frozenset({Kind.DELIVERY})))
    with pytest.raises(HubTroubleError, match="status 403"):
        own.hub.read_range(FILE, 0, 10)


def test_a_licence_is_read_as_text_and_not_beyond_all_bounds(own: HubHome) -> None:
    """A stranger's file may be as long as it likes."""
    assert own.hub.text(RemotePath(FILE.repository, FILE.commit, "LICENSE")) == "You may."
    assert len(own.hub.text(FILE)) <= LONGEST_TEXT_BYTES


def test_the_token_goes_to_the_hub_and_not_to_whoever_delivers(own: HubHome) -> None:
    """Not by the delivering host, not by the one that it leads to, not when the path is odd."""
    own.token = TOKEN
    own.server.accounts[TOKEN] = HubAccount("me")
    own.server.faults.append(LeadsTo(f"{own.server.delivery_address}/elsewhere", kinds=frozenset({Kind.DELIVERY})))
    with pytest.raises(HubTroubleError):
        own.hub.read_range(FILE, 0, 10)
    own.server.faults.clear()
    assert own.hub.read_range(FILE, 0, 10) == CONTENT[:10]
    assert own.hub.locate(FILE).size_bytes == len(CONTENT)
    assert own.server.log.tokens() == {(own.server.address, TOKEN)}
    assert len(own.server.log.of(Kind.DELIVERY)) == 3


def test_offline_nothing_is_located(own: HubHome) -> None:
    """No socket is made."""
    own.network.policy = NetworkPolicy.OFFLINE
    with pytest.raises(GateClosedError):
        own.hub.locate(FILE)
    assert own.server.log.requests == ()

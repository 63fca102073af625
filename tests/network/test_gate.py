"""Who may pass, who is asked, and how often."""

from __future__ import annotations

import json
import threading
from concurrent.futures import Future
from pathlib import Path

import pytest

from app.network.addresses import granted_host, hub_address, shown_host
from app.network.errors import GateClosedError, NotAllowedError
from app.network.gate import Answer, Gate, NetworkPolicy
from app.network.grants import Grants
from app.network.purpose import Purpose, PurposeKind
from app.private_file import PrivateFileError
from app.settings.registry import SettingError
from tests.network.conftest import Home

SEARCH = Purpose(PurposeKind.SEARCH, "german letters")
DOWNLOAD = Purpose(PurposeKind.DOWNLOAD, "Qwen3 4B")
HUB = "huggingface.co"


@pytest.fixture
def asking(home: Home) -> Home:
    """The default policy: each new purpose and host asks."""
    home.policy = NetworkPolicy.ASK
    return home


def test_each_purpose_and_host_is_asked_once(asking: Home) -> None:
    """Other words to search for are no new purpose; a download and another host are."""
    for purpose, host in [
        (SEARCH, HUB),
        (Purpose(PurposeKind.SEARCH, "poems"), HUB),
        (DOWNLOAD, HUB),
        (SEARCH, "b.test"),
    ]:
        asking.gate.pass_or_raise(purpose, host)
        asking.gate.pass_or_raise(purpose, host)
    assert asking.asked == [(SEARCH, HUB), (DOWNLOAD, HUB), (SEARCH, "b.test")]


def test_once_is_until_paddock_is_closed_and_always_is_for_good(asking: Home, tmp_path: Path) -> None:
    """The next start asks again for the one, and not for the other."""
    asking.gate.pass_or_raise(SEARCH, HUB)
    asking.answer = Answer.ALWAYS
    asking.gate.pass_or_raise(DOWNLOAD, HUB)
    asking.answer = Answer.NO
    next_start = Gate(lambda: NetworkPolicy.ASK, Grants(tmp_path / "grants.json"), asking.ask)
    next_start.pass_or_raise(DOWNLOAD, HUB)
    with pytest.raises(NotAllowedError):
        next_start.pass_or_raise(SEARCH, HUB)


def test_a_no_is_not_for_good(asking: Home) -> None:
    """Whoever tries again is asked again."""
    asking.answer = Answer.NO
    with pytest.raises(NotAllowedError, match="did not allow"):
        asking.gate.pass_or_raise(SEARCH, HUB)
    asking.answer = Answer.ONCE
    asking.gate.pass_or_raise(SEARCH, HUB)


@pytest.mark.parametrize("answer", [Answer.ONCE, Answer.NO])
def test_connections_that_come_together_are_one_question(
    home: Home, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file comes over four of them; the user answers once, and that counts for all."""
    waiting = threading.Semaphore(0)

    class Question(Future[Answer]):
        """Tells of each thread that begins to wait for the answer."""

        def result(self, timeout: float | None = None) -> Answer:
            waiting.release()
            return super().result(timeout)

    monkeypatch.setattr("app.network.gate.Future", Question)
    asked: list[str] = []
    is_asked, may_answer = threading.Event(), threading.Event()

    def ask(purpose: Purpose, host: str) -> Answer:
        asked.append(host)
        is_asked.set()
        assert may_answer.wait(20)
        return answer

    gate = Gate(lambda: NetworkPolicy.ASK, home.grants, ask)
    ends: list[str] = []

    def connect() -> None:
        try:
            gate.pass_or_raise(DOWNLOAD, HUB)
            ends.append("once")
        except NotAllowedError:
            ends.append("no")

    threads = [threading.Thread(target=connect) for _ in range(4)]
    threads[0].start()
    assert is_asked.wait(20)
    for thread in threads[1:]:
        thread.start()
    for _ in threads[1:]:
        assert waiting.acquire(timeout=20)
    may_answer.set()
    for thread in threads:
        thread.join()
    assert (asked, ends) == ([HUB], [answer.value] * 4)


def test_an_asker_that_fails_leaves_no_question_open(home: Home) -> None:
    """The window may be closed while it asks."""

    def fail(purpose: Purpose, host: str) -> Answer:
        raise OSError("The window is gone")

    gate = Gate(lambda: NetworkPolicy.ASK, home.grants, fail)
    with pytest.raises(OSError, match="gone"):
        gate.pass_or_raise(SEARCH, HUB)
    gate.ask = home.ask
    gate.pass_or_raise(SEARCH, HUB)


def test_going_offline_while_the_question_stands_counts(home: Home) -> None:
    """The switch is stronger than the answer."""

    def ask(purpose: Purpose, host: str) -> Answer:
        home.policy = NetworkPolicy.OFFLINE
        return Answer.ALWAYS

    home.policy, home.gate.ask = NetworkPolicy.ASK, ask
    with pytest.raises(GateClosedError):
        home.gate.pass_or_raise(SEARCH, HUB)


def test_offline_is_not_opened_by_a_grant(home: Home) -> None:
    """And nobody is asked."""
    home.grants.grant(PurposeKind.SEARCH, HUB)
    home.policy = NetworkPolicy.OFFLINE
    with pytest.raises(GateClosedError, match="Nothing was sent"):
        home.gate.pass_or_raise(SEARCH, HUB)
    assert home.asked == []


def test_where_nobody_can_be_asked_the_answer_is_no(asking: Home) -> None:
    """A command in a script; the sentence says how it could."""
    asking.gate.ask = None
    with pytest.raises(NotAllowedError, match="--yes"):
        asking.gate.pass_or_raise(SEARCH, HUB)
    asking.grants.grant(PurposeKind.SEARCH, HUB)
    asking.gate.pass_or_raise(SEARCH, HUB)


def test_hosts_that_deliver_the_hubs_files_ride_on_its_grant(asking: Home) -> None:
    """Nobody knows them by name; what only looks like one is asked about."""
    asking.gate.pass_or_raise(DOWNLOAD, HUB)
    for host in ("cdn-lfs.huggingface.co", "cdn-lfs-us-1.huggingface.co", "cas-bridge.xethub.hf.co", "cdn-lfs.hf.co"):
        asking.gate.pass_or_raise(DOWNLOAD, host)
    assert [host for _, host in asking.asked] == [HUB]
    for host in ("nothf.co", "huggingface.co.test", "cdn-lfs.huggingface.co.test", "evil.huggingface.co", "hf.co:8443"):
        assert granted_host(host) == host


def test_a_grant_that_cannot_be_saved_counts_until_paddock_is_closed(
    asking: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is no reason to refuse what was just allowed."""

    def full(kind: PurposeKind, host: str) -> None:
        raise PrivateFileError("{name} could not be saved.", name="grants")

    monkeypatch.setattr(asking.grants, "grant", full)
    asking.answer = Answer.ALWAYS
    asking.gate.pass_or_raise(SEARCH, HUB)
    asking.gate.pass_or_raise(SEARCH, HUB)
    assert len(asking.asked) == 1


def test_grants_can_be_taken_back_and_keep_what_a_later_paddock_wrote(tmp_path: Path) -> None:
    """Two processes see each other's."""
    path = tmp_path / "grants.json"
    path.write_text('{"moon-flight": ["moon.test"]}')
    grants, beside = Grants(path), Grants(path)
    grants.grant(PurposeKind.SEARCH, HUB)
    beside.grant(PurposeKind.SEARCH, "b.test")
    grants.grant(PurposeKind.SEARCH, HUB)
    assert grants.hosts(PurposeKind.SEARCH) == (HUB, "b.test")
    beside.revoke(PurposeKind.SEARCH, HUB)
    assert not grants.is_granted(PurposeKind.SEARCH, HUB)
    assert json.loads(path.read_text()) == {"moon-flight": ["moon.test"], "search": ["b.test"]}


@pytest.mark.parametrize("damaged", ["{", '{"search": "huggingface.co"}', '{"search": [1]}'])
def test_damaged_grants_allow_nothing(tmp_path: Path, damaged: str) -> None:
    """They are set aside, and each host is asked about again."""
    (tmp_path / "grants.json").write_text(damaged)
    assert not Grants(tmp_path / "grants.json").is_granted(PurposeKind.SEARCH, HUB)
    assert [path.read_text() for path in tmp_path.glob("grants.json.damaged-*")] == [damaged]


def test_a_purpose_is_a_sentence() -> None:
    """In one line, whole, and not longer than one can read."""
    assert SEARCH.sentence == "Search for “german letters”"
    assert Purpose(PurposeKind.TOKEN_TEST).sentence == "Test of the access token"
    assert Purpose(PurposeKind.DETAILS, "a\nb\ud800").sentence == "Details of a b\ufffd"
    assert Purpose(PurposeKind.DOWNLOAD, "x" * 500).sentence == f"Download of {'x' * 120}…"


def test_hosts_are_shown_with_unusual_ports_only() -> None:
    """IPv6 addresses in brackets."""
    assert shown_host("https", HUB, 443) == shown_host("https", HUB, None) == HUB
    assert shown_host("https", HUB, 80) == "huggingface.co:80"
    assert shown_host("http", "::1", 8080) == "[::1]:8080"


def test_the_environment_names_the_hub_before_the_setting_does() -> None:
    """As the hub's own programs do; neither may be unencrypted."""
    assert hub_address("", {}) == "https://huggingface.co"
    assert hub_address("https://mirror.test", {}) == "https://mirror.test"
    assert hub_address("https://mirror.test", {"HF_ENDPOINT": "http://127.0.0.1:8080/"}) == "http://127.0.0.1:8080"
    with pytest.raises(SettingError, match="begins with https"):
        hub_address("https://mirror.test", {"HF_ENDPOINT": "http://mirror.test"})

"""Requests over real sockets: what passes, what the ledger says of it, and what is told when it fails."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from app.network.errors import (
    CertificateError,
    ConnectionDroppedError,
    GateClosedError,
    NetworkError,
    NoConnectionError,
    NotAllowedError,
    TimedOutError,
    TooManyRedirectsError,
    UnknownHostError,
    UnreadableAnswerError,
    UnsafeAddressError,
    WentOfflineError,
)
from app.network.gate import Answer, NetworkPolicy
from app.network.purpose import Purpose, PurposeKind
from app.private_file import PrivateFileError
from tests.network.conftest import Home
from tests.network.loopback import Certificate, Handler, Server, closed_port, serving, tunnel_to

SEARCH = Purpose(PurposeKind.SEARCH, "german letters")
DOWNLOAD = Purpose(PurposeKind.DOWNLOAD, "Qwen3 4B, Q4_K_M")
CANARY = "hf_CanaryThatMustNotSing42"
TOKEN = {"Authorization": f"Bearer {CANARY}"}


def hello(handler: Handler) -> None:
    """The plainest answer."""
    handler.say(b"hello")


def redirect(handler: Handler, to: str) -> None:
    """Send the client elsewhere."""
    handler.say(b"", 302, Location=to)


@contextmanager
def silent() -> Generator[Server]:
    """A server that takes a request and says nothing."""
    done = threading.Event()

    def wait(handler: Handler) -> None:
        done.wait(30)

    with serving(wait) as server:
        try:
            yield server
        finally:
            done.set()


@contextmanager
def requesting(home: Home) -> Generator[httpx2.Client]:
    """Give a client for downloads."""
    with home.network.client() as client, home.network.doing(DOWNLOAD):
        yield client


def get(home: Home, url: str, purpose: Purpose = SEARCH, **options: object) -> httpx2.Response:
    """Ask for `url` as the rooms above do."""
    with home.network.client() as client, home.network.doing(purpose):
        return client.get(url, **options)  # pyright: ignore[reportArgumentType] - what a test hands through


def test_an_answer_is_read_and_stands_in_the_ledger(home: Home) -> None:
    """Its time, host, purpose, bytes and result, for the user to read."""
    with serving(hello) as server:
        assert get(home, f"{server.http}/api?q=1").text == "hello"
    (entry,) = home.entries
    assert (entry.host, entry.purpose) == (server.host, "Search for “german letters”")
    assert (entry.bytes, entry.result) == (5, "complete")
    assert entry.sent > 50
    assert server.requests[0][2]["User-Agent"] == "Paddock"


def test_an_encrypted_answer_is_read(home: Home, trusted: Certificate) -> None:
    """Whom the system trusts, Paddock trusts: a company's own authority too."""
    with serving(hello, trusted) as server:
        assert get(home, server.https).text == "hello"
    assert home.results == ["complete"]


def test_offline_makes_no_socket(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even the name is looked up; the refusal stands in the ledger."""
    made: list[object] = []
    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, made.append)
    home.policy = NetworkPolicy.OFFLINE
    with pytest.raises(GateClosedError, match="Paddock is offline"):
        get(home, "https://hub.test/api", headers=TOKEN)
    assert made == []
    assert home.results == ["refused: offline"]


def test_a_no_makes_no_socket(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user was asked, and said it."""
    made: list[object] = []
    monkeypatch.setattr(socket, "create_connection", made.append)
    home.policy, home.answer = NetworkPolicy.ASK, Answer.NO
    with pytest.raises(NotAllowedError, match=r"connect to hub\.test"):
        get(home, "https://hub.test/api")
    assert made == []
    assert home.results == ["refused: not allowed"]
    assert home.asked == [(SEARCH, "hub.test")]


def test_a_request_without_a_purpose_is_a_mistake_of_ours(home: Home) -> None:
    """It is refused before anything, and no sentence for users is made of it."""
    with serving(hello) as server, home.network.client() as client, pytest.raises(RuntimeError, match="purpose"):
        client.get(server.http)
    assert server.requests == []


@pytest.mark.parametrize("url", ["http://hub.test/api", "http://192.0.2.7/", "ftp://hub.test/x"])
def test_what_is_not_encrypted_is_refused(home: Home, url: str) -> None:
    """Only this computer is talked to in the clear."""
    with pytest.raises(UnsafeAddressError, match="not be encrypted"):
        get(home, url)
    assert home.results == ["refused: unsafe address"]


def test_a_redirect_to_an_unencrypted_address_is_refused(home: Home) -> None:
    """The way there was fine; the next step is not taken."""
    with (
        serving(lambda handler: redirect(handler, "http://hub.test/file")) as server,
        pytest.raises(UnsafeAddressError),
    ):
        get(home, server.http)
    assert home.results == ["complete", "refused: unsafe address"]


def test_a_server_elsewhere_cannot_send_us_to_our_own_services(home: Home, trusted: Certificate) -> None:
    """What listens on this computer trusts who is on it."""
    with (
        serving(hello) as own,
        serving(lambda handler: redirect(handler, own.http), trusted) as hub,
        serving(tunnel_to(hub.port)) as proxy,
    ):
        home.proxy = proxy.http
        with pytest.raises(UnsafeAddressError, match="which is this computer"):
            get(home, "https://hub.test/")
    assert own.requests == []


def test_a_redirect_to_a_second_host_loses_the_token(home: Home) -> None:
    """The token is for the server that the user gave it for."""
    with serving(hello) as second, serving(lambda handler: redirect(handler, second.http)) as first:
        assert get(home, first.http, headers=TOKEN).text == "hello"
    assert first.requests[0][2]["Authorization"] == TOKEN["Authorization"]
    assert "Authorization" not in second.requests[0][2]


def test_a_library_that_follows_by_itself_cannot_carry_the_token_away_either(home: Home) -> None:
    """The hub's library builds its next request with all its headers again."""
    with serving(hello) as second, serving(hello) as first, requesting(home) as client:
        client.get(first.http, headers=TOKEN)
        client.get(second.http, headers=TOKEN)
        client.get(first.http, headers=TOKEN)
    assert ["Authorization" in headers for _, _, headers in first.requests] == [True, True]
    assert ["Authorization" in headers for _, _, headers in second.requests] == [False]


def test_redirects_without_end_are_ended(home: Home) -> None:
    """Each hop is in the ledger."""
    with serving(lambda handler: redirect(handler, "/again")) as server, pytest.raises(TooManyRedirectsError):
        get(home, server.http)
    assert home.results == ["complete"] * 11


def test_a_certificate_that_nobody_vouches_for_is_told(home: Home, certificate: Certificate) -> None:
    """The sentence names the likely culprit: something that looks into the connection."""
    with serving(hello, certificate) as server, pytest.raises(CertificateError, match="may intercept") as caught:
        get(home, server.https, headers=TOKEN)
    assert server.requests == []
    assert "self" in caught.value.details
    assert home.results == ["failed: certificate"]


def test_a_certificate_for_another_name_is_told(home: Home, trusted: Certificate) -> None:
    """Trusted, but not for this server."""
    with serving(hello, trusted) as server, serving(tunnel_to(server.port)) as proxy:
        home.proxy = proxy.http
        with pytest.raises(CertificateError):
            get(home, "https://another.test/")
    assert server.requests == []


def test_an_unencrypted_answer_where_an_encrypted_one_belongs_is_told(home: Home) -> None:
    """So do networks answer that want a login first."""
    with serving(hello) as server, pytest.raises(CertificateError, match="sign in first"):
        get(home, server.https)


def test_nobody_listening_is_told(home: Home) -> None:
    """A closed port."""
    with pytest.raises(NoConnectionError, match="could not be reached"):
        get(home, f"http://127.0.0.1:{closed_port()}")
    (entry,) = home.entries
    assert (entry.result, entry.sent) == ("failed: no connection", 0)


def test_an_unknown_name_is_told(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is without a connection to the internet."""

    def unknown(*given: object, **named: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(UnknownHostError, match=r"address of hub\.test could not be found"):
        get(home, "https://hub.test")


def test_a_name_that_no_name_can_be_is_told(home: Home) -> None:
    """Python finds that out before it asks anybody."""
    with pytest.raises(UnknownHostError):
        get(home, f"https://{'a' * 70}.test/")


def test_silence_is_told(home: Home) -> None:
    """Nobody waits for ever."""
    with silent() as server, pytest.raises(TimedOutError, match="did not answer in time"):
        get(home, server.http, timeout=0.2)
    assert home.results == ["failed: timed out"]


def test_a_library_that_wants_to_wait_for_ever_gets_a_bound(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub's library asks for no timeout at all."""
    monkeypatch.setattr("app.network.transport._TIMEOUTS", {"connect": 1.0, "read": 0.2, "write": 1.0, "pool": 1.0})
    with silent() as server, pytest.raises(TimedOutError):
        get(home, server.http, timeout=None)


def test_a_connection_that_breaks_off_is_told_and_counted(home: Home) -> None:
    """What came stands in the ledger."""

    def half(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"x" * 400)
        handler.close_connection = True

    with serving(half) as server, pytest.raises(ConnectionDroppedError, match="broke off"):
        get(home, server.http)
    (entry,) = home.entries
    assert (entry.bytes, entry.result) == (400, "dropped")


def test_a_server_that_hangs_up_at_once_is_told(home: Home) -> None:
    """Not one byte came."""

    def hang_up(handler: Handler) -> None:
        handler.close_connection = True

    with serving(hang_up) as server, pytest.raises(ConnectionDroppedError):
        get(home, server.http)
    (entry,) = home.entries
    assert entry.result == "dropped"
    assert entry.sent > 50


def test_what_is_no_answer_is_told(home: Home) -> None:
    """Something else than HTTP listens there."""

    def babble(handler: Handler) -> None:
        handler.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
        handler.close_connection = True

    with serving(babble) as server, pytest.raises(UnreadableAnswerError, match="cannot be read"):
        get(home, server.http)


def test_a_status_that_says_no_is_given_and_stands_in_the_ledger(home: Home) -> None:
    """What it means is the business of who asked."""
    with serving(lambda handler: handler.say(b"gone", 404)) as server:
        assert get(home, server.http).status_code == 404
    assert home.results == ["failed: 404"]


def test_a_body_that_is_left_in_the_middle_stands_as_cancelled(home: Home) -> None:
    """And is in the ledger as not finished before, so that a process that is killed leaves its line too."""
    with (
        serving(lambda handler: handler.say(b"x" * 3_000_000)) as server,
        requesting(home) as client,
        client.stream("GET", server.http) as response,
    ):
        assert home.results == ["not finished"]
        next(response.iter_raw())
    (entry,) = home.entries
    assert entry.result == "cancelled"
    assert 0 < entry.bytes < 3_000_000


def test_a_head_and_an_exact_read_are_complete(home: Home) -> None:
    """No body was left behind."""
    with serving(lambda handler: handler.say(b"x" * 10)) as server, requesting(home) as client:
        client.head(server.http)
        with client.stream("GET", server.http) as response:
            next(response.iter_raw())
    assert home.results == ["complete", "complete"]


def test_going_offline_ends_what_is_coming(home: Home) -> None:
    """The switch counts at once, in the middle of a download too."""
    with (
        serving(lambda handler: handler.say(b"x" * 30_000_000)) as server,
        requesting(home) as client,
        client.stream("GET", server.http) as response,
    ):
        body = response.iter_raw()
        next(body)
        home.policy = NetworkPolicy.OFFLINE
        with pytest.raises(WentOfflineError, match="in the middle"):
            next(body)
    assert home.results == ["stopped: offline"]


def test_an_answer_without_end_is_not_read_to_its_end(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Except for downloads, whose size their reader knows."""
    monkeypatch.setattr("app.network.answer_body._LARGEST_ANSWER_BYTES", 100_000)
    with serving(lambda handler: handler.say(b"x" * 3_000_000)) as server:
        with pytest.raises(UnreadableAnswerError, match="far more"):
            get(home, server.http)
        assert len(get(home, server.http, DOWNLOAD).content) == 3_000_000


def test_no_cookie_is_kept(home: Home) -> None:
    """Nobody recognises us by one."""
    with serving(lambda handler: handler.say(b"", Set_Cookie="who=you")) as server, requesting(home) as client:
        client.get(server.http)
        client.get(server.http)
    assert ["Cookie" in headers for _, _, headers in server.requests] == [False, False]


def test_what_cannot_be_written_down_does_not_happen(home: Home, tmp_path: Path) -> None:
    """A ledger with holes would be none."""
    (tmp_path / "ledger.jsonl").mkdir()
    with serving(hello) as server, pytest.raises(PrivateFileError):
        get(home, server.http)
    assert server.requests == []


def test_the_token_is_nowhere_but_on_its_way(
    home: Home, certificate: Certificate, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in a log, not in what is shown of an object, not in an error, not in the ledger; nor is the address."""
    caplog.set_level(logging.DEBUG)
    shown: list[str] = []
    with serving(hello) as server, serving(hello, certificate) as untrusted, home.network.client() as client:
        with home.network.doing(SEARCH):
            response = client.get(f"{server.http}/?secret=words", headers=TOKEN)
            with pytest.raises(NetworkError) as caught:
                client.get(untrusted.https, headers=TOKEN)
            logging.getLogger("test").error("failed", exc_info=caught.value)
        shown += [repr(thing) for thing in (client, home.network, response, response.request, caught.value)]
        shown += [str(caught.value), caught.value.details, repr(response.request.headers)]
    told = "\n".join([*shown, caplog.text, (tmp_path / "ledger.jsonl").read_text()])
    assert "failed" in told
    assert CANARY not in told
    assert "secret=words" not in caplog.text


def test_the_hubs_library_takes_the_client_and_tries_no_refusal_again(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would wait fifteen seconds between its tries; what is refused is said at once."""
    from huggingface_hub import HfApi, constants, set_client_factory

    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", True)
    set_client_factory(home.network.client)
    try:
        with serving(lambda handler: handler.say(b"[]", Content_Type="application/json")) as server:
            hub = HfApi(server.http, token=False)
            with home.network.doing(SEARCH):
                assert list(hub.list_models(search="letters")) == []
                home.policy = NetworkPolicy.OFFLINE
                with pytest.raises(GateClosedError):
                    list(hub.list_models(search="letters"))
    finally:
        set_client_factory(httpx2.Client)
    assert home.results == ["complete", "refused: offline"]

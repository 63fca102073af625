"""Through a proxy: one that is set, one that the environment names, and those that will not."""

from __future__ import annotations

import socket
import threading

import pytest

from app.network.errors import ProxyError, ProxyPasswordError
from app.network.proxies import proxy_for, shown_proxy
from app.network.purpose import Purpose, PurposeKind
from tests.network.conftest import Home
from tests.network.loopback import Certificate, Handler, closed_port, serving, tunnel_to

DETAILS = Purpose(PurposeKind.DETAILS, "somebody/some-model")


def get(home: Home, url: str) -> str:
    """Ask for `url` as the rooms above do."""
    with home.network.client() as client, home.network.doing(DETAILS):
        return client.get(url).text


def hello(handler: Handler) -> None:
    """The plainest answer."""
    handler.say(b"hello")


def test_a_proxy_that_is_set_is_used(home: Home, trusted: Certificate) -> None:
    """It finds the server; what it carries it cannot read."""
    with serving(hello, trusted) as server, serving(tunnel_to(server.port)) as proxy:
        home.proxy = proxy.http
        assert get(home, "https://hub.test/") == "hello"
    assert [asked[:2] for asked in proxy.requests] == [("CONNECT", "hub.test:443")]
    assert [entry.host for entry in home.entries] == ["hub.test"]


def test_a_proxy_of_the_environment_gets_its_password(
    home: Home, trusted: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is where the sentence about the password sends the user."""
    with serving(hello, trusted) as server, serving(tunnel_to(server.port)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://name:word@{proxy.host}")
        assert get(home, "https://hub.test/") == "hello"
    assert proxy.requests[0][2]["Proxy-Authorization"].startswith("Basic ")


def test_a_dead_proxy_is_told(home: Home) -> None:
    """The proxy is named, and not the server."""
    home.proxy = f"http://127.0.0.1:{closed_port()}"
    with pytest.raises(ProxyError, match=r"The proxy 127\.0\.0\.1:\d+ could not be reached"):
        get(home, "https://hub.test/")
    assert [entry.result for entry in home.entries] == ["failed: proxy"]


def test_a_silent_proxy_is_told(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that cannot be connected to in time."""

    def slow(*given: object, **named: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", slow)
    home.proxy = "http://proxy.test:3128"
    with pytest.raises(ProxyError, match=r"proxy\.test:3128 could not be reached"):
        get(home, "https://hub.test/")


def test_a_proxy_that_wants_a_password_is_told(home: Home) -> None:
    """With the way to give it one, which is no file."""
    with serving(lambda handler: handler.say(b"", 407)) as proxy:
        home.proxy = proxy.http
        with pytest.raises(ProxyPasswordError, match=r"wants a name and a password.*HTTPS_PROXY"):
            get(home, "https://hub.test/")
    assert [entry.result for entry in home.entries] == ["failed: proxy wants a password"]


def test_a_proxy_that_forbids_the_host_is_told(home: Home) -> None:
    """Its own words are given."""
    with serving(lambda handler: handler.say(b"", 403)) as proxy:
        home.proxy = proxy.http
        with pytest.raises(ProxyError, match=r"would not connect to hub\.test: 403 Forbidden"):
            get(home, "https://hub.test/")


def test_a_kind_of_proxy_that_we_cannot_use_is_told(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Going past it in silence could be what its owner forbids; its password is not said."""
    monkeypatch.setenv("ALL_PROXY", "socks5://name:word@proxy.test:1080")
    with pytest.raises(ProxyError, match=r"system, proxy\.test:1080, is of a kind"):
        get(home, "https://hub.test/")
    assert [entry.result for entry in home.entries] == ["failed: proxy"]


@pytest.mark.parametrize("address", ["http://proxy.test:nonsense", "http://:3128", "http://[half:3128"])
def test_what_is_no_address_of_a_proxy_is_told(address: str) -> None:
    """The environment may hold anything."""
    with pytest.raises(ProxyError):
        proxy_for("https", "hub.test", address)


def test_the_environment_may_except_a_host(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is set in Paddock has no exceptions; this computer is never asked of a proxy."""
    monkeypatch.setenv("HTTPS_PROXY", "proxy.test:3128")
    monkeypatch.setenv("NO_PROXY", "mirror.test")
    assert proxy_for("https", "hub.test", None) == "http://proxy.test:3128"
    assert proxy_for("https", "mirror.test", None) is None
    assert proxy_for("https", "mirror.test", "http://other.test:1") == "http://other.test:1"
    assert proxy_for("http", "127.0.0.1", "http://other.test:1") is None
    assert proxy_for("http", "localhost", None) is None


def test_a_proxy_is_shown_without_its_password() -> None:
    """In sentences, in the ledger, anywhere."""
    assert shown_proxy("http://name:word@proxy.test:3128/") == "proxy.test:3128"


def test_a_changed_proxy_counts_from_the_next_request_on(home: Home, trusted: Certificate) -> None:
    """The same client goes another way; its threads may go at once."""
    with serving(hello, trusted) as server, serving(tunnel_to(server.port)) as proxy, home.network.client() as client:

        def ask() -> None:
            with home.network.doing(DETAILS):
                client.get("https://hub.test/")

        home.proxy = f"http://127.0.0.1:{closed_port()}"
        with pytest.raises(ProxyError):
            ask()
        home.proxy = proxy.http
        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [entry.result for entry in home.entries] == ["failed: proxy", *["complete"] * 4]

"""The one transport: gate and ledger before a socket is made, counting and plain words behind it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Final, cast

import httpx2
from typing_extensions import override

from app.network.addresses import shown_host
from app.network.answer_body import AnswerBody
from app.network.errand import Errand, present_errand
from app.network.errors import NetworkError, UnsafeAddressError
from app.network.failures import failure
from app.network.gate import Gate
from app.network.ledger import CANCELLED, Ledger
from app.network.proxies import proxy_for
from app.settings.addresses import is_this_computer

CONNECT_S: Final = 15.0
SILENCE_S: Final = 30.0
_TIMEOUTS: Final[Mapping[str, float]] = {"connect": CONNECT_S, "read": SILENCE_S, "write": SILENCE_S, "pool": SILENCE_S}
_TOKEN_HEADER: Final = "Authorization"  # noqa: S105 - the header's name


class GatedTransport(httpx2.BaseTransport):
    """Sends requests that belong to an errand and may pass the gate; each one is in the ledger. For any thread.

    Raises `NetworkError`, and `PrivateFileError` where the ledger cannot be written.
    """

    def __init__(self, gate: Gate, ledger: Ledger, proxy: Callable[[], str | None]) -> None:
        self._gate = gate
        self._ledger = ledger
        self._proxy = proxy
        self._lock = threading.Lock()
        self._ways: dict[str | None, httpx2.HTTPTransport] = {}
        """Pools of connections: the straight one, and one for each proxy."""

    @override
    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        errand = present_errand()
        host = shown_host(request.url.scheme, request.url.raw_host.decode("ascii"), request.url.port)
        try:
            _check_address(errand, request.url, host)
            self._gate.pass_or_raise(errand.purpose, host)
        except NetworkError as refusal:
            self._ledger.refuse(errand.purpose, host, refusal.result)
            raise
        _keep_token_at_home(errand, request)
        body = AnswerBody(self._gate, self._ledger, errand.purpose, host, request)
        timeout = _bounded(request.extensions.get("timeout"))
        request.extensions = {**request.extensions, "timeout": timeout, "trace": body.heed}
        return self._send(request, body)

    def _send(self, request: httpx2.Request, body: AnswerBody) -> httpx2.Response:
        proxy: str | None = None
        try:
            proxy = proxy_for(request.url.scheme, request.url.host, self._proxy())
            answer = self._way(proxy).handle_request(request)
        except NetworkError as error:
            body.finish(error.result)
            raise
        except (httpx2.TransportError, UnicodeError) as error:
            told = failure(error, body.host, proxy)
            body.finish(told.result)
            raise told from error
        except BaseException:  # a bug, or Ctrl-C: the ledger is told, and it goes on
            body.finish(CANCELLED)
            raise
        body.take(answer)
        return httpx2.Response(answer.status_code, headers=answer.headers, stream=body, extensions=answer.extensions)

    def _way(self, proxy: str | None) -> httpx2.HTTPTransport:
        with self._lock:
            if proxy not in self._ways:
                self._ways[proxy] = _new_way(proxy)
            return self._ways[proxy]

    @override
    def close(self) -> None:
        with self._lock:
            ways, self._ways = self._ways, {}
        for way in ways.values():
            way.close()


def _new_way(proxy: str | None) -> httpx2.HTTPTransport:
    """Trust whom the operating system trusts, a company's own authority included.

    The library's own context is truststore's on macOS and Windows. On Linux it reads the system's certificates once,
    where truststore would add them again with every connection; `SSL_CERT_FILE` counts everywhere.
    """
    trust = httpx2.create_ssl_context()
    if proxy is None:
        return httpx2.HTTPTransport(verify=trust)
    own_trust = trust if proxy.lower().startswith("https:") else None
    return httpx2.HTTPTransport(verify=trust, proxy=httpx2.Proxy(proxy, ssl_context=own_trust))


def _check_address(errand: Errand, url: httpx2.URL, host: str) -> None:
    """Take https, and http to this computer. Only an errand that began here may come here: servers must not send us."""
    is_here = is_this_computer(url.host)
    began_here = is_here if errand.began_here is None else errand.began_here
    if url.scheme != "https" and not (url.scheme == "http" and is_here):
        raise UnsafeAddressError(
            "The connection to {host} would not be encrypted, so nothing was sent.",
            next_step="Use an address that begins with https://.",
            host=host,
        )
    if is_here and not began_here:
        raise UnsafeAddressError(
            "The server wanted Paddock to connect to {host}, which is this computer. Nothing was sent.",
            next_step="If a mirror is set in the settings, under Network, check its address.",
            host=host,
        )
    errand.began_here = began_here


def _keep_token_at_home(errand: Errand, request: httpx2.Request) -> None:
    """Let the access token go to the first server that got it, whoever follows a redirect."""
    if _TOKEN_HEADER not in request.headers:
        return
    address = (request.url.scheme, request.url.host, request.url.port)
    if errand.token_address is None:
        errand.token_address = address
    if errand.token_address != address:
        del request.headers[_TOKEN_HEADER]


def _bounded(timeouts: object) -> dict[str, float]:
    """Give each of `timeouts` a bound: a library that asks for none would wait for ever."""
    asked = cast("Mapping[str, float | None]", timeouts or {})
    return {name: bound if (wanted := asked.get(name)) is None else wanted for name, bound in _TIMEOUTS.items()}

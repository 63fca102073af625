"""What went wrong, from what the HTTP library says: whose fault it is, and what can be done."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import httpx2

from app.network.errors import (
    CertificateError,
    ConnectionDroppedError,
    NetworkError,
    NoConnectionError,
    ProxyError,
    ProxyPasswordError,
    TimedOutError,
    TooManyRedirectsError,
    UnknownHostError,
    UnreadableAnswerError,
)
from app.network.proxies import shown_proxy
from app.translation import tr

_PASSWORD_WANTED = "407"  # noqa: S105 - a status, no secret


def failure(error: Exception, host: str, proxy: str | None = None) -> NetworkError:
    """Give `error`, met on the way to `host` (through `proxy`), as it is told to the user."""
    causes = tuple(_causes(error))
    found = _of_trust(causes, host, str(error)) or _of_proxy(error, host, proxy)
    return found or _of_the_way(error, causes, host) or _of_the_answer(error, host)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _of_trust(causes: tuple[BaseException, ...], host: str, details: str) -> NetworkError | None:
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return CertificateError(
            "Whoever answered as {host} could not prove to be it, so nothing was sent.",
            next_step="Your network may intercept encrypted connections, as some companies, virus scanners and hotels "
            "do: its certificate then has to be added to those that this system trusts. A wrong date on this laptop "
            "has the same effect.",
            details=details,
            host=host,
        )
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return CertificateError(
            "No encrypted connection to {host} could be made, so nothing was sent.",
            next_step="Your network may want you to sign in first: open any page in a browser, then try again.",
            details=details,
            host=host,
        )
    return None


def _of_proxy(error: Exception, host: str, proxy: str | None) -> NetworkError | None:
    if proxy is None:
        return None
    shown = shown_proxy(proxy)
    if isinstance(error, httpx2.ProxyError) and str(error).startswith(_PASSWORD_WANTED):
        return ProxyPasswordError(
            "The proxy {proxy} wants a name and a password.",
            next_step="Set the environment variable HTTPS_PROXY to http://name:password@{proxy}, leave the proxy in "
            "the settings empty, and start Paddock again.",
            proxy=shown,
        )
    if isinstance(error, httpx2.ProxyError):
        return ProxyError(
            "The proxy {proxy} would not connect to {host}: {answer}.",
            next_step="Ask whoever runs it, or set another one in the settings, under Network.",
            proxy=shown,
            host=host,
            answer=str(error).strip() or tr("it gave no reason"),
        )
    if isinstance(error, (httpx2.ConnectError, httpx2.ConnectTimeout)):
        return ProxyError(
            "The proxy {proxy} could not be reached.",
            next_step="Check its address in the settings, under Network, or in the settings of this system.",
            details=str(error),
            proxy=shown,
        )
    return None


def _of_the_way(error: Exception, causes: tuple[BaseException, ...], host: str) -> NetworkError | None:
    if any(isinstance(cause, (socket.gaierror, UnicodeError)) for cause in causes):
        return UnknownHostError(
            "The address of {host} could not be found.",
            next_step="Check that this laptop is connected to the internet. If it is, check the name.",
            details=str(error),
            host=host,
        )
    if isinstance(error, httpx2.TimeoutException):
        return TimedOutError(
            "{host} did not answer in time.",
            next_step="The connection or the server may be slow or overloaded. Try again later.",
            host=host,
        )
    if isinstance(error, httpx2.ConnectError):
        return NoConnectionError(
            "{host} could not be reached.",
            next_step="Check that this laptop is connected to the internet, and that no firewall stops Paddock.",
            details=str(error),
            host=host,
        )
    return None


def _of_the_answer(error: Exception, host: str) -> NetworkError:
    if isinstance(error, httpx2.NetworkError) or "isconnected" in str(error) or "closed connection" in str(error):
        return ConnectionDroppedError(
            "The connection to {host} broke off.", next_step="Try again.", details=str(error), host=host
        )
    if isinstance(error, httpx2.TooManyRedirects):
        return TooManyRedirectsError(
            "{host} led from one address to the next without end.",
            next_step="Try again later; if a mirror is set under Network, check its address.",
            host=host,
        )
    return UnreadableAnswerError(
        "{host} gave an answer that cannot be read.",
        next_step="Try again later. Something between this laptop and the server may have changed it.",
        details=str(error),
        host=host,
    )

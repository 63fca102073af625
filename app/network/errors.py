"""What can go wrong between this laptop and a server, in plain words."""

from __future__ import annotations

from app.errors import Fault, PaddockError


class NetworkError(PaddockError):
    """A request was refused, or it failed. `result` is what the ledger says of it."""

    fault = Fault.MACHINE
    result = "failed"


class GateClosedError(NetworkError):
    """The network policy is `offline`."""

    fault = Fault.USER
    result = "refused: offline"


class WentOfflineError(GateClosedError):
    """The policy became `offline` while an answer was coming."""

    result = "stopped: offline"


class NotAllowedError(NetworkError):
    """The user was asked, or could not be, and did not allow it."""

    fault = Fault.USER
    result = "refused: not allowed"


class UnsafeAddressError(NetworkError):
    """An address that is not encrypted, or leads back to this computer. Nothing was sent."""

    fault = Fault.USER
    result = "refused: unsafe address"


class NoConnectionError(NetworkError):
    """No server could be reached under the address."""

    result = "failed: no connection"


class UnknownHostError(NetworkError):
    """Nobody knows the address of the name."""

    result = "failed: unknown host"


class TimedOutError(NetworkError):
    """The server took too long."""

    result = "failed: timed out"


class CertificateError(NetworkError):
    """Whoever answered could not show to be the server."""

    result = "failed: certificate"


class ProxyError(NetworkError):
    """The proxy is not there, or will not do it."""

    result = "failed: proxy"


class ProxyPasswordError(ProxyError):
    """The proxy wants a name and a password."""

    result = "failed: proxy wants a password"


class ConnectionDroppedError(NetworkError):
    """The connection ended in the middle of an answer."""

    result = "dropped"


class UnreadableAnswerError(NetworkError):
    """The server sent what is no answer to the question."""

    result = "failed: unreadable answer"


class TooManyRedirectsError(NetworkError):
    """Each address led to another one."""

    result = "failed: too many redirects"

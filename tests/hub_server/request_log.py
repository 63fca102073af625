"""What a hub was asked and how much of it it sent, for tests to ask about."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass

from tests.hub_server.exchange import Asked, Kind, Reply


@dataclass(slots=True)
class LoggedRequest:
    """A request and its reply so far. `first` is where in the file the body began, `sent_bytes` how much of it went."""

    address: str
    asked: Asked
    status: int = 0
    first: int = 0
    sent_bytes: int = 0
    is_finished: bool = False

    @property
    def range(self) -> str:
        """The part that was asked for, such as `bytes=0-99`; "" for all of it."""
        return self.asked.headers.get("range", "")


class RequestLog:
    """The requests to a hub and to the host that delivers for it, in the order in which they came."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._requests: list[LoggedRequest] = []

    def begin(self, address: str, asked: Asked) -> LoggedRequest:
        """Write down a request that has come."""
        logged = LoggedRequest(address, asked)
        with self._lock:
            self._requests.append(logged)
        return logged

    def end(self, logged: LoggedRequest) -> None:
        """Write down that nothing more is sent for `logged`."""
        with self._lock:
            logged.is_finished = True
            self._lock.notify_all()

    def wait_until_quiet(self, timeout_s: float = 30) -> None:
        """Come back when no request is being answered: what a client has read, the server may still be counting."""
        with self._lock:
            is_quiet = self._lock.wait_for(lambda: all(each.is_finished for each in self._requests), timeout_s)
        assert is_quiet, "the hub is still answering"

    def clear(self) -> None:
        """Forget what came so far."""
        with self._lock:
            self._requests.clear()

    @property
    def requests(self) -> tuple[LoggedRequest, ...]:
        """All of them."""
        with self._lock:
            return tuple(self._requests)

    def of(self, *kinds: Kind) -> tuple[LoggedRequest, ...]:
        """Give those of some kinds."""
        return tuple(request for request in self.requests if request.asked.kind in kinds)

    def tokens(self) -> set[tuple[str, str]]:
        """Give each address that got a token, with the token."""
        return {(each.address, each.asked.token) for each in self.requests if each.asked.token}

    def sent_bytes(self, file: str) -> int:
        """How many bytes of `file` were sent, those sent twice counted twice."""
        return sum(last - first for first, last in self._parts(file))

    def bytes_sent_twice(self, file: str) -> int:
        """How many bytes of `file` were sent again after they had been sent."""
        return self.sent_bytes(file) - _covered(self._parts(file))

    def _parts(self, file: str) -> list[tuple[int, int]]:
        return [
            (each.first, each.first + each.sent_bytes)
            for each in self.requests
            if each.asked.file == file and each.status in {200, 206}
        ]


def note(logged: LoggedRequest, reply: Reply) -> None:
    """Write down what is about to be sent."""
    logged.status, logged.first = reply.status, reply.first


def _covered(parts: Iterable[tuple[int, int]]) -> int:
    covered = end = 0
    for first, last in sorted(parts):
        covered += max(last - max(first, end), 0)
        end = max(end, last)
    return covered

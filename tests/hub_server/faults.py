"""What can be wrong with a server: each fault is a value that is put into `HubServer.faults` and taken out again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from typing_extensions import override

from tests.hub_server.exchange import Asked, DroppedError, Kind, Reply, ServedFile, refusal

FILES: Final = frozenset({Kind.RESOLVE, Kind.DELIVERY})
DELIVERIES: Final = frozenset({Kind.DELIVERY})
EVERYTHING: Final = frozenset(Kind)
_STEP_S: Final = 0.001
_LARGEST_STEP_BYTES: Final = 64 * 1024


class Times:
    """How often a fault strikes: `count` times, or for ever."""

    def __init__(self, count: int | None = None) -> None:
        self._left = count
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Whether it strikes now, which counts."""
        with self._lock:
            if self._left is None:
                return True
            self._left -= 1
            return self._left >= 0


class Pace:
    """Lets so many bytes pass a second, whoever they are for."""

    def __init__(self, bytes_per_s: float, burst_s: float) -> None:
        self._bytes_per_s = bytes_per_s
        self._burst_s = burst_s
        self._due = 0.0
        self._lock = threading.Lock()

    def wait(self, size_bytes: int, pause: Callable[[float], None]) -> None:
        """Come back when `size_bytes` more may go."""
        with self._lock:
            now = time.monotonic()
            self._due = max(self._due, now - self._burst_s) + size_bytes / self._bytes_per_s
            wait_s = self._due - now
        if wait_s > 0:
            pause(wait_s)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Nothing wrong; what each fault changes a part of. It strikes at `kinds`, and of files at those named so."""

    kinds: frozenset[Kind] = FILES
    suffix: str = ".gguf"

    def concerns(self, asked: Asked) -> bool:
        """Whether it has a say in this."""
        return asked.kind in self.kinds and (not asked.file or asked.file.endswith(self.suffix))

    def hear(self, asked: Asked) -> Asked:
        """Give the request as the server understands it."""
        return asked

    def see(self, file: ServedFile) -> ServedFile:
        """Give the file as the server has it."""
        return file

    def change(self, asked: Asked, reply: Reply) -> Reply:
        """Give the reply as the server sends it."""
        return reply


@dataclass(frozen=True)
class DropsEvery(Fault):
    """Each connection ends after `size_bytes` of a file."""

    size_bytes: int
    times: Times = field(default_factory=Times)

    @override
    def change(self, asked: Asked, reply: Reply) -> Reply:
        return replace(reply, body=self._cut(reply)) if self.times.take() else reply

    def _cut(self, reply: Reply) -> Iterator[bytes]:
        left = self.size_bytes
        for block in reply.body:
            yield block[:left]
            left -= len(block)
            if left <= 0:
                raise DroppedError


@dataclass(frozen=True)
class Stalls(Fault):
    """After `size_bytes` of a file nothing more comes, while the connection stays open until `released`.

    `reached` is set when the first of them has come so far.
    """

    size_bytes: int
    times: Times = field(default_factory=Times)
    released: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)

    @override
    def change(self, asked: Asked, reply: Reply) -> Reply:
        return replace(reply, body=self._hold(asked, reply)) if self.times.take() else reply

    def _hold(self, asked: Asked, reply: Reply) -> Iterator[bytes]:
        left = self.size_bytes
        for block in reply.body:
            yield block[:left]
            if len(block) > left:
                self.reached.set()
                while not self.released.is_set():
                    asked.pause(0.05)
                yield block[left:]
            left = max(left - len(block), 0)


@dataclass(frozen=True)
class IgnoresRange(Fault):
    """The whole file comes, whatever part was asked for."""

    @override
    def hear(self, asked: Asked) -> Asked:
        return replace(asked, headers={name: value for name, value in asked.headers.items() if name != "range"})

    @override
    def change(self, asked: Asked, reply: Reply) -> Reply:
        return replace(reply, headers={n: value for n, value in reply.headers.items() if n != "Accept-Ranges"})


@dataclass(frozen=True)
class WrongContentRange(Fault):
    """The header says that the part begins `by_bytes` later than it does."""

    by_bytes: int = 1
    times: Times = field(default_factory=Times)

    @override
    def change(self, asked: Asked, reply: Reply) -> Reply:
        told = reply.headers.get("Content-Range", "")
        if not told.startswith("bytes ") or "*" in told or not self.times.take():
            return reply
        part, _, total = told.removeprefix("bytes ").partition("/")
        first, last = (int(number) + self.by_bytes for number in part.split("-"))
        return replace(reply, headers={**reply.headers, "Content-Range": f"bytes {first}-{last}/{total}"})


@dataclass(frozen=True)
class WrongPart(Fault):
    """Another part comes than was asked for, and the header says truthfully which."""

    by_bytes: int = 4096

    @override
    def hear(self, asked: Asked) -> Asked:
        unit, _, part = asked.headers.get("range", "").partition("=")
        first, _, last = part.partition("-")
        if not unit or not first:
            return asked
        shifted = f"{unit}={int(first) + self.by_bytes}-{int(last) + self.by_bytes if last else ''}"
        return replace(asked, headers={**asked.headers, "range": shifted})


@dataclass(frozen=True)
class ChangedETag(Fault):
    """The delivering host names the file's content otherwise than before; the content too, if it is given."""

    etag: str = "changed"
    content: bytes | None = None

    @override
    def see(self, file: ServedFile) -> ServedFile:
        if self.content is None:
            return replace(file, etag=self.etag)
        return ServedFile(self.content, len(self.content), self.etag)


@dataclass(frozen=True)
class ShortFile(Fault):
    """The last `missing_bytes` of the file are not there, and the server does not know better."""

    missing_bytes: int

    @override
    def see(self, file: ServedFile) -> ServedFile:
        return replace(file, size_bytes=max(file.size_bytes - self.missing_bytes, 0))


@dataclass(frozen=True)
class CorruptByte(Fault):
    """The byte at `offset` comes with all its bits turned, as many times as it is sent or `times` says."""

    offset: int
    times: Times = field(default_factory=Times)

    @override
    def change(self, asked: Asked, reply: Reply) -> Reply:
        return replace(reply, body=self._turn(reply))

    def _turn(self, reply: Reply) -> Iterator[bytes]:
        begin = reply.first
        for block in reply.body:
            place = self.offset - begin
            begin += len(block)
            if 0 <= place < len(block) and self.times.take():
                yield block[:place] + bytes([block[place] ^ 0xFF]) + block[place + 1 :]
            else:
                yield block


@dataclass(frozen=True)
class TooManyRequests(Fault):
    """429, with the time after which to try again."""

    retry_after_s: int
    times: Times = field(default_factory=Times)

    @override
    def change(self, asked: Asked, reply: Reply) -> Reply:
        if not self.times.take():
            return reply
        told = refusal(429, "Too many requests")
        return replace(told, headers={**told.headers, "Retry-After": str(self.retry_after_s)})


@dataclass(frozen=True)
class Failing(Fault):
    """A status that says no, such as 500, 502, 503; or 403 for a link that has expired."""

    status: int = 500
    times: Times = field(default_factory=Times)

    @override
    def change(self, asked: Asked, reply: Reply) -> Reply:
        return refusal(self.status, "Something is wrong here") if self.times.take() else reply


@dataclass(frozen=True)
class LeadsTo(Fault):
    """Files are to be had at another address: `address` and the path that was asked for."""

    address: str

    @override
    def change(self, asked: Asked, reply: Reply) -> Reply:
        return Reply(302, {"Location": self.address + asked.path, "Content-Length": "0"})


@dataclass(frozen=True)
class Replies(Fault):
    """Something else entirely comes, such as the page of a hotel's network."""

    body: bytes
    status: int = 200
    content_type: str = "text/html"

    @override
    def change(self, asked: Asked, reply: Reply) -> Reply:
        headers = {"Content-Type": self.content_type, "Content-Length": str(len(self.body))}
        return Reply(self.status, headers, [self.body])


@dataclass(frozen=True)
class SlowLoris(Fault):
    """A few bytes come at a time, with a pause after each, so that no read ever times out."""

    size_bytes: int = 1
    pause_s: float = 0.01

    @override
    def change(self, asked: Asked, reply: Reply) -> Reply:
        return replace(reply, body=self._drip(asked, reply))

    def _drip(self, asked: Asked, reply: Reply) -> Iterator[bytes]:
        for block in reply.body:
            for begin in range(0, len(block), self.size_bytes):
                yield block[begin : begin + self.size_bytes]
                asked.pause(self.pause_s)


@dataclass(frozen=True)
class SpeedCap(Fault):
    """All files together come at `bytes_per_s`; with `is_for_each`, each connection does.

    What did not come for so long as `burst_s` comes at once then.
    """

    bytes_per_s: float
    is_for_each: bool = False
    burst_s: float = 0.2
    kinds: frozenset[Kind] = field(default=DELIVERIES, kw_only=True)
    _pace: list[Pace] = field(default_factory=list[Pace], init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make the pace that all connections share."""
        self._pace.append(Pace(self.bytes_per_s, self.burst_s))

    @override
    def change(self, asked: Asked, reply: Reply) -> Reply:
        pace = Pace(self.bytes_per_s, self.burst_s) if self.is_for_each else self._pace[0]
        return replace(reply, body=self._slow(partial(pace.wait, pause=asked.pause), reply))

    def _slow(self, wait: Callable[[int], None], reply: Reply) -> Iterator[bytes]:
        step_bytes = max(1, min(_LARGEST_STEP_BYTES, round(self.bytes_per_s * _STEP_S)))
        for block in reply.body:
            for begin in range(0, len(block), step_bytes):
                step = block[begin : begin + step_bytes]
                wait(len(step))
                yield step

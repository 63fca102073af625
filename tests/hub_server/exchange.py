"""A request as the hub hears it, and its reply as a fault may change it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Kind(StrEnum):
    """What a request is about."""

    SEARCH = "search"
    DETAILS = "details"
    ACCOUNT = "account"
    RESOLVE = "resolve"
    """A file, asked of the hub itself: it gives the small ones, and leads to where the large ones are delivered."""
    DELIVERY = "delivery"
    """A large file, asked of the host that delivers."""
    OTHER = "other"


class DroppedError(Exception):
    """The server ends the connection here, in the middle of whatever it was saying."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. Header names are in lower case; `file` is the path in the repository, "" where it is about none.

    `pause` waits so many seconds, and raises `DroppedError` when the server is closed meanwhile.
    """

    kind: Kind
    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    pause: Callable[[float], None]
    file: str = ""

    @property
    def token(self) -> str:
        """The access token that came with it."""
        return self.headers.get("authorization", "").removeprefix("Bearer ")

    def first(self, name: str) -> str:
        """Give the first value of `name` in the address."""
        return next(iter(self.query.get(name, ())), "")


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A file as it is delivered now: its bytes, how many of them, and the ETag that the delivering host gives it."""

    content: bytes | Path
    size_bytes: int
    etag: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What is sent back. `first` is the place in the file that the body begins at."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: Iterable[bytes] = ()
    first: int = 0


def json_reply(content: object, status: int = 200, **headers: str) -> Reply:
    """Give `content` as the hub's interface for programs does."""
    body = json.dumps(content).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, {"Content-Type": "application/json", "Content-Length": str(len(body)), **named}, [body])


def refusal(status: int, message: str, code: str = "") -> Reply:
    """Say no as the hub does: a status, a code where it has one, and a sentence."""
    codes = {"X-Error-Code": code} if code else {}
    reply = json_reply({"error": message}, status)
    return Reply(status, {**reply.headers, "X-Error-Message": message, **codes}, reply.body)

"""What a server's answer to the request for a part of a file means, before any of its body is taken."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from typing import Final

from app.models.download.errors import LinkRefusedError, TryAgainError, WrongAnswerError
from app.models.download.sizes import shown_size, told_apart

_WHOLE: Final = 200
_PART: Final = 206
_NO_SUCH_PART: Final = 416
_SIGN_IN: Final = 511
_LINK_REFUSED: Final = frozenset({401, 403, 404, 410})
_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504, 507, 508, 520, 521, 522, 523, 524})
_CONTENT_RANGE: Final = re.compile(r"bytes (?:(\d{1,18})-(\d{1,18})|\*)/(\d{1,18}|\*)", re.ASCII)


class ContentChangedError(Exception):
    """The server has another content under this address than before."""


class Meaning(Enum):
    """What the body is."""

    PART = auto()
    """The bytes that were asked for, or the first of them."""
    WHOLE = auto()
    """All of the file, from its first byte."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for the bytes from `start` to before `end` of a file whose content is called `server_etag` so far."""

    start: int
    end: int
    size_bytes: int
    server_etag: str


@dataclass(frozen=True, slots=True)
class Head:
    """An answer without its body. The names of `headers` are found in any case."""

    host: str
    status: int
    headers: Mapping[str, str]

    @property
    def etag(self) -> str:
        """What the server calls the content."""
        return self.headers.get("ETag", "")


def examine(head: Head, asked: Asked, now: datetime) -> Meaning:
    """Tell what the body is. Raises `ContentChangedError`, or `ServerError` where the body is not to be taken."""
    if head.status not in {_WHOLE, _PART, _NO_SUCH_PART}:
        raise _refusal(head, now)
    if head.status != _NO_SUCH_PART and head.headers.get("Content-Type", "").lower().startswith("text/html"):
        raise _page(head)
    if asked.server_etag and head.etag and head.etag != asked.server_etag:
        raise ContentChangedError
    if head.headers.get("Content-Encoding", "identity").lower() not in {"", "identity"}:
        raise _another_part(head)
    if head.status == _WHOLE:
        _check_size(head, asked, head.headers.get("Content-Length", "*"))
        return Meaning.WHOLE
    found = _CONTENT_RANGE.fullmatch(head.headers.get("Content-Range", "").strip())
    if found is None:
        raise _another_part(head)
    first, last, total = found.groups()
    _check_size(head, asked, total)
    if first is None or int(first) != asked.start or not asked.start <= int(last) < asked.end:
        raise _another_part(head)
    return Meaning.PART


def _check_size(head: Head, asked: Asked, told: str) -> None:
    if told != "*" and told != str(asked.size_bytes):
        found, promised = told, shown_size(asked.size_bytes)
        if told.isdecimal():
            found, promised = told_apart(int(told), asked.size_bytes)
        raise WrongAnswerError(
            "{host} has a file of {found} where the hub promises {promised}.",
            next_step="Try again later. If a mirror is set in the settings, under Network, it may be behind.",
            host=head.host,
            found=found,
            promised=promised,
            details=f"{told} / {asked.size_bytes}",
        )


def _refusal(head: Head, now: datetime) -> Exception:
    if head.status == _SIGN_IN:
        return _page(head)
    if head.status in _LINK_REFUSED:
        return LinkRefusedError(
            "{host} does not give the file ({status}).",
            next_step="Look at its repository on the hub: it may have been taken away, or ask you to agree to terms.",
            host=head.host,
            status=head.status,
        )
    if head.status in _PASSING:
        return TryAgainError(
            "{host} has trouble and cannot give the file now ({status}).",
            next_step="What has come is kept. Resume the download later.",
            wait_s=_wait_s(head.headers.get("Retry-After", ""), now),
            host=head.host,
            status=head.status,
        )
    return WrongAnswerError(
        "{host} answered with {status}, which is no answer to the request for a file.",
        next_step="Try again later. If a mirror or a proxy is set in the settings, under Network, check it.",
        host=head.host,
        status=head.status,
    )


def _wait_s(retry_after: str, now: datetime) -> float:
    """How long the server wants to be left alone: it says seconds or a date."""
    text = retry_after.strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # no date, or one with numbers that no calendar has
        return 0.0
    return max(0.0, ((date if date.tzinfo else date.replace(tzinfo=UTC)) - now).total_seconds())


def _page(head: Head) -> WrongAnswerError:
    return WrongAnswerError(
        "A web page came from {host} in place of the file.",
        next_step="Your network may want you to sign in first, as those of hotels and trains do: open any page in a "
        "browser, then resume the download.",
        host=head.host,
    )


def _another_part(head: Head) -> WrongAnswerError:
    return WrongAnswerError(
        "{host} sent another part of the file than was asked for. Nothing of it was taken.",
        next_step="Try again later. Something between this laptop and the server may have changed the answer.",
        host=head.host,
        details=f"{head.status} {head.headers.get('Content-Range', '')}",
    )

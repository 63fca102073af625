"""A file on the hub: where it is, and a part of it without the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.network.errors import UnreadableAnswerError

if TYPE_CHECKING:
    import httpx2

_PART: Final = re.compile(r"bytes (?P<first>\d{1,18})-(?P<last>\d{1,18})/(?P<total>\d{1,18})", re.ASCII)
_PARTIAL: Final = 206
_MOST_READ_WHOLE: Final = 16 * 1024 * 1024
"""How far into a file we read where the server gives no parts."""
_STEP_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class RemotePath:
    """A file in a repository; `commit` pins its content."""

    repository: str
    commit: str
    path: str


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as the hub has it now. `url` leads there, by redirects whose addresses expire; it is good for days.

    `etag` is the hub's own; the host that delivers may have another. `sha256` is "" for files too small for one.
    """

    url: str
    size_bytes: int
    etag: str
    sha256: str
    commit: str
    accepts_ranges: bool


@dataclass(frozen=True, slots=True)
class ByteRange:
    """`size_bytes` bytes from `offset` on."""

    offset: int
    size_bytes: int

    @property
    def headers(self) -> dict[str, str]:
        """How it is asked for."""
        last = self.offset + self.size_bytes - 1
        return {"Range": f"bytes={self.offset}-{last}", "Accept-Encoding": "identity"}


def is_part(answer: httpx2.Response, wanted: ByteRange) -> bool:
    """Whether `answer` is the part that was asked for, and not the whole file; raises if it is another part."""
    return answer.status_code == _PARTIAL and bool(_checked_part(answer, wanted))


def read_part(answer: httpx2.Response, wanted: ByteRange) -> bytes:
    """Give the bytes that were asked for, fewer where the file ends; raises `UnreadableAnswerError` for others."""
    if answer.status_code == _PARTIAL:
        size_bytes = _checked_part(answer, wanted)
        return _exactly(answer.iter_raw(_STEP_BYTES), size_bytes, answer)
    if wanted.offset + wanted.size_bytes > _MOST_READ_WHOLE:
        raise UnreadableAnswerError(
            "{host} gives files only whole, so this one cannot be looked into before it is downloaded.",
            next_step="Download it, or choose another hub in the settings, under Network.",
            host=answer.url.host,
        )
    return _read_until(answer.iter_raw(_STEP_BYTES), wanted.offset + wanted.size_bytes)[wanted.offset :]


def _checked_part(answer: httpx2.Response, wanted: ByteRange) -> int:
    """How many bytes the part holds."""
    found = _PART.fullmatch(answer.headers.get("Content-Range", "").strip())
    if found is None:
        raise _another_part(answer)
    first, last, total = (int(number) for number in found.groups())
    end = min(wanted.offset + wanted.size_bytes, total)
    if first != wanted.offset or last + 1 != end:
        raise _another_part(answer)
    return end - first


def _exactly(steps: Iterable[bytes], size_bytes: int, answer: httpx2.Response) -> bytes:
    content = _read_until(steps, size_bytes + 1)
    if len(content) != size_bytes:
        raise _another_part(answer)
    return content


def _read_until(steps: Iterable[bytes], end: int) -> bytes:
    """The first `end` bytes; what follows is not fetched."""
    content = bytearray()
    for step in steps:
        content += step
        if len(content) >= end:
            break
    return bytes(content[:end])


def _another_part(answer: httpx2.Response) -> UnreadableAnswerError:
    return UnreadableAnswerError(
        "{host} sent another part of the file than was asked for.",
        next_step="Try again later. Something between this laptop and the server may have changed it.",
        details=answer.headers.get("Content-Range", ""),
        host=answer.url.host,
    )

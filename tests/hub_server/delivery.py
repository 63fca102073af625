"""Files by HTTP: whole or in part, as RFC 9110 has it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.hub_server.exchange import Asked, Reply, ServedFile

_PART: Final = re.compile(r"bytes=(?P<first>\d*)-(?P<last>\d*)")
_BLOCK_BYTES: Final = 128 * 1024


def deliver(asked: Asked, file: ServedFile) -> Reply:
    """Give what of `file` was asked for: 200, 206 or 416."""
    headers = {"ETag": f'"{file.etag}"', "Accept-Ranges": "bytes", "Content-Type": "application/octet-stream"}
    part = _part(asked, file)
    if part is None:
        body = _blocks(file, 0, file.size_bytes)
        return Reply(200, {**headers, "Content-Length": str(file.size_bytes)}, body)
    first, end = part
    if first >= min(end, file.size_bytes):
        return Reply(416, {**headers, "Content-Range": f"bytes */{file.size_bytes}", "Content-Length": "0"})
    told = {"Content-Range": f"bytes {first}-{end - 1}/{file.size_bytes}", "Content-Length": str(end - first)}
    return Reply(206, {**headers, **told}, _blocks(file, first, end), first)


def _part(asked: Asked, file: ServedFile) -> tuple[int, int] | None:
    """Where the part that was asked for begins and ends; None for all of the file."""
    found = _PART.fullmatch(asked.headers.get("range", ""))
    condition = asked.headers.get("if-range", f'"{file.etag}"')
    if found is None or condition != f'"{file.etag}"' or not (found["first"] or found["last"]):
        return None
    if not found["first"]:
        return max(file.size_bytes - int(found["last"]), 0), file.size_bytes
    end = int(found["last"]) + 1 if found["last"] else file.size_bytes
    return int(found["first"]), min(end, file.size_bytes)


def _blocks(file: ServedFile, first: int, end: int) -> Iterator[bytes]:
    if isinstance(file.content, Path):
        yield from _read(file.content, first, end)
        return
    for begin in range(first, end, _BLOCK_BYTES):
        yield file.content[begin : min(begin + _BLOCK_BYTES, end)]


def _read(path: Path, first: int, end: int) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as opened:
        opened.seek(first)
        while first < end and (block := opened.read(min(_BLOCK_BYTES, end - first))):
            first += len(block)
            yield block

"""What is known of a part: `<name>.part.json`, a line for each thing that was learned, written anew at each opening.

A line that the system has is there when the process is killed, so it is written at once and without a wait for the
disk. When the laptop itself went down, only what stands before the last `safe` mark counts: the disk had it.
No address is written down: it may hold a signature that opens the file.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec
import psutil

from app.models.download.errors import in_the_way, trouble_with
from app.models.download.pieces import PIECE_BYTES
from app.models.download.positioned import sync
from app.models.download.ranges import ByteRanges, Span
from app.paths import PRIVATE_FILE

_LARGEST_BYTES: Final = 64 * 1024 * 1024
_VERSION: Final = 1
_SAME_START_S: Final = 120
"""Systems reckon their start from a clock that is set now and then."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Which file it is a part of. Another one begins from nothing."""

    repository: str
    commit: str
    file: str
    size_bytes: int
    etag: str
    sha256: str


@dataclass(slots=True)
class Known:
    """What is known of a part: which bytes came, the checksum of each whole piece that was read back.

    `server_etag` is what the delivering host calls the content; below piece `compared` all were fetched twice.
    """

    have: ByteRanges = field(default_factory=ByteRanges)
    checksums: dict[int, int] = field(default_factory=dict[int, int])
    server_etag: str = ""
    compared: int = 0


class _Line(msgspec.Struct, frozen=True, omit_defaults=True):
    have: Span | None = None
    lost: Span | None = None
    piece: tuple[int, int] | None = None
    safe: int | None = None
    server_etag: str | None = None
    compared: int | None = None


class _Head(msgspec.Struct, frozen=True):
    version: int
    identity: Identity
    machine_started: int


class PartNotes:
    """The open notes of one part. Any thread may write. Raises `DownloadError`."""

    def __init__(self, part: Path, identity: Identity) -> None:
        self.path = notes_path(part)
        self.known, self.is_of_another = _read(self.path, identity)
        self._lock = threading.Lock()
        self._handle = -1
        self._begin(identity)

    def have(self, start: int, end: int) -> None:
        """These bytes came, and are written."""
        self._write(_Line(have=(start, end)))

    def lose(self, start: int, end: int) -> None:
        """These bytes are not what they were: they have to come again."""
        self._write(_Line(lost=(start, end)))

    def checksum(self, piece: int, value: int) -> None:
        """This piece was read back from the file."""
        self._write(_Line(piece=(piece, value)))

    def server_etag(self, etag: str) -> None:
        """The delivering host calls the content so."""
        self._write(_Line(server_etag=etag))

    def compared(self, pieces: int) -> None:
        """So many pieces, from the first on, were fetched twice."""
        self._write(_Line(compared=pieces))

    @property
    def size_bytes(self) -> int:
        """How much is noted so far: what a `safe` mark is about."""
        return os.fstat(self._handle).st_size

    def safe(self, noted_bytes: int) -> None:
        """The disk has what the first `noted_bytes` of the notes are about."""
        self._write(_Line(safe=noted_bytes))
        try:
            sync(self._handle)
        except OSError as error:
            raise trouble_with(self.path, error) from error

    def start_over(self, identity: Identity) -> None:
        """Know nothing any more."""
        self.known = Known()
        self._begin(identity)

    def close(self) -> None:
        """Let go of the file. May be called twice."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _begin(self, identity: Identity) -> None:
        """Write all that is known in place of what the file says."""
        lines: list[msgspec.Struct] = [_Head(_VERSION, identity, _machine_started())]
        lines += [_Line(have=span) for span in self.known.have]
        lines += [_Line(piece=each) for each in self.known.checksums.items()]
        lines.append(_Line(server_etag=self.known.server_etag, compared=self.known.compared))
        content = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
        content += msgspec.json.encode(_Line(safe=len(content))) + b"\n"
        new = self.path.with_name(self.path.name + ".new")
        self.close()
        try:
            new.unlink(missing_ok=True)
            self._handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, PRIVATE_FILE)
            os.write(self._handle, content)
            sync(self._handle)
            if os.name == "nt":  # where an open file cannot be renamed
                self.close()
            new.replace(self.path)
            if self._handle < 0:
                self._handle = os.open(self.path, os.O_WRONLY | os.O_APPEND)
        except OSError as error:
            raise trouble_with(self.path, error) from error

    def _write(self, line: _Line) -> None:
        content = msgspec.json.encode(line) + b"\n"
        try:
            with self._lock:
                os.write(self._handle, content)
        except OSError as error:
            raise trouble_with(self.path, error) from error


def notes_path(part: Path) -> Path:
    """Where the notes of `part` are."""
    return part.with_name(part.name + ".json")


def noted_bytes(part: Path) -> int:
    """How much of `part` is here, for whoever shows it; 0 where nothing can be read."""
    try:
        first, _, rest = notes_path(part).read_bytes()[:_LARGEST_BYTES].partition(b"\n")
        size_bytes = msgspec.json.decode(first, type=_Head).identity.size_bytes
    except (OSError, msgspec.MsgspecError):
        return 0
    return _learn([line for line, _ in _read_lines(rest, len(first) + 1)], size_bytes).have.total


def _read(path: Path, identity: Identity) -> tuple[Known, bool]:
    """What `path` says of the part, and whether it is about another file. What is damaged counts as not said."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise in_the_way(path)
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_BYTES)
    except FileNotFoundError:
        return Known(), False
    except OSError as error:
        raise trouble_with(path, error) from error
    first, _, rest = content.partition(b"\n")
    try:
        head = msgspec.json.decode(first, type=_Head)
    except msgspec.MsgspecError:
        return Known(), False
    if head.version != _VERSION or head.identity != identity:
        return Known(), True
    lines = _read_lines(rest, len(first) + 1)
    if abs(head.machine_started - _machine_started()) > _SAME_START_S:
        lines = _safe_lines(lines)
    return _learn([line for line, _ in lines], identity.size_bytes), False


def _read_lines(content: bytes, offset: int) -> list[tuple[_Line, int]]:
    """Each line with the place behind it, up to the first that is damaged: the one that a crash cut off."""
    lines: list[tuple[_Line, int]] = []
    for text in content.splitlines(keepends=True):
        offset += len(text)
        try:
            lines.append((msgspec.json.decode(text, type=_Line), offset))
        except msgspec.MsgspecError:
            break
    return lines


def _safe_lines(lines: list[tuple[_Line, int]]) -> list[tuple[_Line, int]]:
    safe = max((line.safe for line, _ in lines if line.safe is not None), default=0)
    return [(line, end) for line, end in lines if end <= safe]


def _learn(lines: list[_Line], size_bytes: int) -> Known:
    known = Known()
    for line in lines:
        if line.have and 0 <= line.have[0] <= line.have[1] <= size_bytes:
            known.have.add(*line.have)
        if line.lost:
            known.have.remove(*line.lost)
            known.checksums.pop(line.lost[0] // PIECE_BYTES, None)
        if line.piece:
            known.checksums[line.piece[0]] = line.piece[1]
        known.server_etag = known.server_etag if line.server_etag is None else line.server_etag
        known.compared = known.compared if line.compared is None else line.compared
    return known


def _machine_started() -> int:
    return round(psutil.boot_time())

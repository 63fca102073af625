"""The ledger: every connection that Paddock made or refused to make, for the user to read."""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from app.network.purpose import Purpose
from app.paths import PRIVATE_FILE
from app.private_file import PrivateFileError, locked

COMPLETE: Final = "complete"
CANCELLED: Final = "cancelled"
NOT_FINISHED: Final = "not finished"
"""The result of a connection that is open now, or was when its process died."""
LONGEST_LEDGER: Final = 5_000

_LONGEST_FILE_BYTES: Final = 4 * 1024 * 1024
_KEPT_BYTES: Final = _LONGEST_FILE_BYTES // 2
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One request: so many `bytes` of its answer came, so many were `sent`. `id` joins its begin and its end."""

    at: datetime
    host: str
    purpose: str
    bytes: int
    sent: int
    result: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class LedgerContent:
    """What the ledger says, the newest entry last, and how many of its lines nobody can read any more."""

    entries: tuple[LedgerEntry, ...] = ()
    damaged_lines: int = 0


class Ledger:
    """The ledger in the file `path`: a JSON object a line, the newest 5,000 entries. Several processes may write it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def begin(self, purpose: Purpose, host: str) -> LedgerEntry:
        """Write down that `host` is about to be connected to, so that even a process that is killed leaves a line.

        Raises `PrivateFileError`: what cannot be written down must not happen.
        """
        entry = _entry(purpose, host, NOT_FINISHED)
        self._append(entry)
        return entry

    def finish(self, entry: LedgerEntry, *, received: int, sent: int, result: str) -> None:
        """Write down how `entry` ended."""
        self._append_if_possible(replace(entry, bytes=received, sent=sent, result=result))

    def refuse(self, purpose: Purpose, host: str, result: str) -> None:
        """Write down a request that was refused before a socket was made."""
        self._append_if_possible(_entry(purpose, host, result))

    def read(self) -> LedgerContent:
        """Give what the file says; lines that are damaged are left out and counted. Raises `PrivateFileError`."""
        try:
            return _parse(self._lines())
        except OSError as error:
            raise PrivateFileError(
                "{name} cannot be read.",
                next_step="Check that you may read this file: {path}.",
                details=str(error),
                name=self._path.name,
                path=self._path,
            ) from error

    def _append_if_possible(self, entry: LedgerEntry) -> None:
        """How a request ended or was refused is said to its caller by another error than ours."""
        try:
            self._append(entry)
        except PrivateFileError as error:
            _log.warning("The end of a connection is missing in the ledger: %s", error)

    def _append(self, entry: LedgerEntry) -> None:
        line = msgspec.json.encode(entry) + b"\n"
        with locked(self._path):
            try:
                with open(self._path, "ab+", opener=_open_private) as file:
                    file.write(line if _ends_whole(file) else b"\n" + line)
                if self._path.stat().st_size > _LONGEST_FILE_BYTES:
                    self._shorten()
            except OSError as error:
                raise PrivateFileError(
                    "{name} could not be saved.",
                    next_step="Check that there is room on the disk and that you may write to {folder}.",
                    details=str(error),
                    name=self._path.name,
                    folder=self._path.parent,
                ) from error

    def _shorten(self) -> None:
        """Keep the newest entries only, each in one line. The caller holds the lock."""
        content = _parse(self._lines())
        if content.damaged_lines:
            _log.warning("%d damaged lines of the ledger are dropped", content.damaged_lines)
        kept: list[bytes] = []
        room = _KEPT_BYTES
        for entry in reversed(content.entries):
            line = msgspec.json.encode(entry) + b"\n"
            room -= len(line)
            if room < 0:
                break
            kept.append(line)
        new = self._path.with_name(f"{self._path.name}.new")
        with open(new, "wb", opener=_open_private) as file:
            file.writelines(reversed(kept))
        new.replace(self._path)

    def _lines(self) -> list[bytes]:
        """Give the lines at the end of the file, as many as a ledger may hold."""
        try:
            with self._path.open("rb") as file:
                begin = max(file.seek(0, os.SEEK_END) - 2 * _LONGEST_FILE_BYTES, 0)
                file.seek(begin)
                lines = file.read().splitlines()
        except FileNotFoundError:
            return []
        return lines[1:] if begin else lines  # the first of them is not whole


def _parse(lines: Iterable[bytes]) -> LedgerContent:
    entries: dict[str, LedgerEntry] = {}
    damaged = 0
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        try:
            entry = msgspec.json.decode(line, type=LedgerEntry)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            damaged += 1
            continue
        entries[entry.id or f"line {number}"] = entry  # the end of a request takes the place of its begin
    return LedgerContent(tuple(entries.values())[-LONGEST_LEDGER:], damaged)


def _entry(purpose: Purpose, host: str, result: str) -> LedgerEntry:
    return LedgerEntry(datetime.now(UTC), host, purpose.sentence, 0, 0, result, uuid.uuid4().hex)


def _ends_whole(file: BinaryIO) -> bool:
    """Whether the next line can follow: what was cut off by a full disk or a crash damages its own line only."""
    if file.seek(0, os.SEEK_END) == 0:
        return True
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, PRIVATE_FILE)

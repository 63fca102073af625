"""The sha256 of model files: they are gigabytes, so each is read once and remembered."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from app.errors import Fault, PaddockError
from app.given_text import shown_name
from app.private_file import DamagedFileError, PrivateFileError, locked, read_object, write_object

_STEP_BYTES: Final = 4 * 1024 * 1024
ReportFraction: TypeAlias = Callable[[float], None]
_log = logging.getLogger(__name__)


def _log_it(error: PrivateFileError) -> None:
    _log.warning("%s (%s)", error, error.details)


class HashError(PaddockError):
    """A file could not be read to its end."""

    fault = Fault.MACHINE


@dataclass(frozen=True, slots=True)
class FileHashes:
    """Which file has which sha256. `cache` is where the answers are kept; a changed size or time asks again."""

    cache: Path
    _running: dict[Path, Future[str]] = field(init=False, default_factory=dict[Path, "Future[str]"], compare=False)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock, compare=False)

    def known(self, path: Path) -> str | None:
        """Give the sha256 of `path` if it has been read before and is still the same file; never reads it."""
        return _still_true(path, self._entries().get(str(path.absolute())))

    def known_of(self, paths: Iterable[Path]) -> dict[Path, str]:
        """Give `known` for many files, by one look at what is remembered; those that are not known are left out."""
        entries = self._entries()
        found = {path: _still_true(path, entries.get(str(path.absolute()))) for path in paths}
        return {path: digest for path, digest in found.items() if digest is not None}

    def file_of(self, sha256: str) -> Path | None:
        """Give a file that has this sha256, of those that have been read before and are still the same."""
        known = reversed(self._entries().items())
        return next((Path(name) for name, entry in known if _still_true(Path(name), entry) == sha256), None)

    def hash_file(self, path: Path, report: ReportFraction | None = None) -> str:
        """Give the sha256 of `path` as hexadecimal digits, reading it if need be.

        `report` hears fractions from 0 to 1; whatever it raises ends the reading.
        """
        return self.known(path) or self.read_again(path, report)

    def read_again(
        self, path: Path, report: ReportFraction | None = None, forgotten: Callable[[PrivateFileError], None] = _log_it
    ) -> str:
        """Give the sha256 of what `path` holds now, whatever is remembered: a disk can fail without a trace.

        `forgotten` hears why it could not be remembered, which costs no more than another reading.
        """
        stamp = _stamp(path)
        digest = read_hash(path, report)
        if _stamp(path) == stamp:  # else it was written while it was read, and the next time is to look again
            try:
                self._remember(path, stamp, digest)
            except PrivateFileError as error:
                forgotten(error)
        return digest

    def remember(self, path: Path, sha256: str) -> None:
        """Take `sha256` for that of `path`: whoever wrote the file has hashed it on the way."""
        self._remember(path, _stamp(path), sha256)

    def hash_later(self, path: Path) -> Future[str]:
        """Have `path` hashed on a thread of its own, which keeps no process alive; whoever asks meanwhile shares it."""
        with self._lock:
            future = self._running.get(path)
            if future is None:
                future = self._running[path] = Future[str]()
                threading.Thread(target=self._hash_for, args=(path, future), name="file-hash", daemon=True).start()
        return future

    def _hash_for(self, path: Path, future: Future[str]) -> None:
        try:
            digest = self.hash_file(path)
        except Exception as error:  # noqa: BLE001 - it belongs to who waits for the future
            self._end(path)
            future.set_exception(error)
        else:
            self._end(path)
            future.set_result(digest)

    def _end(self, path: Path) -> None:
        with self._lock:
            del self._running[path]

    def _remember(self, path: Path, stamp: list[int], digest: str) -> None:
        with locked(self.cache):
            entries = self._entries()
            entries[str(path.absolute())] = [stamp, digest]
            write_object(self.cache, entries)

    def _entries(self) -> dict[str, object]:
        try:
            return read_object(self.cache)
        except DamagedFileError:  # nothing in it that cannot be found out again
            return {}


def _still_true(path: Path, entry: object) -> str | None:
    try:
        stamp, digest = msgspec.convert(entry, tuple[list[int], str])
        return digest if stamp == _stamp(path) else None
    except (msgspec.ValidationError, HashError):  # a damaged entry, or a file that is gone
        return None


def _stamp(path: Path) -> list[int]:
    try:
        status = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from error
    return [status.st_size, status.st_mtime_ns]


def read_hash(path: Path, report: ReportFraction | None = None) -> str:
    """Read `path` to its end. See `FileHashes.hash_file`."""
    digest = hashlib.sha256()
    done = 0
    try:
        with path.open("rb") as file:
            size_bytes = max(1, path.stat().st_size)
            while step := file.read(_STEP_BYTES):
                digest.update(step)
                done += len(step)
                if report is not None:
                    report(min(1.0, done / size_bytes))
    except OSError as error:
        raise _unreadable(path, error) from error
    return digest.hexdigest()


def _unreadable(path: Path, error: OSError) -> HashError:
    return HashError(
        "{name} could not be read to its end.",
        next_step="Check that the file is there and that you may read it.",
        details=str(error),
        name=shown_name(path),
    )

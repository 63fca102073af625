"""What the hub said, kept for a while: a JSON file an answer, to be deleted at any time."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Generic, TypeVar

import msgspec

from app.errors import PaddockError
from app.private_file import DamagedFileError, PrivateFileError, locked, read_object, write_object

_FORMAT: Final = 1
_MOST_BYTES: Final = 32 * 1024 * 1024
_LONGEST_KEPT: Final = timedelta(days=30)
_log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Known(Generic[T]):
    """What the hub said at `at`. `trouble` is why it could not be asked again; None where there was no need or it was.

    Where there is trouble, it is to be shown beside the value, with its age.
    """

    value: T
    at: datetime
    trouble: PaddockError | None = None


def now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


class HubCache:
    """Answers in `folder`, by the question. Several processes may share it."""

    def __init__(self, folder: Path, clock: Callable[[], datetime] = now) -> None:
        self.clock = clock
        self.folder = folder

    def read(self, question: str, kind: type[T]) -> Known[T] | None:
        """Give what was kept for `question`; None if there is nothing, or nothing that can be read."""
        try:
            content = read_object(self._path(question))
            entry = msgspec.convert(content, _Entry) if content else None
            if entry is None or (entry.format, entry.question) != (_FORMAT, question):
                return None
            value = msgspec.convert(entry.answer, kind)
        except (DamagedFileError, PrivateFileError, msgspec.ValidationError) as error:
            _log.warning("A kept answer of the hub cannot be used: %s", error)
            return None
        is_usable = timedelta(0) <= self.clock() - entry.at < _LONGEST_KEPT  # a clock may have been set back
        return Known(value, entry.at) if is_usable else None

    def keep(self, question: str, value: T) -> Known[T]:
        """Keep `value`, and forget the oldest answers where there is no room; that it cannot be kept is no error."""
        known = Known(value, self.clock())
        entry = _Entry(_FORMAT, question, known.at, msgspec.to_builtins(value))
        try:
            with locked(self.folder / "answers"):
                write_object(self._path(question), msgspec.to_builtins(entry))
                self._make_room()
        except PrivateFileError as error:
            _log.warning("An answer of the hub could not be kept: %s", error)
        return known

    def _path(self, question: str) -> Path:
        return self.folder / f"{hashlib.sha256(question.encode()).hexdigest()[:32]}.json"

    def _make_room(self) -> None:
        """The caller holds the lock."""
        try:
            states = [(path.stat(), path) for path in self.folder.glob("*.json")]
            room = _MOST_BYTES
            for state, path in sorted(states, key=lambda each: each[0].st_mtime, reverse=True):
                room -= state.st_size
                if room < 0:
                    path.unlink()
        except OSError as error:  # somebody else tidies up too
            _log.warning("Old answers of the hub could not be deleted: %s", error)


class _Entry(msgspec.Struct):
    format: int
    question: str
    at: datetime
    answer: object

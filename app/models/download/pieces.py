"""Which bytes of a file are here, which are on their way, and who fetches what next. Any thread may ask."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final

from app.models.download.ranges import ByteRanges

PIECE_BYTES: Final = 16 * 1024 * 1024
"""What is checked, and fetched again where it is damaged."""
_MOST_REQUESTS: Final = 32
"""For a large file, when nothing goes wrong: each is a line in the ledger."""


@dataclass(slots=True)
class Claim:
    """What one connection fetches: from `at`, which moves on with what is written, to before `end`."""

    at: int
    end: int


class Pieces:
    """The book of one file's bytes."""

    def __init__(self, size_bytes: int, have: ByteRanges) -> None:
        self.size_bytes = size_bytes
        self._changed = threading.Condition()
        self._have = have
        self._taken = ByteRanges(have)
        each = max(PIECE_BYTES, size_bytes // _MOST_REQUESTS)
        self._request_bytes = -(-each // PIECE_BYTES) * PIECE_BYTES

    @property
    def received(self) -> int:
        """How many bytes are here."""
        with self._changed:
            return self._have.total

    @property
    def has_unclaimed(self) -> bool:
        """Whether there is something that nobody fetches."""
        with self._changed:
            return self._taken.first_gap(self.size_bytes) is not None

    def run_end(self) -> int:
        """Up to where all bytes are here."""
        with self._changed:
            return self._have.end_of_run(0)

    def wait_beyond(self, place: int, longest_s: float) -> None:
        """Wait until the byte at `place` and all before it are here, or `longest_s` have passed."""
        with self._changed:
            if self._have.end_of_run(0) <= place:
                self._changed.wait(longest_s)

    def claim(self) -> Claim | None:
        """Take the first bytes that nobody fetches, up to the next border of requests; None where there are none."""
        with self._changed:
            gap = self._taken.first_gap(self.size_bytes)
            if gap is None:
                return None
            start, end = gap
            end = min(end, (start // self._request_bytes + 1) * self._request_bytes)
            self._taken.add(start, end)
            return Claim(start, end)

    def claim_all(self) -> Claim:
        """Take the whole file: it comes in one answer."""
        with self._changed:
            self._taken.add(0, self.size_bytes)
            return Claim(0, self.size_bytes)

    def came(self, claim: Claim, size_bytes: int) -> None:
        """The next bytes of `claim` are written."""
        with self._changed:
            start = claim.at
            claim.at += size_bytes
            self._have.add(start, claim.at)
            self._changed.notify_all()

    def give_back(self, claim: Claim) -> None:
        """What is left of `claim` is for somebody else to fetch."""
        with self._changed:
            self._taken.remove(claim.at, claim.end)

    def lose(self, start: int, end: int) -> None:
        """These bytes have to come again."""
        with self._changed:
            self._have.remove(start, end)
            self._taken.remove(start, end)


def piece_span(piece: int, size_bytes: int) -> tuple[int, int]:
    """From where to where a piece goes."""
    start = piece * PIECE_BYTES
    return start, min(start + PIECE_BYTES, size_bytes)


def piece_count(size_bytes: int) -> int:
    """How many pieces there are."""
    return -(-size_bytes // PIECE_BYTES)

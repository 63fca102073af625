"""Which bytes of a file, as a set."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]
"""From the first byte to the one behind the last."""


class ByteRanges:
    """A set of bytes, kept as the spans that it is made of: in order, none empty, none touching the next."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._spans: list[Span] = []
        for start, end in spans:
            self.add(start, end)

    def __iter__(self) -> Iterator[Span]:
        """Give its spans, in order."""
        return iter(self._spans)

    @property
    def total(self) -> int:
        """How many bytes are in it."""
        return sum(end - start for start, end in self._spans)

    def add(self, start: int, end: int) -> None:
        """Put the bytes from `start` to before `end` into it."""
        if start >= end:
            return
        first = bisect_left(self._spans, start, key=_end)
        last = bisect_right(self._spans, end, key=_start)
        touched = self._spans[first:last]
        if touched:
            start, end = min(start, touched[0][0]), max(end, touched[-1][1])
        self._spans[first:last] = [(start, end)]

    def remove(self, start: int, end: int) -> None:
        """Take the bytes from `start` to before `end` out of it."""
        if start >= end:
            return
        first = bisect_right(self._spans, start, key=_end)
        last = bisect_left(self._spans, end, key=_start)
        touched = self._spans[first:last]
        before = [(low, min(high, start)) for low, high in touched[:1]]
        behind = [(max(low, end), high) for low, high in touched[-1:]]
        self._spans[first:last] = [(low, high) for low, high in before + behind if low < high]

    def end_of_run(self, start: int) -> int:
        """Where the run of bytes that holds `start` ends; `start` itself if it is not in."""
        at = bisect_right(self._spans, start, key=_end)
        holds = at < len(self._spans) and self._spans[at][0] <= start
        return self._spans[at][1] if holds else start

    def first_gap(self, size: int) -> Span | None:
        """The first bytes below `size` that are not in it."""
        start = self.end_of_run(0)
        if start >= size:
            return None
        at = bisect_right(self._spans, start, key=_start)
        return start, min(size, self._spans[at][0]) if at < len(self._spans) else size


def _start(span: Span) -> int:
    return span[0]


def _end(span: Span) -> int:
    return span[1]

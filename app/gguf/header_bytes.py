"""The bytes of a GGUF header, read in order. Nothing that the file claims is believed further than the file reaches."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from app.gguf.header_error import ModelHeaderError

Read: TypeAlias = Callable[[int, int], bytes]
"""Gives so many bytes from an offset on, fewer only where the file ends."""

MAXIMUM_HEADER_BYTES: Final = 64 * 1024 * 1024
"""Four times the largest vocabulary with its merges; a header that goes on behind this is an attack or damage."""
MAXIMUM_SKIPPED_TEXTS: Final = 4_000_000
"""All arrays of a header together: four times the largest vocabulary with its merges, passed over within a second."""
LONGEST_NAME_BYTES: Final = 65_535
"""Of a key, as the format has it, and of a tensor."""
_LENGTH_BYTES: Final = 8
_KIND_BYTES: Final = 4
_length_at: Final = struct.Struct("<Q").unpack_from
_kind_at: Final = struct.Struct("<I").unpack_from
_DAMAGED_STEP: Final = "The file is damaged. Download it again."


@dataclass(frozen=True, slots=True)
class Step:
    """How much is read at a time: `first_bytes`, each time the part `growth` of all before more, to `largest_bytes`.

    What is known to come is read at once, but no more than that either.
    """

    first_bytes: int
    largest_bytes: int
    growth: float = 0.0

    def after(self, read_bytes: int, coming_bytes: int) -> int:
        """How much is read behind `read_bytes`, where about `coming_bytes` are known to be wanted."""
        return min(max(self.first_bytes + round(self.growth * read_bytes), coming_bytes), self.largest_bytes)


class HeaderBytes:
    """A place in a file of `size_bytes`, moving forward. Every way past its end is a `ModelHeaderError`.

    `name` is what the sentences call the file. Holds a window of the file and the one value asked for, nothing else;
    what is passed over outside of the window is never read, and nothing is read twice.
    """

    __slots__ = (
        "_at",
        "_begin",
        "_coming_bytes",
        "_end",
        "_name",
        "_read",
        "_read_bytes",
        "_size_bytes",
        "_step",
        "_texts_left",
        "_window",
    )

    def __init__(self, read: Read, size_bytes: int, name: str, step: Step) -> None:
        self._read = read
        self._size_bytes = size_bytes
        self._name = name
        self._step = step
        self._texts_left = MAXIMUM_SKIPPED_TEXTS
        self._window = read(0, min(step.first_bytes, size_bytes))
        self._read_bytes = len(self._window)
        """How much was read so far."""
        self._coming_bytes = 0
        """About how much is surely wanted from here on."""
        self._begin = 0
        """Where in the file the window begins."""
        self._at = 0
        """How far into the window, or behind it, we are."""
        self._end = len(self._window)

    @property
    def position(self) -> int:
        """How many bytes of the file are passed."""
        return self._begin + self._at

    def beginning(self) -> bytes:
        """Give the first bytes of the file, to see what it is. Comes before everything else."""
        return self._window

    def number(self, layout: struct.Struct) -> int | float | bool:
        """Give the next number, as `layout` writes it."""
        begin = self._pass(layout.size)
        return layout.unpack_from(self._window, begin)[0]

    def numbers(self, layout: struct.Struct) -> tuple[Any, ...]:
        """Give the next numbers, which are of the kinds that `layout` says."""
        begin = self._pass(layout.size)
        return layout.unpack_from(self._window, begin)

    def count(self) -> int:
        """Give the next whole number of eight bytes: how many, or how long."""
        begin = self._at
        if begin + _LENGTH_BYTES > self._end:
            begin = self._refill(_LENGTH_BYTES)
        self._at = begin + _LENGTH_BYTES
        return _length_at(self._window, begin)[0]

    def named(self) -> tuple[str, int]:
        """Give the next name, and the whole number of four bytes behind it: what is named begins with its kind.

        Written out, and not by `count` and `text`, as is `text`: small files take a twentieth less time by it.
        """
        begin = self._at
        if begin + _LENGTH_BYTES > self._end:
            begin = self._refill(_LENGTH_BYTES)
        (length,) = _length_at(self._window, begin)
        begin += _LENGTH_BYTES
        self._at = begin
        if length > LONGEST_NAME_BYTES:
            raise self.refusal("{name} claims to hold a name of {count} bytes.", count=length)
        if begin + length + _KIND_BYTES > self._end:
            begin = self._refill(length + _KIND_BYTES)
        end = begin + length
        self._at = end + _KIND_BYTES
        window = self._window
        return window[begin:end].decode("utf-8", "replace"), _kind_at(window, end)[0]

    def text(self, length: int) -> str:
        """Give the next `length` bytes as a string; what is not UTF-8 becomes replacement characters."""
        begin = self._at
        if begin + length > self._end:
            begin = self._refill(length)
        self._at = end = begin + length
        return self._window[begin:end].decode("utf-8", "replace")

    def skip(self, count: int) -> None:
        """Pass over `count` bytes without reading them."""
        self._at += count
        self._reach(self._begin + self._at)

    def skip_texts(self, count: int) -> None:
        """Pass over `count` strings: only their lengths are looked at."""
        self._texts_left -= count
        if self._texts_left < 0 or self.claims_too_much(count * _LENGTH_BYTES):
            raise self.refusal("{name} claims to hold an array of {count} texts.", count=count)
        left, begin = count, self.position
        while left:
            mean = (self.position - begin) // (count - left) if left < count else _LENGTH_BYTES
            self._coming_bytes = left * mean
            self.skip(self.count())  # moves the window when it has to
            left = self._skip_texts_in_window(left - 1)
        self._coming_bytes = 0

    def claims_too_much(self, size_bytes: int) -> bool:
        """Whether a value of `size_bytes` is more than the whole file."""
        return size_bytes > self._size_bytes

    def refusal(self, message: str, *, next_step: str = _DAMAGED_STEP, **values: int | str) -> ModelHeaderError:
        """Make the error that says why this file is not used; `{name}` stands for the file."""
        shown = {key: f"{value:,}" if isinstance(value, int) else value for key, value in values.items()}
        return ModelHeaderError(message, next_step=next_step, details="", **shown | {"name": self._name})

    def _skip_texts_in_window(self, count: int) -> int:
        """Pass over as many of `count` texts as begin in the window; say how many are left."""
        window, place, passed = self._window, self._at, 0
        try:
            for passed in range(count):  # noqa: B007 - how far it came is known when the window ends
                (length,) = _length_at(window, place)
                place += _LENGTH_BYTES + length
            passed = count
        except (struct.error, OverflowError):  # behind the window, or further than there are numbers
            pass
        self.skip(place - self._at)
        return count - passed

    def _pass(self, count: int) -> int:
        """Move behind the next `count` bytes, and say where in the window they begin."""
        begin = self._at
        if begin + count > self._end:
            begin = self._refill(count)
        self._at = begin + count
        return begin

    def _refill(self, count: int) -> int:
        """Let the window begin here, with at least `count` bytes; give the place of the next one in it."""
        position = self._begin + self._at
        self._reach(position + count)
        kept = self._window[self._at :]
        self._window = b""
        begin = position + len(kept)
        needed = position + count - begin
        wanted = max(needed, self._step.after(self._read_bytes, self._coming_bytes))
        fetched = self._read(begin, min(wanted, self._size_bytes - begin))
        self._read_bytes += len(fetched)
        if len(fetched) < needed:
            raise self._too_short(position + count)  # it became shorter while it was read
        self._window = kept + fetched if kept else fetched
        self._begin, self._at, self._end = position, 0, len(self._window)
        return 0

    def _reach(self, end: int) -> None:
        if end > self._size_bytes:
            raise self._too_short(end)
        if end > MAXIMUM_HEADER_BYTES:
            raise self.refusal("{name} claims a header of more than {count} bytes.", count=MAXIMUM_HEADER_BYTES)

    def _too_short(self, end: int) -> ModelHeaderError:
        return self.refusal(
            "{name} ends in the middle: it has {size} bytes and needs at least {needed}.",
            next_step="It is damaged, or its download was cut off. Download it again.",
            size=self._size_bytes,
            needed=end,
        )

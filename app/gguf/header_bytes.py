"""The bytes of a GGUF header, read in order. Nothing that the file claims is believed further than the file reaches."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from app.gguf.header_error import ModelHeaderError

Read: TypeAlias = Callable[[int, int], bytes]
"""Gives so many bytes from an offset on, fewer only where the file ends."""

MAXIMUM_HEADER_BYTES: Final = 64 * 1024 * 1024
"""Four times the largest vocabulary with its merges; a header that goes on behind this is an attack or damage."""
MAXIMUM_SKIPPED_TEXTS: Final = 4_000_000
"""All arrays of a header together: four times the largest vocabulary with its merges, passed over within a second."""
LONGEST_NAME_BYTES: Final = 65_535
"""Of a key, as the format has it, and of a tensor."""
_LENGTH: Final = struct.Struct("<Q")
_KIND: Final = struct.Struct("<I")
_BEGINNING_BYTES: Final = 4096
_DAMAGED_STEP: Final = "The file is damaged. Download it again."


@dataclass(frozen=True, slots=True)
class Window:
    """How much is read at a time: `first_bytes`, then twice as much each time, up to `largest_bytes`."""

    first_bytes: int
    largest_bytes: int


class HeaderBytes:
    """A place in a file of `size_bytes`, moving forward. Every way past its end is a `ModelHeaderError`.

    `name` is what the sentences call the file. Holds a window of the file and the one value asked for, nothing else;
    what is passed over outside of the window is never read, and nothing is read twice.
    """

    def __init__(self, read: Read, size_bytes: int, name: str, window: Window) -> None:
        self._read = read
        self._size_bytes = size_bytes
        self._name = name
        self._step_bytes = window.first_bytes
        self._largest_bytes = window.largest_bytes
        self._window = b""
        self._window_start = 0
        self._texts_left = MAXIMUM_SKIPPED_TEXTS
        self.position = 0

    def beginning(self) -> bytes:
        """Give the first bytes of the file, to see what it is. Comes before everything else."""
        self._refill(0)
        return self._window[:_BEGINNING_BYTES]

    def number(self, layout: struct.Struct) -> int | float | bool:
        """Give the next number, as `layout` writes it."""
        begin = self._pass(layout.size)
        return layout.unpack_from(self._window, begin)[0]

    def numbers(self, letter: str, count: int) -> tuple[int | float | bool, ...]:
        """Give the next `count` numbers, of the kind that `struct` calls `letter`."""
        layout = f"<{count}{letter}"
        begin = self._pass(struct.calcsize(layout))
        return struct.unpack_from(layout, self._window, begin)

    def count(self) -> int:
        """Give the next whole number of eight bytes: how many, or how long."""
        begin = self._pass(8)
        return _LENGTH.unpack_from(self._window, begin)[0]

    def kind(self) -> int:
        """Give the next whole number of four bytes: what follows."""
        begin = self._pass(4)
        return _KIND.unpack_from(self._window, begin)[0]

    def name(self) -> str:
        """Give the next string, which may be as long as names are."""
        length = self.count()
        if length > LONGEST_NAME_BYTES:
            raise self.refusal("{name} claims to hold a name of {count} bytes.", count=length)
        return self.text(length)

    def text(self, length: int) -> str:
        """Give the next `length` bytes as a string; what is not UTF-8 becomes replacement characters."""
        begin = self._pass(length)
        return self._window[begin : begin + length].decode("utf-8", "replace")

    def skip(self, count: int) -> None:
        """Pass over `count` bytes without reading them."""
        self._reach(self.position + count)
        self.position += count

    def skip_texts(self, count: int) -> None:
        """Pass over `count` strings: only their lengths are looked at."""
        self._texts_left -= count
        if self._texts_left < 0 or count * _LENGTH.size > self._size_bytes:
            raise self.refusal("{name} claims to hold an array of {count} texts.", count=count)
        left = count
        while left:
            left = self._skip_texts_in_window(left)

    def claims_too_much(self, size_bytes: int) -> bool:
        """Whether a value of `size_bytes` is more than the whole file."""
        return size_bytes > self._size_bytes

    def refusal(self, message: str, *, next_step: str = _DAMAGED_STEP, **values: int | str) -> ModelHeaderError:
        """Make the error that says why this file is not used; `{name}` stands for the file."""
        shown = {key: f"{value:,}" if isinstance(value, int) else value for key, value in values.items()}
        return ModelHeaderError(message, next_step=next_step, details="", **shown | {"name": self._name})

    def _skip_texts_in_window(self, left: int) -> int:
        """Pass over as many of `left` texts as begin in the window, and over one more; say how many are left."""
        self.skip(self.count())  # moves the window when it has to
        left -= 1
        window, start, unpack = self._window, self._window_start, _LENGTH.unpack_from
        place, passed = self.position - start, 0
        try:
            for passed in range(left):  # noqa: B007 - how far it came is known when the window ends
                (length,) = unpack(window, place)
                place += 8 + length
            passed = left
        except (struct.error, OverflowError):  # behind the window, or further than there are numbers
            pass
        self.skip(start + place - self.position)
        return left - passed

    def _pass(self, count: int) -> int:
        """Move behind the next `count` bytes, and say where in the window they begin."""
        begin = self.position - self._window_start
        if begin + count > len(self._window):
            self._refill(count)
            begin = 0
        self.position += count
        return begin

    def _refill(self, count: int) -> None:
        """Let the window begin here, with at least `count` bytes."""
        needed = self.position + count
        self._reach(needed)
        kept = self._window[self.position - self._window_start :]
        self._window = b""
        begin = self.position + len(kept)
        wanted = min(max(needed - begin, self._step_bytes), self._size_bytes - begin)
        fetched = self._read(begin, wanted)
        if len(fetched) < needed - begin:
            raise self._too_short(needed)  # it became shorter while it was read
        self._window = kept + fetched[:wanted] if kept else fetched[:wanted]
        self._window_start = self.position
        self._step_bytes = min(2 * self._step_bytes, self._largest_bytes)

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

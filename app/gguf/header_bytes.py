"""The bytes of a GGUF header, read in order. Nothing that the file claims is believed further than the file reaches."""

from __future__ import annotations

import struct
from typing import BinaryIO, Final

from app.gguf.header_error import ModelHeaderError

MAXIMUM_HEADER_BYTES: Final = 256 * 1024 * 1024
"""No vocabulary is as large; a header that goes on behind this is an attack or damage."""
MAXIMUM_TEXT_BYTES: Final = 16 * 1024 * 1024
"""All texts that are kept of one header, together."""
MAXIMUM_SKIPPED_TEXTS: Final = 8_000_000
"""All arrays of a header together: eight times the largest vocabulary with its merges, skipped within two seconds."""
_WINDOW_BYTES: Final = 1024 * 1024
_LENGTH: Final = struct.Struct("<Q")
_DAMAGED_STEP: Final = "The file is damaged. Download it again."


class HeaderBytes:
    """A place in an open file of `size_bytes`, moving forward. Every way past its end is a `ModelHeaderError`.

    `name` is what the sentences call the file. Never holds more than a window of 1 MiB and the one value asked for.
    """

    def __init__(self, file: BinaryIO, size_bytes: int, name: str) -> None:
        self._file = file
        self._size_bytes = size_bytes
        self._name = name
        self._window = b""
        self._window_start = 0
        self._texts_left = MAXIMUM_SKIPPED_TEXTS
        self._text_bytes_left = MAXIMUM_TEXT_BYTES
        self.position = 0

    def take(self, count: int) -> bytes:
        """Give the next `count` bytes."""
        self._reach(self.position + count)
        start = self.position - self._window_start
        if start + count > len(self._window):
            self._refill(max(count, _WINDOW_BYTES))
            start = 0
        taken = self._window[start : start + count]
        if len(taken) < count:
            raise self._too_short(self.position + count)  # it became shorter while it was read
        self.position += count
        return taken

    def number(self, layout: struct.Struct) -> int | float | bool:
        """Give the next number, as `layout` writes it."""
        return layout.unpack(self.take(layout.size))[0]

    def whole_number(self, layout: struct.Struct) -> int:
        """Give the next number, for layouts that write whole ones."""
        return int(self.number(layout))

    def text(self) -> str:
        """Give the next string; bytes that are not UTF-8 become replacement characters."""
        length = self.whole_number(_LENGTH)
        self._text_bytes_left -= length
        if self._text_bytes_left < 0:
            raise self.refusal("{name} claims to hold a text of {count:,} bytes.", count=length)
        return self.take(length).decode("utf-8", "replace")

    def skip(self, count: int) -> None:
        """Pass over `count` bytes without reading them."""
        self._reach(self.position + count)
        self.position += count

    def skip_texts(self, count: int) -> None:
        """Pass over `count` strings: only their lengths are looked at."""
        self._texts_left -= count
        if self._texts_left < 0:
            raise self.refusal("{name} claims to hold an array of {count:,} texts.", count=count)
        left = count
        while left:
            left = self._skip_texts_in_window(left)

    def refusal(self, message: str, *, next_step: str = _DAMAGED_STEP, **values: int | str) -> ModelHeaderError:
        """Make the error that says why this file is not used; `{name}` stands for the file."""
        return ModelHeaderError(message, next_step=next_step, details="", name=self._name, **values)

    def _skip_texts_in_window(self, left: int) -> int:
        window, start = self._window, self._window_start
        offset, end = self.position - start, len(window) - _LENGTH.size
        if offset > end:  # the next length does not lie in the window as a whole: reading it moves the window
            self.skip(self.whole_number(_LENGTH))
            return left - 1
        unpack = _LENGTH.unpack_from
        while left and offset <= end:
            offset += 8 + unpack(window, offset)[0]
            left -= 1
        self.skip(start + offset - self.position)
        return left

    def _refill(self, count: int) -> None:
        self._file.seek(self.position)
        self._window = self._file.read(count)
        self._window_start = self.position

    def _reach(self, end: int) -> None:
        if end > MAXIMUM_HEADER_BYTES:
            raise self.refusal("{name} claims a header of more than {count:,} bytes.", count=MAXIMUM_HEADER_BYTES)
        if end > self._size_bytes:
            raise self._too_short(end)

    def _too_short(self, end: int) -> ModelHeaderError:
        return self.refusal(
            "{name} ends in the middle: it has {size:,} bytes and needs at least {needed:,}.",
            next_step="Its download was probably cut off. Download it again.",
            size=self._size_bytes,
            needed=end,
        )

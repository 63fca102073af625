"""Reads the header of a GGUF file in one pass, and never more of it than the file has.

Source: the format's description in the `ggml` repository, docs/gguf.md.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO, Final, TypeAlias

HeaderValue: TypeAlias = str | int | float | bool

_STRING: Final = 8
_ARRAY: Final = 9
_SCALARS: Final[dict[int, struct.Struct]] = {
    number: struct.Struct(f"<{letter}") for number, letter in enumerate("BbHhIif?") if number < _STRING
} | {10: struct.Struct("<Q"), 11: struct.Struct("<q"), 12: struct.Struct("<d")}
_COUNT: Final = struct.Struct("<Q")
_NUMBER: Final = struct.Struct("<I")
_SMALLEST_ENTRY_BYTES: Final = 13  # a key: its length, one letter at least, a type; a tensor takes more
_MAX_KEPT_TEXT_BYTES: Final = 4096
_MAX_KEY_BYTES: Final = 65536
_MAX_DIMENSIONS: Final = 4
_MAX_NESTING: Final = 2

# Values in a block and bytes of a block, for each type of tensor (ggml-common.h); a type that is missing here is only
# checked for its offset. The tests compare this table with the one of the `gguf` package.
BLOCKS: Final[dict[int, tuple[int, int]]] = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 40),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292), 16: (256, 66),
    17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82), 23: (256, 136),
    24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54),
    35: (256, 66), 39: (32, 17), 40: (64, 36), 41: (128, 18),
}  # fmt: skip


class MalformedHeaderError(Exception):
    """The header contradicts itself, or the file ends inside of it."""


@dataclass(frozen=True, slots=True)
class TensorPlace:
    """Where a tensor's bytes lie, counted from the beginning of all weights, and what they are.

    `kind` is ggml's number of its type; `dimensions` begin with the fastest.
    """

    name: str
    begin: int
    end: int
    kind: int
    dimensions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """What the header says: short texts and numbers by key, the tensors, how large the file has to be."""

    values: dict[str, HeaderValue]
    tensors: tuple[TensorPlace, ...]
    expected_bytes: int

    def text(self, key: str) -> str:
        """Give a text, or an empty one."""
        value = self.values.get(key, "")
        return value if isinstance(value, str) else ""

    def number(self, key: str) -> int:
        """Give a whole number, or 0."""
        value = self.values.get(key, 0)
        return value if isinstance(value, int) else 0


def read_header(file: BinaryIO, size: int) -> GgufHeader:
    """Read the header from the beginning of `file`, which has `size` bytes. Raises `MalformedHeaderError`."""
    reader = _HeaderReader(file, size)
    reader.skip(8)  # magic and version: the caller knows them
    tensors, keys = reader.count(), reader.count()
    if (tensors + keys) * _SMALLEST_ENTRY_BYTES > size:
        raise MalformedHeaderError(f"{tensors} tensors and {keys} keys do not fit in {size} bytes.")
    values = dict(reader.entry() for _ in range(keys))
    places = tuple(reader.tensor() for _ in range(tensors))
    alignment = values.get("general.alignment", 32)
    if not isinstance(alignment, int) or alignment <= 0 or alignment % 8:
        raise MalformedHeaderError(f"An alignment of {alignment} is not possible.")
    begin = -(-reader.position // alignment) * alignment
    last = max((place.end for place in places), default=None)
    return GgufHeader(values, places, reader.position if last is None else begin + last)


class _HeaderReader:
    """Walks through a header; every length is measured against the file before it is followed."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._size = size
        self.position = 0

    def skip(self, count: int) -> None:
        self._claim(count)
        self._file.seek(self.position)

    def count(self) -> int:
        return int(_COUNT.unpack(self._take(8))[0])

    def entry(self) -> tuple[str, HeaderValue]:
        """Read a key and its value; of an array, and of a long text, nothing is kept."""
        key = self._take(self._bounded(self.count(), _MAX_KEY_BYTES)).decode("utf-8", errors="replace")
        return key, self._value(self._number(), nesting=0)

    def tensor(self) -> TensorPlace:
        """Read a tensor's description."""
        name = self._take(self._bounded(self.count(), _MAX_KEY_BYTES)).decode("utf-8", errors="replace")
        dimensions = [self.count() for _ in range(self._bounded(self._number(), _MAX_DIMENSIONS))]
        kind, offset = self._number(), self.count()
        elements = 1
        for dimension in dimensions:
            elements *= dimension
        values, block = BLOCKS.get(kind, (1, 0))
        return TensorPlace(name, offset, offset + elements // values * block, kind, tuple(dimensions))

    def _value(self, kind: int, nesting: int) -> HeaderValue:
        if kind == _STRING:
            return self._text()
        if kind == _ARRAY:
            self._skip_array(nesting + 1)
            return ""
        if kind not in _SCALARS:
            raise MalformedHeaderError(f"There is no type {kind}.")
        return self._scalar(_SCALARS[kind])

    def _scalar(self, layout: struct.Struct) -> HeaderValue:
        value: HeaderValue = layout.unpack(self._take(layout.size))[0]
        return value

    def _text(self) -> str:
        length = self.count()
        if length > _MAX_KEPT_TEXT_BYTES:
            self.skip(length)
            return ""
        return self._take(length).decode("utf-8", errors="replace")

    def _skip_array(self, nesting: int) -> None:
        kind, length = self._number(), self.count()
        if kind in _SCALARS:
            self.skip(length * _SCALARS[kind].size)
            return
        if nesting > _MAX_NESTING:
            raise MalformedHeaderError("Arrays lie within arrays within arrays.")
        self._bounded(length * 8, self._size)
        for _ in range(length):
            self._skip_text() if kind == _STRING else self._value(kind, nesting)

    def _skip_text(self) -> None:
        self._take(self.count())

    def _number(self) -> int:
        return int(_NUMBER.unpack(self._take(4))[0])

    def _take(self, count: int) -> bytes:
        self._claim(count)
        taken = self._file.read(count)
        if len(taken) < count:
            raise MalformedHeaderError("The file became shorter while it was read.")
        return taken

    def _claim(self, count: int) -> None:
        self.position += count
        if self.position > self._size:
            raise MalformedHeaderError(f"The header needs {self.position} bytes, the file has {self._size}.")

    @staticmethod
    def _bounded(value: int, limit: int) -> int:
        if value > limit:
            raise MalformedHeaderError(f"{value} is more than the {limit} that are possible here.")
        return value

"""The parts of a sound GGUF file, laid out so that a test can change any of them, and put together again."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Final

U32, U64 = 4, 10
FLOAT32, TEXT, ARRAY = 6, 8, 9
WIDTHS: Final = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of a number of each kind."""
_ALIGNMENT: Final = 32


@dataclass
class Entry:
    """One entry of the metadata: its key, the kind of its value, and the value's bytes."""

    key: bytes
    kind: int
    value: bytes


@dataclass
class TensorInfo:
    """One row of the table of tensors."""

    name: bytes
    dimensions: list[int]
    kind: int
    offset: int


@dataclass
class GgufParts:
    """A whole file. The two counts are what the header claims; None lets it say the truth."""

    entries: list[Entry]
    tensors: list[TensorInfo]
    data: bytearray
    n_entries: int | None = None
    n_tensors: int | None = None
    version: int = 3
    magic: bytes = field(default=b"GGUF")

    def entry(self, key: str) -> Entry:
        """Give the entry under `key`."""
        return next(entry for entry in self.entries if entry.key == key.encode())

    def table(self) -> bytes:
        """Give the table of tensors as the file holds it."""
        rows = (
            encoded(tensor.name)
            + struct.pack(f"<I{len(tensor.dimensions)}Q", len(tensor.dimensions), *tensor.dimensions)
            + struct.pack("<IQ", tensor.kind, tensor.offset)
            for tensor in self.tensors
        )
        return b"".join(rows)

    def content(self) -> bytes:
        """Give the whole file."""
        n_tensors = len(self.tensors) if self.n_tensors is None else self.n_tensors
        n_entries = len(self.entries) if self.n_entries is None else self.n_entries
        head = self.magic + struct.pack("<IQQ", self.version, n_tensors, n_entries)
        head += b"".join(encoded(entry.key) + struct.pack("<I", entry.kind) + entry.value for entry in self.entries)
        head += self.table()
        return head + bytes(-len(head) % _ALIGNMENT) + bytes(self.data)


def encoded(text: bytes) -> bytes:
    """Give a text as GGUF writes it: its length, then its bytes."""
    return struct.pack("<Q", len(text)) + text


def text_array(texts: list[bytes]) -> bytes:
    """Give the value of an entry that holds several texts."""
    return struct.pack("<IQ", TEXT, len(texts)) + b"".join(map(encoded, texts))


def texts_of(entry: Entry) -> list[bytes]:
    """Give the texts that an array of texts holds."""
    reader = _Reader(entry.value)
    kind, count = reader.number("<I"), reader.number("<Q")
    assert kind == TEXT
    return [reader.text() for _ in range(count)]


def parse(content: bytes) -> GgufParts:
    """Take a sound file apart."""
    reader = _Reader(content, place=8)
    n_tensors, n_entries = reader.number("<Q"), reader.number("<Q")
    entries = [reader.entry() for _ in range(n_entries)]
    tensors = [reader.tensor() for _ in range(n_tensors)]
    begin = -(-reader.place // _ALIGNMENT) * _ALIGNMENT
    parts = GgufParts(entries, tensors, bytearray(content[begin:]))
    assert parts.content() == content
    return parts


class _Reader:
    """A place in a file that is known to be sound."""

    def __init__(self, content: bytes, place: int = 0) -> None:
        self._content = content
        self.place = place

    def take(self, count: int) -> bytes:
        taken = self._content[self.place : self.place + count]
        self.place += count
        return taken

    def number(self, layout: str) -> int:
        return int(struct.unpack(layout, self.take(struct.calcsize(layout)))[0])

    def text(self) -> bytes:
        return self.take(self.number("<Q"))

    def entry(self) -> Entry:
        key, kind = self.text(), self.number("<I")
        begin = self.place
        self._skip_value(kind)
        return Entry(key, kind, self._content[begin : self.place])

    def tensor(self) -> TensorInfo:
        name = self.text()
        dimensions = [self.number("<Q") for _ in range(self.number("<I"))]
        return TensorInfo(name, dimensions, self.number("<I"), self.number("<Q"))

    def _skip_value(self, kind: int) -> None:
        if kind == TEXT:
            self.text()
        elif kind == ARRAY:
            of, count = self.number("<I"), self.number("<Q")
            for _ in range(count):
                self._skip_value(of)
        else:
            self.take(WIDTHS[kind])

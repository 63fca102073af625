"""The metadata of a GGUF file: short values are kept, of long ones only how long they are."""

from __future__ import annotations

import struct
from typing import Final

from app.gguf.header_bytes import HeaderBytes
from app.gguf.header_error import ModelHeaderError
from app.gguf.model_header import ArraySummary, MetadataValue

MAXIMUM_ENTRIES: Final = 65_536
LONGEST_TEXT_BYTES: Final = 64 * 1024
"""Twice the longest chat template that is known."""
_ALL_TEXTS_BYTES: Final = 4 * 1024 * 1024
_LONGEST_ARRAY: Final = 1024
"""Arrays of numbers up to this length are kept: one number a layer is worth knowing, one a token is not."""
_LONGEST_LIST: Final = 256
"""Of texts: languages and tags are kept, tokens are not."""
_ALL_ITEMS: Final = 65_536
_TEXT: Final = 8
_ARRAY: Final = 9
_ARRAY_HEAD: Final = struct.Struct("<IQ")
_LETTERS: Final = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_NUMBERS: Final = {kind: struct.Struct(f"<{letter}") for kind, letter in _LETTERS.items()}


def read_entries(source: HeaderBytes, count: int) -> dict[str, MetadataValue]:
    """Read `count` entries. Raises `ModelHeaderError` for what no file should say."""
    if count > MAXIMUM_ENTRIES:
        raise source.refusal("{name} claims to hold {count} entries of metadata.", count=count)
    value = _EntryReader(source).value
    named = source.named
    entries: dict[str, MetadataValue] = {}
    for _ in range(count):
        key, kind = named()
        if not key:
            raise source.refusal("{name} holds a value without a name.")
        if key in entries:
            raise source.refusal("{name} says two things under “{key}”.", key=key[:64])
        entries[key] = value(kind)
    return entries


class _EntryReader:
    """Reads values, and keeps no more of all of them together than a sound file has."""

    __slots__ = ("_bytes_left", "_items_left", "_source")

    def __init__(self, source: HeaderBytes) -> None:
        self._source = source
        self._bytes_left = _ALL_TEXTS_BYTES
        self._items_left = _ALL_ITEMS

    def value(self, kind: int) -> MetadataValue:
        if kind == _TEXT:
            return self._text()
        if kind in _NUMBERS:
            return self._source.number(_NUMBERS[kind])
        if kind == _ARRAY:
            return self._array(*self._source.numbers(_ARRAY_HEAD))
        raise self._unknown(kind)

    def _text(self) -> str | ArraySummary:
        source = self._source
        length = source.count()
        if length <= LONGEST_TEXT_BYTES and length <= self._bytes_left:
            self._bytes_left -= length
            return source.text(length)
        if source.claims_too_much(length):
            raise source.refusal("{name} claims to hold a text of {count} bytes.", count=length)
        source.skip(length)
        return ArraySummary(length)

    def _array(self, kind: int, count: int) -> MetadataValue:
        if kind == _TEXT:
            return self._texts(count)
        if kind not in _NUMBERS:
            raise self._unknown(kind)
        size_bytes = count * _NUMBERS[kind].size
        if self._source.claims_too_much(size_bytes):
            raise self._source.refusal("{name} claims to hold an array of {count} numbers.", count=count)
        if count > min(_LONGEST_ARRAY, self._items_left):
            self._source.skip(size_bytes)
            return ArraySummary(count)
        self._items_left -= count
        return self._source.numbers(struct.Struct(f"<{count}{_LETTERS[kind]}"))

    def _texts(self, count: int) -> MetadataValue:
        if count > min(_LONGEST_LIST, self._items_left):
            self._source.skip_texts(count)
            return ArraySummary(count)
        self._items_left -= count
        texts = [self._text() for _ in range(count)]
        kept = tuple(text for text in texts if isinstance(text, str))
        return kept if len(kept) == count else ArraySummary(count)

    def _unknown(self, kind: int) -> ModelHeaderError:
        return self._source.refusal("{name} holds a value of the unknown kind {kind}.", kind=kind)

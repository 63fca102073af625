"""Writes GGUF files byte by byte, sound ones and damaged ones: for tests only."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

ALIGNMENT = 32
_LAYOUTS = {"u8": (0, "B"), "i8": (1, "b"), "u16": (2, "H"), "i16": (3, "h"), "u32": (4, "I"), "i32": (5, "i"),
            "f32": (6, "f"), "bool": (7, "?"), "u64": (10, "Q"), "i64": (11, "q"), "f64": (12, "d")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Number:
    """A number in one of GGUF's layouts, such as `Number("u16", 3)`."""

    layout: str
    value: float


@dataclass(frozen=True, slots=True)
class Numbers:
    """An array of numbers in one layout."""

    layout: str
    values: Sequence[float]


Entry: TypeAlias = str | int | float | bool | Number | Numbers | Sequence[str]
CHAT_MODEL: Mapping[str, Entry] = {
    "general.architecture": "llama",
    "general.name": "Meadow 1B",
    "general.size_label": "1B",
    "general.license": "apache-2.0",
    "general.file_type": 15,
    "llama.context_length": 4096,
    "llama.block_count": 2,
    "llama.embedding_length": 64,
    "tokenizer.ggml.tokens": ["<s>", "</s>", "hay"],
    "tokenizer.chat_template": "{{ messages }}",
}


def build_gguf(
    entries: Mapping[str, Entry] = CHAT_MODEL,
    *,
    tensors: Sequence[tuple[str, Sequence[int]]] = (("token_embd.weight", (64, 3)),),
    version: int = 3,
) -> bytes:
    """Give a whole file: its header, its table of tensors (of F32), and zeros for their data."""
    header = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(entries))
    header += b"".join(encode_text(key) + _encode(value) for key, value in entries.items())
    offset = 0
    for name, dimensions in tensors:
        header += encode_text(name) + struct.pack(f"<I{len(dimensions)}Q", len(dimensions), *dimensions)
        header += struct.pack("<IQ", 0, offset)
        offset += _padded(_size_bytes(dimensions))
    return header.ljust(_padded(len(header)), b"\0") + bytes(offset)


def encode_text(text: str) -> bytes:
    """Give a string as GGUF writes it: its length, then its bytes."""
    encoded = text.encode()
    return struct.pack("<Q", len(encoded)) + encoded


def _encode(value: Entry) -> bytes:
    match value:
        case str():
            return struct.pack("<I", 8) + encode_text(value)
        case Number():
            kind, letter = _LAYOUTS[value.layout]
            return struct.pack(f"<I{letter}", kind, value.value)
        case Numbers():
            kind, letter = _LAYOUTS[value.layout]
            return struct.pack(f"<IIQ{len(value.values)}{letter}", 9, kind, len(value.values), *value.values)
        case bool() | int() | float():
            return _encode(Number(_PLAIN[type(value)], value))
        case _:
            return struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(encode_text, value))


_PLAIN = {bool: "bool", int: "u32", float: "f32"}


def _size_bytes(dimensions: Sequence[int]) -> int:
    count = 1
    for dimension in dimensions:
        count *= dimension
    return 4 * count


def _padded(size_bytes: int) -> int:
    return -(-size_bytes // ALIGNMENT) * ALIGNMENT

"""What crosses the pipe to a process that writes a model anew with weights of another kind."""

from __future__ import annotations

from typing import Final

import msgspec


class QuantizeOrder(msgspec.Struct, frozen=True, tag="quantize"):
    """Say how large `source` would be as each of `file_types`; then, for each `Write`, write it. In place of a load.

    File types are llama.cpp's numbers (`general.file_type`). Nothing but `destination`, which is there already, may be
    written. Paths are bytes: a file's name need not be text.
    """

    source: bytes
    file_types: tuple[int, ...]
    destination: bytes | None = None
    threads: int = 1


class Foreseen(msgspec.Struct, frozen=True, tag="foreseen"):
    """How many bytes each of them would have."""

    sizes_bytes: tuple[int, ...]


class Write(msgspec.Struct, frozen=True, tag="write"):
    """Write the destination as this file type."""

    file_type: int


class Writing(msgspec.Struct, frozen=True, tag="writing"):
    """How much of the source has been gone through, 0 to 1."""

    fraction: float


class Written(msgspec.Struct, frozen=True, tag="written"):
    """The destination is whole."""


foreseen: Final = msgspec.msgpack.Decoder[Foreseen](Foreseen)
writings: Final = msgspec.msgpack.Decoder[Writing | Written](Writing | Written)
orders: Final = msgspec.msgpack.Decoder[Write](Write)
_encoder: Final = msgspec.msgpack.Encoder()


def encode(message: QuantizeOrder | Foreseen | Write | Writing | Written) -> bytes:
    """Give the bytes of `message`."""
    return _encoder.encode(message)

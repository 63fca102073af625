"""How the state of a conversation lies in a file, and whether what lies there is what was written.

A prefix (magic, version of the layout, length of the header), the header as JSON, the tokens as 32-bit integers, the
data, the data of each checkpoint, and the CRC-32 of all that. Everything is little endian.

JSON, because none of its lengths can claim more than there is. CRC-32, because the checksum is against accidents only:
it finds every single wrong byte and all but one in four billion other damages. Measured here on 100 MB: CRC-32 24 ms,
SHA-256 56 ms (with the processor's own instructions, which many laptops do not have), BLAKE2b 120 ms.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from io import BufferedReader, BufferedWriter
from typing import Annotated, Final, TypeAlias

import msgspec

from app.engine.llama.memory.sequence_states import Bytes, Checkpoint, SequenceState
from app.engine.llama.memory.state_key import StateKey

IsWanted: TypeAlias = Callable[[], bool]
_Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**62)]

_MAGIC: Final = b"PADSTATE"
_VERSION: Final = 1
_PREFIX: Final = struct.Struct("<8sHI")
_CHECKSUM: Final = struct.Struct("<I")
_TOKEN_BYTES: Final = 4
_PIECE_BYTES: Final = 4 * 1024 * 1024
"""How much is read or written between two looks at whether it is still wanted: some milliseconds."""


class DamagedStateError(Exception):
    """The file holds something else than what was written. Never shown: the conversation is read anew."""


class UnwantedError(Exception):
    """Nobody wants it any more; what was written of it is worth nothing."""


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    conversation: str
    key: StateKey
    tokens: _Count
    data: _Count
    checkpoints: tuple[tuple[_Count, _Count], ...]
    """Of each the number of tokens it was taken after, and the length of its data."""


_headers: Final = msgspec.json.Decoder(_Header)


class StateRecord:
    """One state, ready to be written. It does not copy the state's bytes."""

    def __init__(self, conversation: str, key: StateKey, state: SequenceState) -> None:
        """Belong to `conversation` and `key`."""
        checkpoints = tuple((checkpoint.n_tokens, len(checkpoint.data)) for checkpoint in state.checkpoints)
        header = msgspec.json.encode(_Header(conversation, key, len(state.tokens), len(state.data), checkpoints))
        self._parts: Sequence[Bytes] = (
            _PREFIX.pack(_MAGIC, _VERSION, len(header)),
            header,
            struct.pack(f"<{len(state.tokens)}i", *state.tokens),
            state.data,
            *(checkpoint.data for checkpoint in state.checkpoints),
        )
        self.size_bytes = sum(len(part) for part in self._parts) + _CHECKSUM.size

    def write(self, file: BufferedWriter, is_wanted: IsWanted) -> None:
        """Write all of it. Raises `UnwantedError` soon after `is_wanted` says no, or `OSError`."""
        checksum = 0
        for part in self._parts:
            for piece in _pieces(part, is_wanted):
                checksum = zlib.crc32(piece, checksum)
                file.write(piece)
        file.write(_CHECKSUM.pack(checksum))


def read_tokens(file: BufferedReader, conversation: str, key: StateKey) -> tuple[int, ...]:
    """Give the tokens of the state in `file`, without a look at the rest. Raises as `read_state` does."""
    header, _ = _read_header(file, conversation, key)
    return _unpack_tokens(file.read(header.tokens * _TOKEN_BYTES), header.tokens)


def read_state(file: BufferedReader, conversation: str, key: StateKey, is_wanted: IsWanted) -> SequenceState:
    """Give the state in `file`, once all of it has been read and found to be what was written.

    Raises `DamagedStateError`, also when it belongs to another conversation or key; `UnwantedError` soon after
    `is_wanted` says no; `OSError`; or `MemoryError`.
    """
    header, checksum = _read_header(file, conversation, key)
    sections = [bytearray(length) for length in _section_bytes(header)]  # apart: each lives as long as it is used
    for section in sections:
        for piece in _pieces(section, is_wanted):
            if file.readinto(piece) < len(piece):
                raise DamagedStateError("It has grown shorter.")
            checksum = zlib.crc32(piece, checksum)
    if file.read(_CHECKSUM.size) != _CHECKSUM.pack(checksum):
        raise DamagedStateError("The checksum is another.")
    return _state(header, sections)


def _read_header(file: BufferedReader, conversation: str, key: StateKey) -> tuple[_Header, int]:
    """Read up to the tokens; give the checksum so far too. The lengths in it add up to the size of the file."""
    size = os.fstat(file.fileno()).st_size
    prefix = file.read(_PREFIX.size)
    if len(prefix) < _PREFIX.size:
        raise DamagedStateError("It is too short.")
    magic, version, header_bytes = _PREFIX.unpack(prefix)
    if (magic, version) != (_MAGIC, _VERSION):
        raise DamagedStateError("It is no state, or of another version.")
    if _PREFIX.size + header_bytes > size:
        raise DamagedStateError("The header is longer than the file.")
    encoded = file.read(header_bytes)
    header = _decode_header(encoded)
    if _PREFIX.size + header_bytes + sum(_section_bytes(header)) + _CHECKSUM.size != size:
        raise DamagedStateError("The lengths do not add up to the size of the file.")
    if (header.conversation, header.key) != (conversation, key):
        raise DamagedStateError("It belongs to another conversation or another model.")
    return header, zlib.crc32(encoded, zlib.crc32(prefix))


def _decode_header(encoded: bytes) -> _Header:
    try:
        return _headers.decode(encoded)
    except ValueError as error:  # msgspec's own errors are of this kind, and so is text that is no UTF-8
        raise DamagedStateError(str(error)) from error


def _section_bytes(header: _Header) -> tuple[int, ...]:
    return (header.tokens * _TOKEN_BYTES, header.data, *(length for _, length in header.checkpoints))


def _state(header: _Header, sections: Sequence[bytearray]) -> SequenceState:
    tokens, data, *rest = sections
    after = [n_tokens for n_tokens, _ in header.checkpoints]
    if any(n_tokens > header.tokens for n_tokens in after):
        raise DamagedStateError("A checkpoint lies behind the end.")
    checkpoints = tuple(Checkpoint(n_tokens, section) for n_tokens, section in zip(after, rest, strict=True))
    return SequenceState(_unpack_tokens(tokens, header.tokens), data, checkpoints)


def _unpack_tokens(packed: Bytes, count: int) -> tuple[int, ...]:
    if len(packed) < count * _TOKEN_BYTES:
        raise DamagedStateError("It has grown shorter.")
    return struct.unpack(f"<{count}i", packed)


def _pieces(whole: Bytes, is_wanted: IsWanted) -> Iterator[memoryview]:
    view = memoryview(whole)
    for begin in range(0, len(view), _PIECE_BYTES):
        if not is_wanted():
            raise UnwantedError
        yield view[begin : begin + _PIECE_BYTES]

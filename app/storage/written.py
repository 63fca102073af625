"""What was just generated, as it goes to the journal and comes back from it."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from app.conversation import TokenChoice

_LENGTH: Final = struct.Struct("<I")
_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(tuple[TokenChoice, ...])


@dataclass(frozen=True, slots=True)
class Written:
    """Some text with the tokens it came from, and, where they were asked for, what else could have come."""

    text: str
    tokens: tuple[int, ...] = ()
    choices: tuple[TokenChoice, ...] = ()
    is_reasoning: bool = False


def joined(pieces: Sequence[Written]) -> list[Written]:
    """Join neighbours of one kind."""
    runs: list[list[Written]] = []
    for piece in pieces:
        if runs and runs[-1][0].is_reasoning == piece.is_reasoning:
            runs[-1].append(piece)
        else:
            runs.append([piece])
    return [_join(run) for run in runs]


def pack_choices(choices: Sequence[TokenChoice]) -> bytes:
    """Give the bytes of `choices`. What was packed apart can be put together by putting the bytes together."""
    if not choices:
        return b""
    packed = _encoder.encode(choices)
    return _LENGTH.pack(len(packed)) + packed


def unpack_choices(stored: bytes) -> tuple[TokenChoice, ...]:
    """Read what `pack_choices` wrote."""
    return tuple(choice for run in _runs(stored) for choice in _decoder.decode(run))


def _runs(stored: bytes) -> Iterable[bytes]:
    place = 0
    while place < len(stored):
        (length,) = _LENGTH.unpack_from(stored, place)
        place += _LENGTH.size
        yield stored[place : place + length]
        place += length


def _join(run: Sequence[Written]) -> Written:
    return Written(
        "".join(piece.text for piece in run),
        tuple(token for piece in run for token in piece.tokens),
        tuple(choice for piece in run for choice in piece.choices),
        is_reasoning=run[0].is_reasoning,
    )

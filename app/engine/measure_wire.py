"""What crosses the pipe to a process that measures what a model is worth here."""

from __future__ import annotations

from typing import Final

import msgspec

from app.engine import wire


class MeasureOrder(msgspec.Struct, frozen=True, tag="measure"):
    """Load this, and say how likely `text` is; then, for each `OnceMore`, how long reading and writing take.

    Comes first, in place of a load. Written are `written_tokens` tokens behind the text.
    """

    load: wire.Load
    text: str
    written_tokens: int


class Weighed(msgspec.Struct, frozen=True, tag="weighed"):
    """How likely the text's tokens are, each after all before it: the mean of the logarithms."""

    tokens: int
    log_likelihood: float


class OnceMore(msgspec.Struct, frozen=True, tag="once_more"):
    """Measure again."""


class Timed(msgspec.Struct, frozen=True, tag="timed"):
    """How fast the text was read, and how fast tokens were written behind it, in tokens a second."""

    read_per_s: float
    written_per_s: float


weighings: Final = msgspec.msgpack.Decoder[Weighed](Weighed)
timings: Final = msgspec.msgpack.Decoder[Timed](Timed)
_encoder: Final = msgspec.msgpack.Encoder()


def encode(message: MeasureOrder | Weighed | OnceMore | Timed) -> bytes:
    """Give the bytes of `message`."""
    return _encoder.encode(message)

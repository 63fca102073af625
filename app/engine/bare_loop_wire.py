"""What crosses the pipe to a process that does nothing but decode."""

from __future__ import annotations

from typing import Final

import msgspec

from app.engine import wire
from app.engine.requests import GenerationRequest


class BareLoopOrder(msgspec.Struct, frozen=True, tag="bare_loop"):
    """Load this, and then, for each `Again`, write the reply to that. Comes first, in place of a load."""

    load: wire.Load
    request: GenerationRequest
    tokens: int


class Again(msgspec.Struct, frozen=True, tag="again"):
    """Write it once more."""


class Looped(msgspec.Struct, frozen=True, tag="looped"):
    """So many tokens in so many seconds, the first one not counted; none of both when the load has ended well."""

    tokens: int = 0
    seconds: float = 0.0


answers: Final = msgspec.msgpack.Decoder[Looped](Looped)
_encoder: Final = msgspec.msgpack.Encoder()


def encode(message: BareLoopOrder | Again | Looped) -> bytes:
    """Give the bytes of `message`."""
    return _encoder.encode(message)

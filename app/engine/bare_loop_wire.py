"""What crosses the pipe to a process that does nothing but decode."""

from __future__ import annotations

from typing import TypeAlias

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


Report: TypeAlias = Looped | wire.Failed
_encoder = msgspec.msgpack.Encoder()
_reports = msgspec.msgpack.Decoder[Looped](Looped)


def encode(message: BareLoopOrder | Again | Looped) -> bytes:
    """Give the bytes of `message`."""
    return _encoder.encode(message)


def decode_report(frame: bytes) -> Report:
    """Read what the process reports. Raises `WireError`."""
    try:
        return _reports.decode(frame)
    except msgspec.MsgspecError as error:
        failed = wire.decode_report(frame)  # checks the sentences of a failure
        if not isinstance(failed, wire.Failed):
            raise wire.WireError(str(error)) from error
        return failed

"""What crosses the pipe to a process that only looks what this machine has for an engine."""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec

from app.confined.confinement import SandboxReport
from app.engine import wire
from app.engine.bare_loop_wire import BareLoopOrder
from app.engine.measure_wire import MeasureOrder
from app.engine.quantize_wire import QuantizeOrder
from app.hardware import Device


class Probe(msgspec.Struct, frozen=True, tag="probe"):
    """Look, report, and end. Comes first, in place of a load."""


class Probed(msgspec.Struct, frozen=True, tag="probed"):
    """What there is."""

    devices: tuple[Device, ...]
    engine_build: str
    sandbox: SandboxReport


FirstOrder: TypeAlias = wire.Order | Probe | BareLoopOrder | MeasureOrder | QuantizeOrder
_first_orders: Final = msgspec.msgpack.Decoder[FirstOrder](FirstOrder)
answers: Final = msgspec.msgpack.Decoder[Probed](Probed)
_encoder: Final = msgspec.msgpack.Encoder()


def encode(message: Probe | Probed) -> bytes:
    """Give the bytes of `message`."""
    return _encoder.encode(message)


def decode_first_order(frame: bytes) -> FirstOrder:
    """Read what the application sent first. Raises `WireError`."""
    try:
        return _first_orders.decode(frame)
    except msgspec.MsgspecError as error:
        raise wire.WireError(str(error)) from error

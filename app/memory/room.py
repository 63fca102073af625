"""How much of what is free a model may take: the rest stays for other programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from app.hardware import Device, DeviceKind, Memory

_GIB: Final = 2**30
_GRAPHICS_MARGIN_BYTES: Final = _GIB
_MAIN_MARGIN_BYTES: Final = 3 * _GIB // 2
_MARGIN_PART: Final = 10
"""A tenth of a graphics processor's memory stays free at least, and of main memory at most."""
_WORTHWHILE_PART: Final = 8
"""With less than one layer in eight on the graphics processor, moving data there and back costs what it gains."""


@dataclass(frozen=True, slots=True)
class Room:
    """How many bytes may be used: of main memory, and of each graphics processor by the engine's name for it.

    What is on a `shared` one counts as main memory too.
    """

    main_bytes: int
    graphics: Mapping[str, int] = field(default_factory=dict[str, int])
    shared: frozenset[str] = frozenset()


def room_for(memory: Memory, devices: Sequence[Device], other_bytes: int = 0) -> Room:
    """Say what may be used of what is free: margins stay for other programs, `other_bytes` for what is loaded too."""
    graphics = [device for device in devices if device.kind is not DeviceKind.CPU]
    return Room(
        main_bytes=max(0, memory.available_bytes - main_margin(memory) - other_bytes),
        graphics={device.engine_name: max(0, device.free_bytes - _graphics_margin(device)) for device in graphics},
        shared=frozenset(device.engine_name for device in graphics if device.kind is DeviceKind.INTEGRATED_GPU),
    )


def main_margin(memory: Memory) -> int:
    """Say how much of main memory stays free for other programs."""
    return min(_MAIN_MARGIN_BYTES, memory.total_bytes // _MARGIN_PART)


def fewest_layers(layers: int) -> int:
    """Say how few of so many layers on a graphics processor are still of use."""
    return max(1, layers // _WORTHWHILE_PART)


def _graphics_margin(device: Device) -> int:
    return max(_GRAPHICS_MARGIN_BYTES, device.total_bytes // _MARGIN_PART)

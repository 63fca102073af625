"""Which graphics processors there are, and why one is not used, in sentences for the window and for commands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from app.engine.builds import EngineBuild
from app.engine.engine import EngineError
from app.engine.probe import EngineProbe
from app.hardware import Device, DeviceKind, Memory
from app.memory.room import room_for
from app.translation import told, tr
from app.workshop.machine_look import MachineLook

Found: TypeAlias = EngineProbe | EngineError
"""What an engine process found when it looked, or what brought it down."""
_ALONE: Final = "CPU"


@dataclass(frozen=True, slots=True)
class GraphicsLook:
    """What was found, with which build, and which builds there are; "" is the build that came with Paddock."""

    found: Found
    build: str
    builds: tuple[EngineBuild, ...]


@dataclass(frozen=True, slots=True)
class GraphicsUse:
    """What decides whether a graphics processor is used: the layers that are set, and where the loaded model is."""

    gpu_layers: int | None
    device: str | None = None
    """As the engine tells it; None while no model is loaded."""


def look_at_machine(machine: MachineLook) -> Found:
    """Have an engine process look what there is; or give what brought it down."""
    try:
        return machine.probe()
    except EngineError as error:
        return error


def graphics_words(look: GraphicsLook, use: GraphicsUse, size: Callable[[int], str]) -> str:
    """Say which graphics processors there are, a line each, and why one is not used.

    `size` says a number of bytes as whoever asks says it.
    """
    if isinstance(look.found, EngineError):
        return told(look.found)
    graphics = [device for device in look.found.devices if device.kind is not DeviceKind.CPU]
    if not graphics:
        return _none(look)
    return "\n".join(f"{_about(device, size)} {_used(device, use)}" for device in graphics)


def _none(look: GraphicsLook) -> str:
    sentence = tr("No graphics processor that this build of llama.cpp can use was found.")
    names = [build.name for build in look.builds if build.name != look.build]
    if not names:
        return f"{sentence} {tr('It is the only build here.')}" if not look.build else sentence
    other = tr("Another build may find one. Choose it in the settings, under Engine: {names}.", names=", ".join(names))
    return f"{sentence} {other}"


def _about(device: Device, size: Callable[[int], str]) -> str:
    kind = tr("shares the laptop's memory") if device.kind is DeviceKind.INTEGRATED_GPU else tr("has its own memory")
    return tr(
        "{name} {kind}: {free} of {total} are free.",
        name=device.name,
        kind=kind,
        free=size(device.free_bytes),
        total=size(device.total_bytes),
    )


def _used(device: Device, use: GraphicsUse) -> str:
    """Say whether it is used, and why not."""
    if use.device is not None and use.device != _ALONE:
        return tr("The model in memory is on: {device}.", device=use.device)
    if use.gpu_layers == 0:
        return tr("Not used: GPU layers are set to 0 in the settings, under Engine.")
    if not _room(device):
        return tr("Not used: too little of its memory is free.")
    if use.device is not None:
        return tr("The model in memory does not use it: too little of the model would fit there.")
    return tr("It will be used by the next model that is loaded.")


def _room(device: Device) -> int:
    return sum(room_for(Memory(0, 0), (device,)).graphics.values())

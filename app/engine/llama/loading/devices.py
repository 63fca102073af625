"""The devices that llama.cpp finds: the processor, and what its builds for graphics processors bring."""

from __future__ import annotations

import ctypes
import platform
import re
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Final

from app.engine.llama.library import ggml_function
from app.hardware import Device, DeviceKind, memory

_KINDS: Final = {0: DeviceKind.CPU, 1: DeviceKind.GPU, 2: DeviceKind.INTEGRATED_GPU}
"""ggml's own numbers; 3 is an accelerator that holds no layers, 4 several devices in one."""
_METAL: Final = "MTL"
_ALWAYS_WHOLE: Final = "Metal"
_FAMILY: Final = re.compile(r"^(?P<family>.*?)\d*$")


def list_devices() -> tuple[Device, ...]:
    """Look what there is now, and how much of its memory is free. The library must have been started."""
    device_at = ggml_function("ggml_backend_dev_get", ctypes.c_void_p, ctypes.c_size_t)
    count = ggml_function("ggml_backend_dev_count", ctypes.c_size_t)()
    found = (_describe(device_at(i)) for i in range(count))
    return tuple(device for device in found if device is not None)


def graphics_processors() -> tuple[Device, ...]:
    """Those among the devices that can take layers off the processor."""
    return tuple(device for device in list_devices() if device.kind is not DeviceKind.CPU)


def family(engine_name: str) -> str:
    """Name what drives a device, as people know it: `CUDA0` is CUDA, `MTL0` is Metal."""
    match = _FAMILY.match(engine_name)
    name = match["family"] if match else engine_name
    return _ALWAYS_WHOLE if name == _METAL else name


def badge(layer_devices: Sequence[str], graphics: Collection[str]) -> str:
    """Say in a word where a model's layers are: "CPU", "Metal", "CUDA 33/33"; the output counts as a layer."""
    families = Counter(family(device) for device in layer_devices if device in graphics)
    if families == {_ALWAYS_WHOLE: len(layer_devices)}:
        return _ALWAYS_WHOLE
    return ", ".join(f"{name} {count}/{len(layer_devices)}" for name, count in families.items()) or "CPU"


def device_kind(ggml_kind: int, engine_name: str, machine: str) -> DeviceKind | None:
    """Say what a device is. Apple's chips share their memory with the processor, whatever ggml calls them."""
    if engine_name.startswith(_METAL) and machine == "arm64":
        return DeviceKind.INTEGRATED_GPU
    return _KINDS.get(ggml_kind)


def _describe(device: int) -> Device | None:
    name = _text("ggml_backend_dev_name", device)
    kind = device_kind(
        ggml_function("ggml_backend_dev_type", ctypes.c_int, ctypes.c_void_p)(device), name, platform.machine()
    )
    if kind is None:
        return None
    about = _text("ggml_backend_dev_description", device)
    if kind is DeviceKind.CPU:
        main = memory()  # knows of a container's limit, which ggml does not
        return Device(about, kind, main.total_bytes, main.available_bytes, name)
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    read_memory = ggml_function("ggml_backend_dev_memory", None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
    read_memory(device, ctypes.byref(free), ctypes.byref(total))
    return Device(about, kind, total.value, free.value, name)


def _text(function: str, device: int) -> str:
    return ggml_function(function, ctypes.c_char_p, ctypes.c_void_p)(device).decode("utf-8", errors="replace")

"""What computes on this machine, as llama.cpp finds it."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import pytest

from app.engine.llama.library import start_library
from app.engine.llama.loading import devices
from app.engine.llama.loading.devices import device_kind, family, graphics_processors, list_devices
from app.hardware import DeviceKind, memory

GIB = 2**30


def test_the_processor_is_always_there() -> None:
    """It comes with the laptop's memory, not with what ggml thinks of it."""
    start_library()
    (processor,) = (device for device in list_devices() if device.kind is DeviceKind.CPU)
    assert processor.engine_name == "CPU"
    assert processor.total_bytes == memory().total_bytes


def test_graphics_processors_are_told_with_their_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """One discrete, one integrated; an accelerator without layers is left out, and so is the processor."""
    found = [
        ("CUDA0", "NVIDIA GeForce RTX 4060", 1, 7 * GIB, 8 * GIB),
        ("Vulkan1", "Intel Iris Xe", 2, 3 * GIB, 12 * GIB),
        ("BLAS", "OpenBLAS", 3, 0, 0),
        ("CPU", "Llama Core 9", 0, 1, 2),
    ]
    monkeypatch.setattr(devices, "ggml_function", _pretend(found))
    first, second = graphics_processors()
    assert (first.engine_name, first.name, first.kind) == ("CUDA0", "NVIDIA GeForce RTX 4060", DeviceKind.GPU)
    assert (first.free_bytes, first.total_bytes) == (7 * GIB, 8 * GIB)
    assert (second.engine_name, second.kind) == ("Vulkan1", DeviceKind.INTEGRATED_GPU)


@pytest.mark.parametrize(
    ("kind", "name", "machine", "expected"),
    [
        (1, "MTL0", "arm64", DeviceKind.INTEGRATED_GPU),
        (1, "MTL0", "x86_64", DeviceKind.GPU),
        (1, "CUDA0", "arm64", DeviceKind.GPU),
        (3, "BLAS", "arm64", None),
    ],
)
def test_apples_chips_share_their_memory(kind: int, name: str, machine: str, expected: DeviceKind | None) -> None:
    """Metal says that it is a device of its own; on an Apple chip its memory is the laptop's."""
    assert device_kind(kind, name, machine) is expected


@pytest.mark.parametrize(
    ("engine_name", "expected"), [("CUDA0", "CUDA"), ("Vulkan12", "Vulkan"), ("MTL0", "Metal"), ("CPU", "CPU")]
)
def test_a_device_is_called_by_what_drives_it(engine_name: str, expected: str) -> None:
    """As it stands on the badge."""
    assert family(engine_name) == expected


def _pretend(found: list[tuple[str, str, int, int, int]]) -> Callable[..., Callable[..., object]]:
    """Answer as ggml would on a machine that has these."""

    def read_memory(device: int, free: Any, total: Any) -> None:  # noqa: ANN401 - ctypes does not say what byref gives
        ctypes.cast(free, ctypes.POINTER(ctypes.c_size_t))[0] = found[device][3]
        ctypes.cast(total, ctypes.POINTER(ctypes.c_size_t))[0] = found[device][4]

    answers: dict[str, Callable[[int], object]] = {
        "ggml_backend_dev_get": lambda index: index,
        "ggml_backend_dev_name": lambda device: found[device][0].encode(),
        "ggml_backend_dev_description": lambda device: found[device][1].encode(),
        "ggml_backend_dev_type": lambda device: found[device][2],
    }
    functions: dict[str, Callable[..., object]] = {
        **answers,
        "ggml_backend_dev_count": lambda: len(found),
        "ggml_backend_dev_memory": read_memory,
    }

    def function(name: str, *_: object) -> Callable[..., object]:
        return functions[name]

    return function

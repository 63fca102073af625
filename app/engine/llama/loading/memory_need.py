"""How much memory a loaded model takes, device by device: read from what llama.cpp says while it plans or loads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from app.engine.llama.loading.weights import WeightTable
from app.gguf.model_header import ModelHeader

MAIN_MEMORY: Final = "CPU"
_MIB: Final = 2**20
_LAYER: Final = re.compile(r"^load_tensors: layer +(\d+) assigned to device (\S+),")
_CACHED_LAYER: Final = re.compile(r"^llama_\w+[:,] layer +\d+: dev = (\S+)")
_CACHE: Final = re.compile(r"^llama_\w+: size = +([\d.]+) MiB")
_BUFFER: Final = re.compile(r"^\w+: +(\S+) +(?:compute|output) buffer size = +([\d.]+) MiB")
_SUFFIX: Final = re.compile(r"(_Private|_Mapped|\[.*\])$")
"""Kinds of a device's memory: `MTL0_Private`. What a driver keeps in main memory, `CUDA_Host`, is no device's."""
_CELLS: Final = 256
_UNSEEN_BYTES: Final = 64 * _MIB


@dataclass(frozen=True, slots=True)
class MemoryNeed:
    """What one device has to hold."""

    weights_bytes: int = 0
    kv_bytes: int = 0
    compute_bytes: int = 0

    @property
    def total_bytes(self) -> int:
        """All of it."""
        return self.weights_bytes + self.kv_bytes + self.compute_bytes

    def __add__(self, other: MemoryNeed) -> MemoryNeed:
        """Both on one device."""
        return MemoryNeed(
            self.weights_bytes + other.weights_bytes,
            self.kv_bytes + other.kv_bytes,
            self.compute_bytes + other.compute_bytes,
        )


Needs: TypeAlias = Mapping[str, MemoryNeed]
"""By the engine's name of the device; what is on no graphics processor is in main memory."""


@dataclass(slots=True)
class Layout:
    """Where llama.cpp put what. `layers` are the devices of the layers in order; the last is the output's."""

    layers: list[str] = field(default_factory=list[str])
    kv_bytes: dict[str, float] = field(default_factory=dict[str, float])
    compute_bytes: dict[str, float] = field(default_factory=dict[str, float])


def read_layout(log: str) -> Layout:
    """Read what llama.cpp said while it made a model and a context, with its debug lines.

    A model that is only planned (`no_alloc`) says the same of its layers, its KV cache and its compute buffers.
    """
    layout = Layout()
    cached: list[str] = []
    for line in log.splitlines():
        if match := _LAYER.match(line):
            layout.layers.append(match[2])
        elif match := _CACHED_LAYER.match(line):
            cached.append(match[1])
        elif match := _CACHE.match(line):
            _share(layout.kv_bytes, cached or [MAIN_MEMORY], float(match[1]) * _MIB)
            cached = []
        elif match := _BUFFER.match(line):
            _share(layout.compute_bytes, [match[1]], float(match[2]) * _MIB)
    return layout


def add_up(layout: Layout, weights: WeightTable, graphics: Iterable[str]) -> Needs:
    """Give what each device has to hold; what is on none of the `graphics` processors is in main memory."""
    needs: dict[str, MemoryNeed] = {MAIN_MEMORY: MemoryNeed(weights_bytes=weights.input_bytes)}
    known = set(graphics)

    def add(device: str, need: MemoryNeed) -> None:
        place = _SUFFIX.sub("", device)
        place = place if place in known else MAIN_MEMORY
        needs[place] = needs.get(place, MemoryNeed()) + need

    for layer, device in enumerate(layout.layers[:-1]):
        add(device, MemoryNeed(weights_bytes=weights.layers.get(layer, 0)))
    output = layout.layers[-1] if layout.layers else MAIN_MEMORY
    copied = weights.output_copy_bytes if output in known else 0
    add(output, MemoryNeed(weights_bytes=weights.output_bytes + copied))
    for device, size in layout.kv_bytes.items():
        add(device, MemoryNeed(kv_bytes=round(size)))
    for device, size in layout.compute_bytes.items():
        add(device, MemoryNeed(compute_bytes=round(size)))
    return needs


def upper_bound(header: ModelHeader, size_bytes: int, n_ctx: int, n_batch: int) -> int | None:
    """Say what a model surely does not need more than, from its header alone; None when that does not tell.

    It takes every layer to remember everything in 16 bits, and attention to keep all its scores.
    """

    def number(key: str) -> int:
        return header.of_architecture(key) or 0

    layers, heads, embedding = (number(key) for key in ("block_count", "attention.head_count", "embedding_length"))
    if not (layers and heads and embedding):
        return None
    key = number("attention.key_length") or -(-embedding // heads)
    value = number("attention.value_length") or -(-embedding // heads)
    cells = -(-n_ctx // _CELLS) * _CELLS
    kv = layers * (number("attention.head_count_kv") or heads) * (key + value) * 2 * cells
    wide = max(number("feed_forward_length"), 4 * embedding)
    compute = n_batch * (8 * (wide + embedding) + cells * (2 + 4 * heads))
    return size_bytes + kv + compute + _UNSEEN_BYTES


def _share(total: dict[str, float], devices: list[str], size: float) -> None:
    for device in devices:
        total[device] = total.get(device, 0.0) + size / len(devices)

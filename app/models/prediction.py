"""How much memory a model will take, by llama.cpp's own formulas.

Source: `llama_kv_cache`, `llama_memory_recurrent` and `ggml_gallocr` of llama.cpp; measured against it by
tests/benchmarks/fit.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.memory.kv_type import KvType
from app.models.geometry import Geometry
from app.models.geometry_layers import Layer

_MIB: Final = 2**20
_CELLS: Final = 256
_STATE_BYTES: Final = 4
_OVERHEAD_BYTES: Final = 90 * _MIB


@dataclass(frozen=True, slots=True)
class Predicted:
    """What a model will take, in bytes: its weights, the KV cache, the buffers in which it computes, the process.

    `copies_bytes` are weights that the processor lays out anew: what the file holds of them stays in memory beside
    them as long as nobody needs the room. `graphics_bytes` is how much of all is on graphics processors.
    """

    weights_bytes: int
    kv_bytes: int
    compute_bytes: int
    overhead_bytes: int
    copies_bytes: int = 0
    graphics_bytes: int = 0

    @property
    def total_bytes(self) -> int:
        """All that will be in memory where there is plenty of it."""
        return self.need_bytes + self.copies_bytes

    @property
    def need_bytes(self) -> int:
        """All that must be in memory."""
        return self.weights_bytes + self.kv_bytes + self.compute_bytes + self.overhead_bytes


def predict(
    geometry: Geometry, n_ctx: int, *, kv_type: KvType = KvType.F16, n_batch: int = 512, gpu_layers: int = 0
) -> Predicted:
    """Predict what a model takes with a context window of `n_ctx` tokens, read in slices of `n_batch`.

    `gpu_layers` counts the output as a layer, as the engine does.
    """
    kv = [_layer_bytes(layer, n_ctx, kv_type, n_batch) for layer in geometry.layers]
    compute = _compute_bytes(geometry, n_ctx, n_batch)
    return Predicted(
        weights_bytes=geometry.weights_bytes,
        kv_bytes=sum(kv),
        compute_bytes=compute,
        overhead_bytes=_OVERHEAD_BYTES,
        graphics_bytes=_graphics_bytes(geometry, kv, compute, gpu_layers),
    )


def _layer_bytes(layer: Layer, n_ctx: int, kv_type: KvType, n_batch: int) -> int:
    seen = min(n_ctx, layer.window + n_batch) if layer.window else n_ctx
    cells = -(-seen // _CELLS) * _CELLS
    token = kv_type.size_bytes(layer.key_length) + kv_type.size_bytes(layer.value_length)
    return cells * token + layer.state_length * _STATE_BYTES


def _compute_bytes(geometry: Geometry, n_ctx: int, n_batch: int) -> int:
    wide = 2 * geometry.feed_forward_length + 4 * geometry.embedding_length
    return round(1.3 * 4 * n_batch * wide) + 2 * n_ctx * n_batch + 4 * geometry.vocabulary_size + 4 * _MIB


def _graphics_bytes(geometry: Geometry, kv: list[int], compute: int, gpu_layers: int) -> int:
    """What the last `gpu_layers` layers take, and the buffers there; the output goes first."""
    if gpu_layers <= 0:
        return 0
    weights = geometry.weights
    count = min(gpu_layers - 1, len(kv))
    layers = sum(weights.layers[len(kv) - count :]) + sum(kv[len(kv) - count :])
    return weights.output_bytes + weights.output_copy_bytes + layers + compute

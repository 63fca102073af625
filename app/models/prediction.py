"""How much memory a model will take: llama.cpp's own formulas, and what its process takes beside them.

Sources: `llama_kv_cache`, `llama_kv_cache_iswa`, `llama_memory_recurrent` of llama.cpp; the compute buffer was fitted
to what llama.cpp plans for the models of the catalogue. tests/benchmarks/fit.py holds it all against real processes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from app.memory.kv_type import KvType
from app.memory.slices import rows_for
from app.models.geometry import Geometry
from app.models.geometry_layers import Layer
from app.models.rearranged import rearranged_types

_MIB: Final = 2**20
_CELLS: Final = 256
_NUMBER_BYTES: Final = 4
_MASK_BYTES: Final = 2
_PROCESS_BYTES: Final = 44 * _MIB
"""Python, llama.cpp and what they need to run. Measured: 43.7 MiB, of which 17.5 are pages of programs."""
_TOKEN_BYTES: Final = 150
_MERGE_BYTES: Final = 120
"""What llama.cpp holds of a vocabulary. Measured with six of them: 148 bytes a token, 113 to 190 a merge."""


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

    @property
    def resident_bytes(self) -> int:
        """What the engine process will hold of main memory where there is plenty of it."""
        return self.total_bytes - self.graphics_bytes


def predict(
    geometry: Geometry,
    n_ctx: int,
    *,
    kv_type: KvType = KvType.F16,
    n_batch: int = 512,
    gpu_layers: int = 0,
    features: Iterable[str] = (),
) -> Predicted:
    """Predict what a model takes with a context window of `n_ctx` tokens, read in slices of `n_batch`.

    `gpu_layers` counts the output as a layer, as the engine does. `features` are the processor's, as `app.hardware`
    names them: only they tell of copies.
    """
    kv = [_layer_bytes(layer, n_ctx, kv_type, n_batch) for layer in geometry.layers]
    compute = _compute_bytes(geometry, n_ctx, n_batch)
    types = rearranged_types(features)
    copies = sum(size for kind, size in geometry.weights.matrices.items() if kind in types)
    on_processor = max(0, 1 - gpu_layers / (len(kv) + 1))
    return Predicted(
        weights_bytes=geometry.weights_bytes,
        kv_bytes=sum(kv),
        compute_bytes=compute,
        overhead_bytes=_PROCESS_BYTES + _TOKEN_BYTES * geometry.vocabulary_size + _MERGE_BYTES * geometry.merges,
        copies_bytes=round(copies * on_processor),
        graphics_bytes=_graphics_bytes(geometry, kv, compute, gpu_layers),
    )


def _layer_bytes(layer: Layer, n_ctx: int, kv_type: KvType, n_batch: int) -> int:
    seen = min(_cells(n_ctx), layer.window + n_batch) if layer.window else n_ctx
    token = kv_type.size_bytes(layer.key_length) + kv_type.size_bytes(layer.value_length)
    return _cells(seen) * token + layer.state_length * _NUMBER_BYTES


def _cells(tokens: int) -> int:
    return -(-tokens // _CELLS) * _CELLS


def _compute_bytes(geometry: Geometry, n_ctx: int, n_batch: int) -> int:
    """The numbers of one layer for all tokens of a slice, who sees whom, and the logits of the last ones."""
    embedding = geometry.embedding_length
    wide = 2.6 * geometry.feed_forward_length + 5.2 * embedding
    chosen = (2 * geometry.experts_used + 7) * embedding if geometry.experts_used else 0
    rows = rows_for(geometry.vocabulary_size) + 1
    logits = _NUMBER_BYTES * geometry.vocabulary_size * rows
    in_layers = _NUMBER_BYTES * n_batch * max(wide, chosen)
    return round(max(in_layers, logits)) + _MASK_BYTES * _cells(n_ctx) * n_batch


def _graphics_bytes(geometry: Geometry, kv: list[int], compute: int, gpu_layers: int) -> int:
    """What the last `gpu_layers` layers take, and the buffers there; the output goes first."""
    if gpu_layers <= 0:
        return 0
    weights = geometry.weights
    first = len(kv) - min(gpu_layers - 1, len(kv))
    layers = sum(weights.layers[first:]) + sum(kv[first:])
    return weights.output_bytes + weights.output_copy_bytes + layers + compute

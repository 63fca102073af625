"""How a model file's bytes are spread over the layers of its model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.engine.llama.loading.model_file import ModelFile, read_part
from app.gguf.model_header import ModelHeader

_LAYER: Final = re.compile(r"^blk\.(\d+)\.")
_EMBEDDINGS: Final = "token_embd.weight"
_OUTPUT: Final = "output.weight"


@dataclass(frozen=True, slots=True)
class WeightTable:
    """The bytes of each layer, of what comes before them (it stays with the processor), and of what comes after.

    `output_copy_bytes` is what a graphics processor holds a second time when the output uses the input's weights.
    """

    layers: Mapping[int, int]
    input_bytes: int
    output_bytes: int
    output_copy_bytes: int = 0


def read_weights(file: ModelFile) -> WeightTable:
    """Add up the tensors of all parts. Raises `ModelFileError` for a part that cannot be read."""
    sizes = tensor_sizes(file.header)
    for part in file.parts[1:]:
        sizes |= tensor_sizes(read_part(part))
    layers: dict[int, int] = {}
    for name, size in sizes.items():
        if match := _LAYER.match(name):
            layers[int(match[1])] = layers.get(int(match[1]), 0) + size
    output = sum(size for name, size in sizes.items() if name.startswith("output"))
    rest = sum(size for name, size in sizes.items() if not name.startswith("output") and not _LAYER.match(name))
    return WeightTable(layers, rest, output, 0 if _OUTPUT in sizes else sizes.get(_EMBEDDINGS, 0))


def tensor_sizes(header: ModelHeader) -> dict[str, int]:
    """Give the bytes of each tensor, by name: up to where the next one begins, whatever its type."""
    tensors = sorted(header.tensors, key=lambda tensor: tensor.offset)
    ends = [tensor.offset for tensor in tensors[1:]]
    ends += [last.end for last in tensors[-1:]]
    return {tensor.name: end - tensor.offset for tensor, end in zip(tensors, ends, strict=True)}

"""How a model file's bytes are spread over the layers of its model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.engine.llama.loading.gguf_header import GgufHeader, MalformedHeaderError, read_header
from app.engine.llama.loading.model_file import ModelFile

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
    """Add up the tensors of all parts. Raises `OSError` or `MalformedHeaderError` for a part that cannot be read."""
    sizes = tensor_sizes(file.header)
    for part in file.parts[1:]:
        sizes |= tensor_sizes(_read_part(part))
    layers: dict[int, int] = {}
    for name, size in sizes.items():
        if match := _LAYER.match(name):
            layers[int(match[1])] = layers.get(int(match[1]), 0) + size
    output = sum(size for name, size in sizes.items() if name.startswith("output"))
    rest = sum(size for name, size in sizes.items() if not name.startswith("output") and not _LAYER.match(name))
    return WeightTable(layers, rest, output, 0 if _OUTPUT in sizes else sizes.get(_EMBEDDINGS, 0))


def tensor_sizes(header: GgufHeader) -> dict[str, int]:
    """Give the bytes of each tensor, by name: up to where the next one begins, whatever its type."""
    places = sorted(header.tensors, key=lambda place: place.begin)
    ends = [place.begin for place in places[1:]] + [place.end for place in places[-1:]]
    return {place.name: end - place.begin for place, end in zip(places, ends, strict=True)}


def _read_part(part: Path) -> GgufHeader:
    size = part.stat().st_size
    if size < len(b"GGUF") * 2:
        raise MalformedHeaderError(f"{part.name} is empty.")
    with part.open("rb") as file:
        return read_header(file, size)

"""How a model's weights are spread: over its layers, over its experts, and over what is read for every token."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Final

from app.gguf.model_header import Tensor

_LAYER: Final = re.compile(r"blk\.(\d{1,4})\.", re.ASCII)
_EXPERTS: Final = re.compile(r"_exps\b")
_EMBEDDINGS: Final = "token_embd.weight"
_OUTPUT: Final = "output.weight"
_LOOKED_UP: Final = frozenset({_EMBEDDINGS, "per_layer_token_embd.weight", "position_embd.weight"})
"""Of these one row is read for a token, not all of them."""
_MATRICES: Final = (2, 3)
_GAPS: Final = 0.01


@dataclass(frozen=True, slots=True)
class Weights:
    """Bytes: of each layer, of what comes before the layers (it stays with the processor), and of what comes after.

    `output_copy_bytes` is what a graphics processor holds a second time where the output uses the embeddings.
    `active_bytes` is what is read for every token. `matrices` are the bytes of those that a processor may lay out anew
    in memory, by their type; empty where only the size of the file is known.
    """

    layers: tuple[int, ...]
    input_bytes: int
    output_bytes: int
    active_bytes: int
    output_copy_bytes: int = 0
    matrices: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def total_bytes(self) -> int:
        """All of them, each once."""
        return sum(self.layers) + self.input_bytes + self.output_bytes

    def scaled(self, size_bytes: int) -> Weights:
        """Give the same model in a file of another size: its matrices are of other types then.

        What differs by no more than the gaps between tensors is the same file.
        """
        part = size_bytes / max(1, self.total_bytes)
        if abs(part - 1) <= _GAPS:
            return self
        return Weights(
            layers=tuple(round(layer * part) for layer in self.layers),
            input_bytes=round(self.input_bytes * part),
            output_bytes=round(self.output_bytes * part),
            active_bytes=round(self.active_bytes * part),
            output_copy_bytes=round(self.output_copy_bytes * part),
        )


@dataclass(frozen=True, slots=True)
class Sizes:
    """How wide a model is, as far as that tells how many weights it has. `feed_forward` is of one expert, if any are.

    `keys_and_values` and `queries` are of all heads together.
    """

    layers: int
    embedding: int
    keys_and_values: int
    queries: int
    feed_forward: int
    vocabulary: int
    experts: int = 0
    experts_used: int = 0

    @property
    def attention(self) -> int:
        """About how many weights the attention of a layer has: it makes what it looks for, and gives what it found."""
        return self.embedding * (self.keys_and_values + 2 * self.queries)

    @property
    def layer(self) -> int:
        """How many weights a layer has."""
        return self.attention + 3 * self.embedding * self.feed_forward * max(1, self.experts)

    @property
    def active_layer(self) -> int:
        """How many weights of a layer are used for a token."""
        return self.attention + 3 * self.embedding * self.feed_forward * max(1, self.experts_used)

    @property
    def experts_part(self) -> float:
        """The part of the experts that works on a token."""
        return self.experts_used / self.experts if self.experts else 1.0

    @property
    def embeddings(self) -> int:
        """How many weights turn tokens into numbers."""
        return self.vocabulary * self.embedding

    @property
    def weights(self) -> int:
        """All of them, the output's taken to be the embeddings."""
        return self.layers * self.layer + self.embeddings


def weigh(tensors: Sequence[Tensor], layers: int, active_layers: int, expert_part: float) -> Weights:
    """Add up the tensors of a model. `expert_part` is the part of the experts that is used for a token.

    Layers from `active_layers` on only guess ahead, and are not read.
    """
    is_tied = all(tensor.name != _OUTPUT for tensor in tensors)
    in_layers, outside = [0] * layers, {"input": 0, "output": 0}
    active, copied, matrices = 0.0, 0, dict[str, int]()
    for tensor in tensors:
        size, layer = tensor.size_bytes or 0, _layer_of(tensor.name, layers)
        is_output = tensor.name == (_EMBEDDINGS if is_tied else _OUTPUT)
        if layer is not None:
            in_layers[layer] += size
        else:
            outside["output" if tensor.name.startswith("output") else "input"] += size
        if is_output or (tensor.name not in _LOOKED_UP and (layer or 0) < active_layers):
            active += size * (expert_part if _EXPERTS.search(tensor.name) else 1.0)
        if is_output or (layer is not None and len(tensor.dimensions) in _MATRICES):
            matrices[tensor.kind_name] = matrices.get(tensor.kind_name, 0) + size
        if is_output and is_tied:
            copied = size
    return Weights(tuple(in_layers), outside["input"], outside["output"], round(active), copied, matrices)


def spread(sizes: Sizes, size_bytes: int, parameters: int) -> Weights:
    """Guess how `size_bytes` are spread over a model of so many weights, all of which are taken to be stored alike."""
    each = size_bytes / max(1, parameters)
    embeddings = min(size_bytes // 2, round(sizes.embeddings * each))
    is_tied = abs(parameters - sizes.weights) <= abs(parameters - sizes.weights - sizes.embeddings)
    output = 0 if is_tied else embeddings
    in_layers = size_bytes - embeddings - output
    part = sizes.active_layer / max(1, sizes.layer)
    layer = in_layers // max(1, sizes.layers)
    rest = in_layers - layer * sizes.layers
    return Weights(
        layers=(layer + rest, *(layer,) * (sizes.layers - 1)) if sizes.layers else (),
        input_bytes=embeddings,
        output_bytes=output,
        active_bytes=round(in_layers * part) + embeddings,
        output_copy_bytes=embeddings if is_tied else 0,
    )


def count_weights(tensors: Sequence[Tensor]) -> int:
    """How many numbers a model is made of."""
    return sum(prod(tensor.dimensions) for tensor in tensors)


def rows_of_embeddings(tensors: Sequence[Tensor]) -> int:
    """How many tokens there are, going by the embeddings; 0 if they are not among the tensors."""
    rows = (tensor.dimensions[1] for tensor in tensors if tensor.name == _EMBEDDINGS and len(tensor.dimensions) > 1)
    return next(rows, 0)


def _layer_of(name: str, layers: int) -> int | None:
    match = _LAYER.match(name)
    return int(match[1]) if match is not None and int(match[1]) < layers else None

"""What the header of a model file says, as values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from app.gguf.quantization import FILE_TYPES, TENSOR_TYPES, tensor_size_bytes

_TEMPLATE: Final = "tokenizer.chat_template"


@dataclass(frozen=True, slots=True)
class ArraySummary:
    """A long array of the metadata, or a very long text, of which only the length is kept."""

    count: int


Scalar: TypeAlias = str | int | float | bool
MetadataValue: TypeAlias = Scalar | tuple[Scalar, ...] | ArraySummary


class Tensor(NamedTuple):
    """One tensor of the file. `dimensions` begin with the fastest; `offset` counts from the first tensor.

    A tuple is made in half the time of a frozen dataclass, and a header may hold thousands.
    """

    name: str
    dimensions: tuple[int, ...]
    kind: int
    offset: int

    @property
    def kind_name(self) -> str:
        """Its type as people know it; its number when it is newer than this Paddock."""
        return TENSOR_TYPES[self.kind][0] if self.kind in TENSOR_TYPES else str(self.kind)

    @property
    def size_bytes(self) -> int | None:
        """How much of the file it takes; None for a type that is not known here."""
        return tensor_size_bytes(self.kind, math.prod(self.dimensions))

    @property
    def end(self) -> int:
        """Where it ends at least, counted like `offset`."""
        return self.offset + (tensor_size_bytes(self.kind, math.prod(self.dimensions)) or 0)


@dataclass(frozen=True, slots=True)
class ModelHeader:
    """What a model file says of itself. What it does not say is None.

    The bytes of the tensors begin at `data_offset` of the file; of a model in several files these are one file's.
    """

    version: int
    metadata: Mapping[str, MetadataValue]
    tensors: tuple[Tensor, ...] = ()
    data_offset: int = 0

    @property
    def architecture(self) -> str | None:
        """The family whose code in llama.cpp runs it, such as `llama` or `gemma3`."""
        return self.text("general.architecture")

    @property
    def name(self) -> str | None:
        """What its publisher called it."""
        return self.text("general.name")

    @property
    def kind(self) -> str:
        """`model`; or what else lies in a GGUF file: `adapter`, `mmproj`, `imatrix`."""
        return self.text("general.type") or "model"

    @property
    def size_label(self) -> str | None:
        """How many parameters, such as `135M` or `8x7B`."""
        return self.text("general.size_label")

    @property
    def licence(self) -> str | None:
        """The licence as its publisher names it, such as `apache-2.0`."""
        return self.text("general.license")

    @property
    def quantization(self) -> str | None:
        """How its weights are stored, such as `Q4_K_M`."""
        file_type = self.number("general.file_type")
        return None if file_type is None else FILE_TYPES.get(file_type)

    @property
    def context_length(self) -> int | None:
        """The context window it was trained for, in tokens."""
        return self.of_architecture("context_length")

    @property
    def block_count(self) -> int | None:
        """How many layers it has."""
        return self.of_architecture("block_count")

    @property
    def embedding_length(self) -> int | None:
        """How wide a layer is."""
        return self.of_architecture("embedding_length")

    @property
    def vocabulary_size(self) -> int | None:
        """How many different tokens there are."""
        tokens = self.metadata.get("tokenizer.ggml.tokens")
        if isinstance(tokens, ArraySummary):
            return tokens.count
        return len(tokens) if isinstance(tokens, tuple) else self.of_architecture("vocab_size")

    @property
    def has_chat_template(self) -> bool:
        """Whether it says how messages become its prompt."""
        return isinstance(self.metadata.get(_TEMPLATE), ArraySummary) or bool(self.text(_TEMPLATE))

    def of_architecture(self, name: str) -> int | None:
        """A whole number that the architecture's own entries hold, such as `attention.head_count`."""
        return self.number(f"{self.architecture}.{name}")

    def number(self, key: str) -> int | None:
        """The whole number under `key`; None if there is something else or nothing."""
        value = self.metadata.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def text(self, key: str) -> str | None:
        """The text under `key`, without the space around it; None if there is something else, or nothing."""
        value = self.metadata.get(key)
        return value.strip() or None if isinstance(value, str) else None

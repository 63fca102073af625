"""What of a model decides how much memory it takes and how fast it can be: its layers, counted in bytes and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.gguf.model_header import ArraySummary, MetadataValue, ModelHeader
from app.gguf.parts import parts_named
from app.gguf.reading import read_header
from app.models.catalogue import CatalogueFile, CatalogueGeometry, CatalogueModel
from app.models.geometry_layers import Layer, layers_of_header
from app.models.geometry_weights import Sizes, Weights, count_weights, rows_of_embeddings, spread, weigh


@dataclass(frozen=True, slots=True)
class Geometry:
    """A model as far as memory and speed go. `feed_forward_length` is that of its widest layer, of all experts in use.

    `parameters` are all its weights: they decide how many tokens the engine reads at once. `merges` are the rules by
    which its tokens are joined. `n_ctx_train` is 0 where nobody says it. `header_bytes` is what is no weights in its
    files, as far as that is known.
    """

    architecture: str
    layers: tuple[Layer, ...]
    weights: Weights
    embedding_length: int
    feed_forward_length: int
    vocabulary_size: int
    n_ctx_train: int
    parameters: int
    experts_used: int = 0
    merges: int = 0
    header_bytes: int = 0

    @property
    def weights_bytes(self) -> int:
        """All weights once, as the file holds them."""
        return self.weights.total_bytes

    @property
    def active_weights_bytes(self) -> int:
        """What is read for every token: of many experts those in use, of the embeddings one row."""
        return self.weights.active_bytes

    @property
    def is_recurrent(self) -> bool:
        """Whether some layer keeps a state in place of the tokens."""
        return any(layer.state_length for layer in self.layers)

    def of_size(self, size_bytes: int) -> Geometry:
        """Give the same model in files of `size_bytes`."""
        return replace(self, weights=self.weights.scaled(size_bytes - self.header_bytes))


def geometry_of_file(path: Path) -> Geometry | None:
    """Read the geometry of the model file `path`, of which there may be several parts. Raises `ModelHeaderError`."""
    paths = parts_named(path) or (path,)
    header, *others = (read_header(part) for part in paths)
    return geometry_of_header(header, sum(part.stat().st_size for part in paths), others)


def geometry_of_header(header: ModelHeader, size_bytes: int, parts: Sequence[ModelHeader] = ()) -> Geometry | None:
    """Give the geometry of the model whose header this is; None if the header does not tell enough.

    `size_bytes` is that of all its files, `parts` are the headers of those after the first. Where they, or a header's
    tensors, are not known, the weights are taken to be spread evenly over the layers.
    """
    layers, sizes = layers_of_header(header), _sizes_of_header(header)
    if not layers or sizes.embedding <= 0:
        return None
    headers = (header, *parts)
    tensors = tuple(tensor for each in headers for tensor in each.tensors)
    parameters, weights, header_bytes = sizes.weights, spread(sizes, size_bytes, sizes.weights), 0
    if tensors and len(tensors) >= (header.number("split.tensors.count") or 0):
        active_layers = len(layers) - (header.of_architecture("nextn_predict_layers") or 0)
        parameters, weights = count_weights(tensors), weigh(tensors, len(layers), active_layers, sizes.experts_part)
        header_bytes = sum(each.data_offset for each in headers)
    return Geometry(
        architecture=header.architecture or "",
        layers=layers,
        weights=weights,
        embedding_length=sizes.embedding,
        feed_forward_length=max(sizes.feed_forward * max(1, sizes.experts_used), _most(header, "feed_forward_length")),
        vocabulary_size=sizes.vocabulary or rows_of_embeddings(tensors),
        n_ctx_train=header.context_length or 0,
        parameters=parameters,
        experts_used=sizes.experts_used,
        merges=_count(header.metadata.get("tokenizer.ggml.merges")),
        header_bytes=header_bytes,
    ).of_size(size_bytes)


def geometry_of_catalogue(model: CatalogueModel, file: CatalogueFile) -> Geometry:
    """Give the geometry of a file of a model that was picked by hand."""
    said = model.geometry
    sizes = Sizes(
        layers=said.block_count,
        embedding=said.embedding_length,
        keys_and_values=said.head_count_kv * (said.key_length + said.value_length),
        queries=said.head_count * said.key_length,
        feed_forward=said.feed_forward_length,
        vocabulary=said.vocabulary_size,
        experts=said.expert_count or 0,
        experts_used=said.expert_used_count or 0,
    )
    return Geometry(
        architecture=said.architecture,
        layers=tuple(_catalogue_layer(said, number) for number in range(said.block_count)),
        weights=spread(sizes, file.size_bytes, model.parameters),
        embedding_length=said.embedding_length,
        feed_forward_length=said.feed_forward_length * (said.expert_used_count or 1),
        vocabulary_size=said.vocabulary_size,
        n_ctx_train=said.context_length,
        parameters=model.parameters,
        experts_used=said.expert_used_count or 0,
        merges=said.vocabulary_size,  # about one for each token, as in most vocabularies
    )


def _sizes_of_header(header: ModelHeader) -> Sizes:
    embedding, heads = header.embedding_length or 0, _most(header, "attention.head_count")
    key = _most(header, "attention.key_length") or embedding // max(1, heads)
    value = _most(header, "attention.value_length") or key
    feed_forward, experts = _most(header, "feed_forward_length"), _most(header, "expert_count")
    return Sizes(
        layers=header.block_count or 0,
        embedding=embedding,
        keys_and_values=(_most(header, "attention.head_count_kv") or heads) * (key + value),
        queries=heads * key,
        feed_forward=(experts and _most(header, "expert_feed_forward_length")) or feed_forward,
        vocabulary=header.vocabulary_size or 0,
        experts=experts,
        experts_used=_most(header, "expert_used_count"),
    )


def _catalogue_layer(said: CatalogueGeometry, number: int) -> Layer:
    sees_all = said.sliding_window is None or (number + 1) % said.full_attention_every == 0
    return Layer(
        key_length=said.head_count_kv * said.key_length,
        value_length=said.head_count_kv * said.value_length,
        window=0 if sees_all else said.sliding_window or 0,
    )


def _most(header: ModelHeader, name: str) -> int:
    """The number under `name`, or the largest of those that stand there, one a layer."""
    value: MetadataValue | None = header.metadata.get(f"{header.architecture}.{name}")
    if isinstance(value, tuple):
        return max((each for each in value if isinstance(each, int)), default=0)
    return value if isinstance(value, int) else 0


def _count(value: MetadataValue | None) -> int:
    """How long an array of the metadata is."""
    if isinstance(value, ArraySummary):
        return value.count
    return len(value) if isinstance(value, tuple) else 0

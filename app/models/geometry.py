"""What of a model decides how much memory it takes and how fast it can be: its layers, counted in bytes and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.gguf.model_header import MetadataValue, ModelHeader, Tensor
from app.models.catalogue import CatalogueFile, CatalogueGeometry, CatalogueModel
from app.models.geometry_layers import Layer, layers_of_header
from app.models.geometry_weights import Sizes, Weights, count_weights, rows_of_embeddings, spread, weigh


@dataclass(frozen=True, slots=True)
class Geometry:
    """A model as far as memory and speed go. `feed_forward_length` is that of its widest layer, of all experts in use.

    `parameters` are all its weights: they decide how many tokens the engine reads at once. `n_ctx_train` is 0 where
    nobody says it.
    """

    architecture: str
    layers: tuple[Layer, ...]
    weights: Weights
    head_count: int
    embedding_length: int
    feed_forward_length: int
    vocabulary_size: int
    n_ctx_train: int
    parameters: int

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


def geometry_of_header(header: ModelHeader, size_bytes: int, tensors: Sequence[Tensor] = ()) -> Geometry | None:
    """Give the geometry of the model whose header this is; None if the header does not tell enough.

    `size_bytes` is that of all its files. Without `tensors`, or with those of its first file only, the weights are
    taken to be spread evenly over the layers.
    """
    layers, embedding = layers_of_header(header), header.embedding_length or 0
    if not layers or embedding <= 0:
        return None
    heads, experts = _most(header, "attention.head_count"), _most(header, "expert_count")
    used = _most(header, "expert_used_count")
    feed_forward = _most(header, "feed_forward_length")
    of_expert = _most(header, "expert_feed_forward_length") or feed_forward
    vocabulary = header.vocabulary_size or rows_of_embeddings(tensors)
    sizes = Sizes(
        layers=len(layers),
        embedding=embedding,
        attention=_attention(layers, embedding, heads * _key_length(header, heads, embedding)),
        feed_forward=of_expert if experts else feed_forward,
        vocabulary=vocabulary,
        experts=experts,
        experts_used=used,
    )
    if tensors and len(tensors) >= (header.number("split.tensors.count") or 0):
        active_layers = len(layers) - (header.of_architecture("nextn_predict_layers") or 0)
        weights = weigh(tensors, len(layers), active_layers, used / experts if experts else 1.0)
        parameters = count_weights(tensors)
    else:
        parameters = sizes.weights
        weights = spread(sizes, size_bytes, parameters)
    return Geometry(
        architecture=header.architecture or "",
        layers=layers,
        weights=weights,
        head_count=heads,
        embedding_length=embedding,
        feed_forward_length=max(feed_forward, of_expert * used),
        vocabulary_size=vocabulary,
        n_ctx_train=header.context_length or 0,
        parameters=parameters,
    )


def geometry_of_catalogue(model: CatalogueModel, file: CatalogueFile) -> Geometry:
    """Give the geometry of a file of a model that was picked by hand."""
    said = model.geometry
    layers = tuple(_catalogue_layer(said, number) for number in range(said.block_count))
    sizes = Sizes(
        layers=said.block_count,
        embedding=said.embedding_length,
        attention=_attention(layers, said.embedding_length, said.head_count * said.key_length),
        feed_forward=said.feed_forward_length,
        vocabulary=said.vocabulary_size,
        experts=said.expert_count or 0,
        experts_used=said.expert_used_count or 0,
    )
    return Geometry(
        architecture=said.architecture,
        layers=layers,
        weights=spread(sizes, file.size_bytes, model.parameters),
        head_count=said.head_count,
        embedding_length=said.embedding_length,
        feed_forward_length=said.feed_forward_length * (said.expert_used_count or 1),
        vocabulary_size=said.vocabulary_size,
        n_ctx_train=said.context_length,
        parameters=model.parameters,
    )


def _catalogue_layer(said: CatalogueGeometry, number: int) -> Layer:
    sees_all = said.sliding_window is None or (number + 1) % said.full_attention_every == 0
    return Layer(
        key_length=said.head_count_kv * said.key_length,
        value_length=said.head_count_kv * said.value_length,
        window=0 if sees_all else said.sliding_window or 0,
    )


def _attention(layers: Sequence[Layer], embedding: int, queries: int) -> int:
    """About how many weights the attention of a layer has: for keys and values, for queries, and for what is found."""
    tokens = max((layer.key_length + layer.value_length for layer in layers), default=0)
    return embedding * (tokens + 2 * queries)


def _key_length(header: ModelHeader, heads: int, embedding: int) -> int:
    return _most(header, "attention.key_length") or embedding // max(1, heads)


def _most(header: ModelHeader, name: str) -> int:
    """The number under `name`, or the largest of those that stand there, one a layer."""
    value: MetadataValue | None = header.metadata.get(f"{header.architecture}.{name}")
    if isinstance(value, tuple):
        return max((each for each in value if isinstance(each, int)), default=0)
    return value if isinstance(value, int) else 0

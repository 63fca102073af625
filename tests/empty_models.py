"""Writes models of any size in no time: real GGUF files whose weights are all zero, so that the disk holds nothing.

They say nothing sensible, and take as much memory as others of their geometry.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeAlias

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Kind

from app.models.catalogue import CatalogueGeometry
from tests.gguf_files import TEMPLATE, add_vocabulary

ALIGNMENT: Final = 32
HYBRID: Final = "lfm2"
"""In every second layer a short convolution takes the place of attention."""
CONVOLUTION: Final = 4
Shape: TypeAlias = tuple[int, ...]
Shapes: TypeAlias = Iterator[tuple[str, Shape]]


def write_empty_model(path: Path, geometry: CatalogueGeometry, kind: Kind = Kind.F16) -> Path:
    """Write a model whose matrices are of `kind`, and give its path."""
    writer = gguf.GGUFWriter(path, geometry.architecture)
    _add_keys(writer, geometry)
    add_vocabulary(writer, geometry.vocabulary_size)
    size_bytes = sum(_add(writer, name, shape, kind) for name, shape in _tensors(geometry))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    writer.close()
    with path.open("r+b") as file:
        file.truncate(_padded(path.stat().st_size) + size_bytes)
    return path


def _add(writer: gguf.GGUFWriter, name: str, shape: Shape, kind: Kind) -> int:
    """Announce a tensor, and give the room it takes."""
    if len(shape) == 1 or ".shortconv.conv." in name or "_inp" in name or name.endswith(".bias"):
        size_bytes = 4 * math.prod(shape)
        writer.add_tensor_info(name, shape, np.dtype(np.float32), size_bytes)
    else:
        stored = gguf.quant_shape_to_byte_shape(shape, kind)
        size_bytes = math.prod(stored)
        writer.add_tensor_info(name, stored, np.dtype(np.uint8), size_bytes, raw_dtype=kind)
    return _padded(size_bytes)


def _padded(size_bytes: int) -> int:
    return -(-size_bytes // ALIGNMENT) * ALIGNMENT


def _add_keys(writer: gguf.GGUFWriter, geometry: CatalogueGeometry) -> None:
    writer.add_name("Empty")
    writer.add_chat_template(TEMPLATE)
    writer.add_context_length(geometry.context_length)
    writer.add_embedding_length(geometry.embedding_length)
    writer.add_block_count(geometry.block_count)
    writer.add_feed_forward_length(geometry.feed_forward_length)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_head_count(geometry.head_count)
    if geometry.architecture == HYBRID:
        heads = [geometry.head_count_kv * (layer % 2) for layer in range(geometry.block_count)]
        writer.add_head_count_kv(heads)
        writer.add_shortconv_l_cache(CONVOLUTION)
    else:
        writer.add_head_count_kv(geometry.head_count_kv)
    writer.add_key_length(geometry.key_length)
    writer.add_value_length(geometry.value_length)
    if geometry.sliding_window is not None:
        writer.add_sliding_window(geometry.sliding_window)
    if geometry.expert_count is not None and geometry.expert_used_count is not None:
        writer.add_expert_count(geometry.expert_count)
        writer.add_expert_used_count(geometry.expert_used_count)
        writer.add_expert_feed_forward_length(geometry.feed_forward_length)


def _tensors(geometry: CatalogueGeometry) -> Shapes:
    """All tensors; the slowest dimension comes first."""
    embedding = geometry.embedding_length
    yield "token_embd.weight", (geometry.vocabulary_size, embedding)
    yield ("token_embd_norm.weight" if geometry.architecture == HYBRID else "output_norm.weight"), (embedding,)
    if geometry.architecture == "gpt-oss":  # it wants one; elsewhere the embeddings serve
        yield "output.weight", (geometry.vocabulary_size, embedding)
    for layer in range(geometry.block_count):
        attends = geometry.architecture != HYBRID or layer % 2
        for parts in (_attention if attends else _convolution, _experts if geometry.expert_count else _feed_forward):
            for name, shape in parts(geometry):
                yield f"blk.{layer}.{name}", shape


def _attention(geometry: CatalogueGeometry) -> Shapes:
    architecture, embedding, head = geometry.architecture, geometry.embedding_length, geometry.key_length
    queries = geometry.head_count * head
    keys, values = geometry.head_count_kv * head, geometry.head_count_kv * geometry.value_length
    yield "attn_norm.weight", (embedding,)
    yield "attn_output.weight", (embedding, queries)
    if architecture == "phi3":
        yield "attn_qkv.weight", (queries + keys + values, embedding)
        return
    for name, width in (("q", queries), ("k", keys), ("v", values)):
        yield f"attn_{name}.weight", (width, embedding)
        if architecture in {"qwen2", "gpt-oss"}:
            yield f"attn_{name}.bias", (width,)
    if architecture in {"qwen3", "qwen3moe", "gemma3", HYBRID}:
        yield "attn_q_norm.weight", (head,)
        yield "attn_k_norm.weight", (head,)
    if architecture == "gpt-oss":
        yield "attn_output.bias", (embedding,)
        yield "attn_sinks.weight", (geometry.head_count,)


def _convolution(geometry: CatalogueGeometry) -> Shapes:
    embedding = geometry.embedding_length
    yield "attn_norm.weight", (embedding,)
    yield "shortconv.conv.weight", (embedding, CONVOLUTION)
    yield "shortconv.in_proj.weight", (3 * embedding, embedding)
    yield "shortconv.out_proj.weight", (embedding, embedding)


def _feed_forward(geometry: CatalogueGeometry) -> Shapes:
    embedding, wide = geometry.embedding_length, geometry.feed_forward_length
    yield "ffn_norm.weight", (embedding,)
    if geometry.architecture == "phi3":  # what opens the gate lies in the same matrix
        yield "ffn_up.weight", (2 * wide, embedding)
    else:
        yield "ffn_gate.weight", (wide, embedding)
        yield "ffn_up.weight", (wide, embedding)
    yield "ffn_down.weight", (embedding, wide)
    if geometry.architecture == "gemma3":
        yield "post_attention_norm.weight", (embedding,)
        yield "post_ffw_norm.weight", (embedding,)


def _experts(geometry: CatalogueGeometry) -> Shapes:
    embedding, wide, count = geometry.embedding_length, geometry.feed_forward_length, geometry.expert_count or 0
    is_gpt_oss = geometry.architecture == "gpt-oss"
    yield ("post_attention_norm.weight" if is_gpt_oss else "ffn_norm.weight"), (embedding,)
    yield "ffn_gate_inp.weight", (count, embedding)
    shapes = {"gate": (count, wide, embedding), "up": (count, wide, embedding), "down": (count, embedding, wide)}
    for name, shape in shapes.items():
        yield f"ffn_{name}_exps.weight", shape
        if is_gpt_oss:
            yield f"ffn_{name}_exps.bias", shape[:2]
    if is_gpt_oss:
        yield "ffn_gate_inp.bias", (count,)

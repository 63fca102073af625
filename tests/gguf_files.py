"""Writes tiny models with random weights: real GGUF files that llama.cpp loads and runs in milliseconds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import gguf
import numpy as np

EMBEDDING = 64
HEADS = 4
FEED_FORWARD = 128
STATE, INNER, CONVOLUTION, RANK = 16, 128, 4, 4
HYBRID = "lfm2"  # the plainest hybrid there is: by turns a short convolution, which is recurrent, and attention
LONG_PIECES = ("-" * 100, "=" * 33, "~" * 512, "*" * 96)
SPECIAL = ("<unk>", "<s>", "</s>", "<|user|>", "<|assistant|>")
Tensor: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]
Tensors: TypeAlias = dict[str, Tensor]
Draw: TypeAlias = Callable[..., Tensor]
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "{{ '<|assistant|>' if message.role == 'assistant' else '<|user|>' }}{{ message.content }}"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


@dataclass(frozen=True)
class TinyModel:
    """What a tiny model file is made of. `extra` are keys that come on top, or in place of others."""

    architecture: str = "llama"
    layers: int = 2
    n_ctx_train: int = 2048
    sliding_window: int = 0
    seed: int = 1
    template: str | None = TEMPLATE
    poisoned: bool = False
    extra: Mapping[str, int | str] = field(default_factory=dict[str, "int | str"])

    def write(self, path: Path) -> Path:
        """Write the file, and give its path."""
        writer = gguf.GGUFWriter(path, self.architecture)
        self.add_to(writer)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return path

    def add_to(self, writer: gguf.GGUFWriter) -> None:
        """Give all of it to `writer`."""
        self._add_keys(writer)
        add_vocabulary(writer)
        for name, weights in self._tensors().items():
            writer.add_tensor(name, weights)

    def _add_keys(self, writer: gguf.GGUFWriter) -> None:
        writer.add_name("Tiny")
        writer.add_context_length(self.n_ctx_train)
        writer.add_embedding_length(EMBEDDING)
        writer.add_block_count(self.layers)
        writer.add_feed_forward_length(0 if self.architecture == "mamba" else FEED_FORWARD)
        writer.add_layer_norm_rms_eps(1e-5)
        if self.template is not None:
            writer.add_chat_template(self.template)
        if self.architecture == "mamba":
            writer.add_head_count(0)
            writer.add_ssm_conv_kernel(CONVOLUTION)
            writer.add_ssm_inner_size(INNER)
            writer.add_ssm_state_size(STATE)
            writer.add_ssm_time_step_rank(RANK)
        else:
            writer.add_head_count(HEADS)
            writer.add_head_count_kv(
                [HEADS * (layer % 2) for layer in range(self.layers)] if self._is_hybrid else HEADS
            )
            writer.add_key_length(EMBEDDING // HEADS)
            writer.add_value_length(EMBEDDING // HEADS)
        if self._is_hybrid:
            writer.add_shortconv_l_cache(CONVOLUTION)
        if self.sliding_window:
            writer.add_sliding_window(self.sliding_window)
        for key, value in self.extra.items():
            writer.add_string(key, value) if isinstance(value, str) else writer.add_uint32(key, value)

    def _tensors(self) -> Tensors:
        draw = np.random.default_rng(self.seed)

        def weights(*shape: int) -> Tensor:
            scale = 1.0 / np.sqrt(shape[-1])
            return (draw.standard_normal(shape) * scale * 2).astype(np.float32)

        ones = np.ones(EMBEDDING, dtype=np.float32)
        last_norm = "token_embd_norm.weight" if self._is_hybrid else "output_norm.weight"
        tensors = {"token_embd.weight": weights(len(vocabulary()), EMBEDDING) * 4, last_norm: ones}
        if self.architecture != "gemma3":
            tensors["output.weight"] = weights(len(vocabulary()), EMBEDDING)
        for layer in range(self.layers):
            block = self._block(layer, weights)
            tensors |= {f"blk.{layer}.{name}": tensor for name, tensor in block.items()}
        tensors.get("output.weight", tensors["token_embd.weight"])[: len(SPECIAL)] = 0  # so that it goes on writing
        if self.poisoned:
            tensors[last_norm] = np.full(EMBEDDING, np.nan, dtype=np.float32)
        return tensors

    @property
    def _is_hybrid(self) -> bool:
        return self.architecture == HYBRID

    def _block(self, layer: int, weights: Draw) -> Tensors:
        if self.architecture == "mamba":
            return self._state_space(weights)
        if self._is_hybrid and layer % 2 == 0:
            return self._short_convolution(weights) | self._feed_forward(weights)
        return self._attention(weights) | self._feed_forward(weights)

    def _feed_forward(self, weights: Draw) -> Tensors:
        return {
            "ffn_norm.weight": np.ones(EMBEDDING, dtype=np.float32),
            "ffn_gate.weight": weights(FEED_FORWARD, EMBEDDING),
            "ffn_up.weight": weights(FEED_FORWARD, EMBEDDING),
            "ffn_down.weight": weights(EMBEDDING, FEED_FORWARD),
        }

    def _short_convolution(self, weights: Draw) -> Tensors:
        return {
            "attn_norm.weight": np.ones(EMBEDDING, dtype=np.float32),
            "shortconv.conv.weight": weights(EMBEDDING, CONVOLUTION),
            "shortconv.in_proj.weight": weights(3 * EMBEDDING, EMBEDDING),
            "shortconv.out_proj.weight": weights(EMBEDDING, EMBEDDING),
        }

    def _attention(self, weights: Draw) -> Tensors:
        ones = np.ones(EMBEDDING, dtype=np.float32)
        block = {f"attn_{name}.weight": weights(EMBEDDING, EMBEDDING) for name in ("q", "k", "v", "output")}
        block["attn_norm.weight"] = ones
        if self.architecture in {"gemma3", HYBRID}:
            head = np.ones(EMBEDDING // HEADS, dtype=np.float32)
            block |= {"attn_q_norm.weight": head, "attn_k_norm.weight": head}
        if self.architecture == "gemma3":
            block |= {"post_attention_norm.weight": ones, "post_ffw_norm.weight": ones}
        return block

    def _state_space(self, weights: Draw) -> Tensors:
        decay = -np.tile(np.arange(1, STATE + 1, dtype=np.float32), (INNER, 1))
        return {
            "attn_norm.weight": np.ones(EMBEDDING, dtype=np.float32),
            "ssm_in.weight": weights(2 * INNER, EMBEDDING),
            "ssm_conv1d.weight": weights(INNER, CONVOLUTION),
            "ssm_conv1d.bias": np.zeros(INNER, dtype=np.float32),
            "ssm_x.weight": weights(RANK + 2 * STATE, INNER),
            "ssm_dt.weight": weights(INNER, RANK),
            "ssm_dt.bias": np.zeros(INNER, dtype=np.float32),
            "ssm_a": decay,
            "ssm_d": np.ones(INNER, dtype=np.float32),
            "ssm_out.weight": weights(EMBEDDING, INNER),
        }


@dataclass(frozen=True)
class TinyAdapter:
    """What an adapter for a tiny model is made of: it changes the queries of the first layer."""

    architecture: str = "llama"
    kind: str = "lora"
    seed: int = 5
    embedding: int = EMBEDDING
    alpha: float | int = 16.0
    name: str = "blk.0.attn_q.weight"
    halves: tuple[str, ...] = ("lora_a", "lora_b")
    invocation: tuple[int, ...] = ()
    poisoned: bool = False
    number: str = "float32"
    layers: tuple[int, ...] = ()

    def write(self, path: Path) -> Path:
        """Write the file, and give its path."""
        writer = gguf.GGUFWriter(path, self.architecture)
        writer.add_type("adapter")
        writer.add_string("adapter.type", self.kind)
        if isinstance(self.alpha, int):
            writer.add_uint32("adapter.lora.alpha", self.alpha)
        else:
            writer.add_float32("adapter.lora.alpha", self.alpha)
        if self.invocation:
            writer.add_array("adapter.alora.invocation_tokens", list(self.invocation))
        draw = np.random.default_rng(self.seed)
        for half in self.halves:
            shape = (RANK, self.embedding) if half == "lora_a" else (self.embedding, RANK)
            weights = draw.standard_normal((*self.layers, *shape))
            weights = np.full_like(weights, np.nan) if self.poisoned else weights
            writer.add_tensor(f"{self.name}.{half}", weights.astype(self.number))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return path


def vocabulary(size: int = 0) -> list[str]:
    """The tokens: special ones, every byte, printable characters, a few very long ones; filled up to `size`."""
    characters = [chr(code) for code in range(33, 127)]
    tokens = [*SPECIAL, *(f"<0x{byte:02X}>" for byte in range(256)), "\u2581", *characters, *LONG_PIECES]
    return [*tokens, *(f"\u2581word{number}" for number in range(size - len(tokens)))]


def byte_tokens(text: str) -> list[int]:
    """The tokens of the single bytes of `text`."""
    return [len(SPECIAL) + byte for byte in text.encode()]


def add_vocabulary(writer: gguf.GGUFWriter, size: int = 0) -> None:
    """Give a file a tokenizer of the sort that SentencePiece makes, with `size` tokens where it needs fewer."""
    tokens = vocabulary(size)
    kinds = [gguf.TokenType.UNKNOWN, *[gguf.TokenType.CONTROL] * (len(SPECIAL) - 1)]
    kinds += [gguf.TokenType.BYTE] * 256 + [gguf.TokenType.NORMAL] * (len(tokens) - len(SPECIAL) - 256)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(SPECIAL) + [-float(i) for i in range(len(tokens) - len(SPECIAL))])
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(True)
    writer.add_add_space_prefix(False)


def write_vocabulary_only(path: Path) -> Path:
    """Write a file with a tokenizer and no weights."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(64)
    add_vocabulary(writer)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path

"""What each layer of a model keeps of what was read, from the numbers of its header.

Source: `llama_hparams` of llama.cpp (`src/llama-hparams.cpp`), and how each architecture fills it (`src/models/`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.gguf.model_header import ModelHeader

_MOST_LAYERS: Final = 512  # LLAMA_MAX_LAYERS
_CONVOLUTION: Final = 4


@dataclass(frozen=True, slots=True)
class Layer:
    """What one layer keeps. Of each token `key_length` and `value_length` numbers, of all its heads together.

    It sees the last `window` tokens, all of them if that is 0. `state_length` numbers of 32 bits are kept whatever was
    read; layers with a state mostly keep no tokens.
    """

    key_length: int = 0
    value_length: int = 0
    window: int = 0
    state_length: int = 0


@dataclass(frozen=True, slots=True)
class _Windows:
    """Which layers see only a window: all but each `period`-th one, which is the first of its period or the last."""

    period: int
    begins_full: bool = False
    window: int = 0
    """In place of what the header says; 0 leaves it to the header."""


_WINDOWS: Final = {
    "afmoe": _Windows(4),
    "cohere2": _Windows(4),
    "cohere2moe": _Windows(4, begins_full=True),
    "exaone-moe": _Windows(4),
    "exaone4": _Windows(4),
    "gemma2": _Windows(2),
    "gemma3": _Windows(6),
    "gemma3n": _Windows(5),
    "gpt-oss": _Windows(2),
    "laguna": _Windows(4, begins_full=True),
    "llama4": _Windows(4, window=8192),
    "mellum": _Windows(4),
    "muse-glimmer": _Windows(4),
    "olmo2": _Windows(4),
    "plamo3": _Windows(8),
    "smallthinker": _Windows(4, begins_full=True, window=4096),
}
_WINDOWS_UNSAID: Final = {"gemma2": 4096, "llama4": 8192}
"""How wide a window is where the header does not say."""
_EXAONE4_WITH_WINDOWS: Final = 64
_GEMMA3N_WITH_OWN_TOKENS: Final = 20
_INTERVALS: Final = {"qwen3next": 4, "qwen35": 4, "qwen35moe": 4, "qwen4exp": 4, "minimax-01": 8}
"""Architectures in which each so-many-th layer keeps tokens and the others a state, where the header does not say."""


def layers_of_header(header: ModelHeader) -> tuple[Layer, ...]:
    """Give the layers in their order; none if the header does not tell how many there are."""
    count = header.block_count or 0
    if not 0 < count <= _MOST_LAYERS:
        return ()
    return _Reader(header, count).layers()


class _Reader:
    """The numbers of one header that its layers are made of."""

    def __init__(self, header: ModelHeader, count: int) -> None:
        self._header = header
        self._architecture = header.architecture or ""
        self._count = count
        self._heads = self._each("attention.head_count")
        self._heads_kv = self._each("attention.head_count_kv", self._heads)
        self._feed_forward = self._each("feed_forward_length")
        heads = max(self._heads)
        even = -(-(header.embedding_length or 0) // heads) if heads else 0
        self._key = self._number("attention.key_length") or even
        self._value = self._number("attention.value_length") or even

    def layers(self) -> tuple[Layer, ...]:
        state, windows = self._state_length(), self._windows()
        recurrent = self._recurrent() if state else (False,) * self._count
        is_both = bool(state) and not any(recurrent)
        own = self._layers_with_tokens()
        return tuple(
            Layer(
                *(self._token(layer, windows[layer]) if layer < own and not recurrent[layer] else (0, 0)),
                window=windows[layer] if not recurrent[layer] else 0,
                state_length=state if recurrent[layer] or is_both else 0,
            )
            for layer in range(self._count)
        )

    def _token(self, layer: int, window: int) -> tuple[int, int]:
        """The numbers that a layer keeps of a token: keys, and values unless they are made of the keys (MLA)."""
        heads = self._heads_kv[layer]
        key = (self._number("attention.key_length_swa") if window else 0) or self._key
        value = (self._number("attention.value_length_swa") if window else 0) or self._value
        return heads * key, 0 if self._number("attention.key_length_mla") else heads * value

    def _layers_with_tokens(self) -> int:
        """How many layers from the first on keep tokens of their own: others look at theirs, or only guess ahead."""
        if self._architecture == "gemma3n":
            return min(self._count, _GEMMA3N_WITH_OWN_TOKENS)
        return self._count - self._number("attention.shared_kv_layers") - self._number("nextn_predict_layers")

    def _windows(self) -> tuple[int, ...]:
        usual = _WINDOWS.get(self._architecture)
        said = self._header.of_architecture("attention.sliding_window")
        window = _WINDOWS_UNSAID.get(self._architecture, 0) if said is None else said
        if usual is not None and usual.window and window:
            window = usual.window
        pattern = self._header.metadata.get(f"{self._architecture}.attention.sliding_window_pattern")
        if not window or (self._architecture == "exaone4" and self._count != _EXAONE4_WITH_WINDOWS):
            return (0,) * self._count
        if isinstance(pattern, tuple) and len(pattern) >= self._count:
            return tuple(window if slides else 0 for slides in pattern[: self._count])
        if self._architecture.startswith("lfm2"):
            return (window,) * self._count
        if usual is None:  # then no layer does, or all of them are taken to see everything
            return (0,) * self._count
        period = pattern if isinstance(pattern, int) else usual.period
        full = 0 if usual.begins_full else period - 1
        return tuple(0 if period and layer % period == full else window for layer in range(self._count))

    def _recurrent(self) -> tuple[bool, ...]:
        """Which layers keep a state in place of tokens; none, where all do both."""
        said = self._header.metadata.get(f"{self._architecture}.attention.recurrent_layers")
        if isinstance(said, tuple) and len(said) >= self._count:
            return tuple(bool(each) for each in said[: self._count])
        interval = self._number("full_attention_interval") or _INTERVALS.get(self._architecture, 0)
        if interval:
            return tuple((layer + 1) % interval != 0 for layer in range(self._count))
        only_attends = self._architecture.startswith("nemotron_h")
        return tuple(
            heads == 0 and not (only_attends and self._feed_forward[layer])
            for layer, heads in enumerate(self._heads_kv)
        )

    def _state_length(self) -> int:
        """How many numbers a state holds: of what is mixed with the token before, and of all that came earlier."""
        embedding, heads = self._header.embedding_length or 0, max(self._heads)
        if head := self._number("wkv.head_size"):
            return embedding * ((self._number("token_shift_count") or 2) + head)
        if convolution := self._number("shortconv.l_cache"):
            return embedding * (convolution - 1)
        kernel = self._number("ssm.conv_kernel")
        if head := self._number("kda.head_dim"):
            return 3 * ((kernel or _CONVOLUTION) - 1) * heads * head + head * head * heads
        if self._architecture == "minimax-01":
            return self._key * self._key * heads
        inner, state, groups = (self._number(f"ssm.{name}") for name in ("inner_size", "state_size", "group_count"))
        return max(0, kernel - 1) * (inner + 2 * groups * state) + state * inner

    def _each(self, name: str, otherwise: tuple[int, ...] = ()) -> tuple[int, ...]:
        """One number a layer: the header has either one for all or an array."""
        value = self._header.metadata.get(f"{self._architecture}.{name}")
        if isinstance(value, tuple) and len(value) >= self._count:
            return tuple(each if isinstance(each, int) else 0 for each in value[: self._count])
        return (value,) * self._count if isinstance(value, int) else otherwise or (0,) * self._count

    def _number(self, name: str) -> int:
        return self._header.of_architecture(name) or 0

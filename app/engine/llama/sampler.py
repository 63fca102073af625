"""Chooses the next token: a chain of llama.cpp's own samplers, in its own order."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Iterator, Sequence
from typing import Final

from app.engine.engine import EngineError
from app.engine.llama.binding import api
from app.settings.values import SamplingSettings

_NO_PENALTY: Final = 1.0
_LARGEST_SEED: Final = 0xFFFFFFFE  # one more would let llama.cpp draw its own


def draw_seed() -> int:
    """Give a seed that nobody knows before."""
    return secrets.randbelow(_LARGEST_SEED + 1)


class Sampler:
    """One chain for one generation: penalties, top-k, top-p, min-p, temperature, and a draw with `seed`.

    At temperature 0 the likeliest token is taken; then only the penalties matter.
    """

    def __init__(self, settings: SamplingSettings, seed: int, n_vocab: int) -> None:
        """Build the chain for a vocabulary of `n_vocab` tokens. What does nothing is left out of it."""
        self._settings = settings
        self._chain = _checked(api.llama_sampler_chain_init(api.llama_sampler_chain_default_params()))
        for sampler in _parts(settings, seed, n_vocab):
            api.llama_sampler_chain_add(self._chain, _checked(sampler))

    def prime(self, tokens: Sequence[int]) -> None:
        """Let the penalties know the last tokens of the prompt."""
        if self._settings.repeat_last_n:
            for token in tokens[-self._settings.repeat_last_n :]:
                api.llama_sampler_accept(self._chain, token)

    def sample(self, context: api.llama_context_p) -> int:
        """Choose from the last logits of `context`, which must be there, and remember the choice."""
        return api.llama_sampler_sample(self._chain, context, -1)  # pyright: ignore[reportReturnType] - an alias of c_int32; the call gives an int

    def close(self) -> None:
        """Give its memory back."""
        api.llama_sampler_free(self._chain)


def used_settings(settings: SamplingSettings) -> dict[str, float | int]:
    """Give every sampling setting that has a value, by its name, without the seed."""
    values = dataclasses.asdict(settings)
    return {name: value for name, value in values.items() if value is not None and name != "seed"}


def _parts(settings: SamplingSettings, seed: int, n_vocab: int) -> Iterator[api.llama_sampler_p | None]:
    if settings.repeat_penalty != _NO_PENALTY and settings.repeat_last_n:
        yield api.llama_sampler_init_penalties(n_vocab, settings.repeat_last_n, settings.repeat_penalty, 0.0, 0.0)
    if settings.temperature <= 0:
        yield api.llama_sampler_init_greedy()
        return
    if settings.top_k:
        yield api.llama_sampler_init_top_k(settings.top_k)
    if settings.top_p < 1:
        yield api.llama_sampler_init_top_p(settings.top_p, 1)
    if settings.min_p > 0:
        yield api.llama_sampler_init_min_p(settings.min_p, 1)
    yield api.llama_sampler_init_temp(settings.temperature)
    yield api.llama_sampler_init_dist(seed)


def _checked(sampler: api.llama_sampler_p | None) -> api.llama_sampler_p:
    """Refuse a missing sampler: the chain would follow the empty pointer."""
    if not sampler:
        raise EngineError("The sampling settings were refused by llama.cpp.")
    return sampler

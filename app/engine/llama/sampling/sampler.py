"""Chooses the next token: a chain of llama.cpp's own samplers, and a grammar that may refuse its choice."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import ExitStack, closing
from typing import Final

from app.engine.engine import EngineError
from app.engine.llama.binding import api
from app.engine.llama.prompting.tokens import Vocabulary
from app.engine.llama.sampling.candidates import Candidates
from app.engine.llama.sampling.grammar import GrammarGate
from app.engine.llama.sampling.sampling_chain import Surroundings, bias_stage, remembered_tokens, stages, used_settings
from app.engine.requests import Grammar
from app.settings.values import SamplingSettings

__all__ = ["NO_TOKEN", "Sampler", "draw_seed", "used_settings"]

NO_TOKEN: Final = -1
"""The grammar allows nothing more, not even the end: the reply ends here."""
_LARGEST_SEED: Final = 0xFFFFFFFE  # one more would let llama.cpp draw its own


def draw_seed() -> int:
    """Give a seed that nobody knows before."""
    return secrets.randbelow(_LARGEST_SEED + 1)


class Sampler:
    """Chooses the tokens of one generation.

    At temperature 0 the likeliest token is taken; then only the penalties and the bias matter. With a grammar the
    chain chooses first; only when the grammar refuses that one token, it chooses again among those that are allowed.
    """

    def __init__(
        self,
        settings: SamplingSettings,
        seed: int,
        vocabulary: Vocabulary,
        n_ctx_train: int,
        grammar: Grammar | None = None,
    ) -> None:
        """Build the chain. Raises `GrammarError` or another `EngineError`; a grammar holds from the first token on."""
        self._remembered = remembered_tokens(settings, n_ctx_train)
        with ExitStack() as resources:
            self._whole = _new_chain()
            resources.callback(api.llama_sampler_free, self._whole)
            self._bias = bias_stage(settings, vocabulary)
            if self._bias:
                _add(self._whole, self._bias)
            self._choosing = _new_chain()
            _add(self._whole, self._choosing)
            for stage in stages(settings, Surroundings(vocabulary, n_ctx_train, seed)):
                _add(self._choosing, stage)
            self._gate = resources.enter_context(closing(GrammarGate(grammar, vocabulary))) if grammar else None
            self._candidates = Candidates(vocabulary.size) if grammar else None
            self._resources = resources.pop_all()
        self._grammar_holds = grammar is not None

    def prime(self, tokens: Sequence[int]) -> None:
        """Let the penalties know the last tokens of the prompt. The grammar is about the reply alone."""
        for token in tokens[max(0, len(tokens) - self._remembered) :]:
            api.llama_sampler_accept(self._whole, token)

    def hold_grammar(self) -> None:
        """Let the grammar wait until `begin_grammar`: what comes first is reasoning, which it says nothing about."""
        self._grammar_holds = False

    def begin_grammar(self) -> None:
        """Let the grammar hold from the next token on."""
        self._grammar_holds = self._gate is not None

    def sample(self, context: api.llama_context_p, row: int = -1) -> int:
        """Choose from a row of the last logits of `context`, which must be there, and remember the choice.

        `row` counts as in `llama_get_logits_ith`. Gives `NO_TOKEN` when the grammar allows no token any more.
        """
        if self._gate and self._candidates and self._grammar_holds:
            return self._sample_in_grammar(self._gate, self._candidates, context, row)
        return api.llama_sampler_sample(self._whole, context, row)  # pyright: ignore[reportReturnType] - an alias of c_int32; the call gives an int

    def close(self) -> None:
        """Give its memory back."""
        self._resources.close()

    def _sample_in_grammar(
        self, gate: GrammarGate, candidates: Candidates, context: api.llama_context_p, row: int
    ) -> int:
        candidates.read(context, row)
        candidates.apply(self._whole)
        token = candidates.chosen()
        if not gate.allows(token):
            candidates.read(context, row)
            token = self._choose_allowed(gate, candidates)
        if token != NO_TOKEN:
            gate.accept(token)
            api.llama_sampler_accept(self._whole, token)
        return token

    def _choose_allowed(self, gate: GrammarGate, candidates: Candidates) -> int:
        if self._bias:
            candidates.apply(self._bias)
        if not gate.leaves_any(candidates):
            return NO_TOKEN
        candidates.apply(self._choosing)
        token = candidates.chosen()
        return token if gate.allows(token) else NO_TOKEN


def _new_chain() -> api.llama_sampler_p:
    return _checked(api.llama_sampler_chain_init(api.llama_sampler_chain_default_params()))


def _add(chain: api.llama_sampler_p, sampler: api.llama_sampler_p | None) -> None:
    """Put `sampler` at the end of `chain`, which owns it from now on."""
    api.llama_sampler_chain_add(chain, _checked(sampler))


def _checked(sampler: api.llama_sampler_p | None) -> api.llama_sampler_p:
    """Refuse a missing sampler: the chain would follow the empty pointer."""
    if not sampler:
        raise EngineError("The sampling settings were refused by llama.cpp.")
    return sampler

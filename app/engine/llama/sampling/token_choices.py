"""How likely a token was, and what else could have come."""

from __future__ import annotations

from typing import Final

from app.conversation import Alternative, TokenChoice
from app.engine.llama.binding import api
from app.engine.llama.prompting.tokens import Vocabulary
from app.engine.llama.sampling.candidates import Candidates

MOST_ALTERNATIVES: Final = 20
_ANY_SEED: Final = 0  # what it draws is not looked at


class TokenChoices:
    """Reads the model's own probabilities from its logits, as they were before any sampling setting.

    All is done by llama.cpp: the sum over the whole vocabulary in double precision, and the sorting. `close` it.
    """

    def __init__(self, context: api.llama_context_p, vocabulary: Vocabulary, alternatives: int) -> None:
        """Tell of the `alternatives` likeliest tokens, of 1 to 20."""
        self._context = context
        self._vocabulary = vocabulary
        self._candidates = Candidates(vocabulary.size)
        self._count = max(1, min(alternatives, MOST_ALTERNATIVES, vocabulary.size))
        self._probabilities = api.llama_sampler_init_dist(_ANY_SEED)
        self._likeliest = api.llama_sampler_init_top_k(self._count)

    def of(self, token: int, row: int = -1) -> TokenChoice:
        """Tell of `token`, which follows the logits of `row`. They must not have been overwritten yet."""
        candidates = self._candidates
        candidates.read(self._context, row)
        candidates.apply(self._probabilities)
        _, probability = candidates.at(token)
        candidates.apply(self._likeliest)
        likeliest = (candidates.at(place) for place in range(self._count))
        alternatives = tuple(Alternative(other, self._text(other), share) for other, share in likeliest)
        return TokenChoice(token, self._text(token), probability, alternatives)

    def likeliest(self, row: int = -1) -> int:
        """Give the token that the model would write by itself."""
        self._candidates.read(self._context, row)
        self._candidates.apply(self._likeliest)
        return self._candidates.at(0)[0]

    def close(self) -> None:
        """Give the memory back."""
        api.llama_sampler_free(self._probabilities)
        api.llama_sampler_free(self._likeliest)

    def _text(self, token: int) -> str:
        return self._vocabulary.name(token).decode("utf-8", errors="replace")

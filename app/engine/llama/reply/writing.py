"""Writes a reply, token by token, behind a prompt that has been read."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Sequence
from contextlib import closing
from itertools import zip_longest

from app.conversation import FinishReason, TokenChoice
from app.engine.interruption import Interruption
from app.engine.llama.loading.loaded_set import LoadedSet
from app.engine.llama.memory.kv_cache import EvaluationAbortedError
from app.engine.llama.reply.damaged_weights import refuse_wild_logits
from app.engine.llama.reply.generation_clock import GenerationClock
from app.engine.llama.reply.pieces import Piece, PieceMaker, joined
from app.engine.llama.reply.reasoning import Stage
from app.engine.llama.reply.reasoning_lead import ReasoningLead
from app.engine.llama.sampling.sampler import NO_TOKEN, Sampler
from app.engine.llama.sampling.token_choices import TokenChoices
from app.engine.llama.speed.steps import Steps
from app.engine.requests import GenerationRequest


class Writing:
    """The tokens of one reply. `close` it."""

    def __init__(
        self, loaded: LoadedSet, request: GenerationRequest, pieces: PieceMaker, sampler: Sampler, steps: Steps
    ) -> None:
        """Prepare to write: `pieces` knows how the reply begins, `sampler` chooses, `steps` reads what was chosen."""
        self._loaded = loaded
        self._pieces = pieces
        self._sampler = sampler
        self._steps = steps
        self._has_grammar = request.grammar is not None
        self._lead = ReasoningLead(loaded.vocabulary, pieces, request)
        self._choices = self._new_choices(request.alternatives) if request.alternatives else None
        self._forced: deque[int] = deque()
        """What comes next in any case: nothing of it is chosen."""
        self.tokens = 0
        """How many were written, without those that were kept and the one that ends."""

    def keep(self, tokens: Sequence[int], choices: Sequence[TokenChoice]) -> list[Piece]:
        """Take what was written before as the reply's beginning, and give its pieces, with their choices."""
        pieces: list[Piece] = []
        for token, choice in zip_longest(tokens, choices[: len(tokens)]):
            self._lead.token_comes()
            pieces += self._pieces.feed(token, choice)
        return joined(pieces)

    def events(
        self, limit: int, clock: GenerationClock, interruption: Interruption
    ) -> Generator[Piece, None, FinishReason]:
        """Write at most `limit` tokens."""
        self._begin_grammar()
        while (token := self._next_token()) is not None:
            self.tokens += 1
            clock.token_was_chosen()
            self._lead.token_comes()
            yield from self._pieces.feed(token, self._choice(token))
            if self._pieces.is_stopped:
                return FinishReason.STOP
            if self.tokens >= limit:
                return FinishReason.LENGTH
            if not self._read(token, interruption):
                return FinishReason.CANCELLED
        return FinishReason.STOP

    def close(self) -> None:
        """Give the memory back."""
        if self._choices is not None:
            self._choices.close()

    def _begin_grammar(self) -> None:
        """Let the grammar wait for the end of the reasoning: where there is one, or where the model would begin one."""
        if not self._has_grammar:
            return
        if self._lead.may_reason:
            with closing(self._new_choices(1)) as choices:
                self._forced.extend(self._lead.beginning_with(choices.likeliest(self._steps.row)))
        if self._forced or self._pieces.stage is Stage.REASONING:
            self._sampler.hold_grammar()
        elif self._pieces.stage is Stage.BEGINNING:
            self._pieces.parser.expect_answer()

    def _next_token(self) -> int | None:
        """Give the next token, or None when the reply ends."""
        self._forced.extend(self._lead.end())
        if self._forced:
            token = self._forced.popleft()
            self._sampler.prime((token,))
            return token
        if self._pieces.stage in (Stage.BETWEEN, Stage.ANSWER):
            self._sampler.begin_grammar()
        token = self._sampler.sample(self._loaded.context, self._steps.row)
        return None if token == NO_TOKEN or self._pieces.ends(token) else token

    def _choice(self, token: int) -> TokenChoice | None:
        return None if self._choices is None else self._choices.of(token, self._steps.row)

    def _read(self, token: int, interruption: Interruption) -> bool:
        """Read a token that was written; False when an interruption came."""
        if interruption.requested:  # a graphics processor does not look at the abort switch
            return False
        try:
            self._steps.read(token)
        except EvaluationAbortedError:
            return False
        refuse_wild_logits(self._loaded)
        return True

    def _new_choices(self, alternatives: int) -> TokenChoices:
        return TokenChoices(self._loaded.context, self._loaded.vocabulary, alternatives)

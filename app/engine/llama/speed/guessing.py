"""Guesses what a reply goes on with, in the way that pays, conversation by conversation."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Final, Protocol

from app.engine.engine import EngineError
from app.engine.interruption import Interruption
from app.engine.llama.binding import api
from app.engine.llama.memory.kv_cache import KvCache
from app.engine.llama.speed.draft_model import DraftModel
from app.engine.llama.speed.guessing_gain import Bet, Chance, EvaluationTimes, Purse, best_bet
from app.engine.llama.speed.prompt_lookup import LookupChances, PromptLookup
from app.engine.llama.speed.steps import GuessingSteps, PlainSteps, Steps

_CONVERSATIONS: Final = 64
_TRIAL: Final = 4
"""How many guesses of a draft model that does not seem to pay are evaluated when it is tried again."""
_SINGLES_EVERY: Final = 64
"""After so many evaluations with guesses comes one without: what it takes is the measure of all others."""
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Experience:
    """What is known of guessing in one conversation. Of a draft model it expects three right guesses of five."""

    lookup: LookupChances = field(default_factory=LookupChances)
    draft: Chance = field(default_factory=lambda: Chance(3.0, 5.0))
    purse: Purse = field(default_factory=Purse)


@dataclass(frozen=True, slots=True)
class GuessingLimits:
    """A context takes at most so many rows of logits, and so many tokens. With one row nothing is guessed."""

    rows: int
    n_ctx: int


class Drafter(Protocol):
    """A draft model, as far as it matters here."""

    @property
    def first_s(self) -> float:
        """What it takes to read what was written since the last guesses, in seconds."""
        ...

    @property
    def each_s(self) -> float:
        """What a guess takes."""
        ...

    def catching_up_s(self, text: Sequence[int]) -> float:
        """What it takes at most to read what it has not seen of `text`."""
        ...

    def guess(self, text: Sequence[int], count: int) -> tuple[int, ...]:
        """Guess how `text` goes on. Raises `EvaluationAbortedError` or `EngineError`."""
        ...


class Guessing:
    """Guesses for the replies of one loaded model, and remembers for each conversation how that went."""

    def __init__(
        self, limits: GuessingLimits, ends_generation: Callable[[int], bool], draft: DraftModel | None = None
    ) -> None:
        """Guess by what the text says already, and with `draft` if there is one."""
        self._limits = limits
        self._ends = ends_generation
        self._draft = draft
        self._times = EvaluationTimes()
        self._experiences: OrderedDict[str, Experience] = OrderedDict()

    @property
    def rows(self) -> int:
        """How many rows of logits the context gives at once."""
        return self._limits.rows

    def steps(
        self, cache: KvCache, context: api.llama_context_p, conversation: str, interruption: Interruption
    ) -> Steps:
        """Give the steps of a reply in `conversation`; an empty name is nobody's."""
        if self._limits.rows < 2:  # noqa: PLR2004 - a token and a guess
            return PlainSteps(cache)
        if self._draft is not None:
            self._draft.listen_to(interruption)
        experience = self.experience(conversation)
        guesser = TextGuesser(experience, self._times, self._limits.rows - 1, self._ends, self._draft)
        return GuessingSteps(cache, context, guesser, self._limits.n_ctx)

    def experience(self, conversation: str) -> Experience:
        """Give what is known of guessing in a conversation."""
        if not conversation:
            return Experience()
        experience = self._experiences.setdefault(conversation, Experience())
        self._experiences.move_to_end(conversation)
        if len(self._experiences) > _CONVERSATIONS:
            self._experiences.popitem(last=False)
        return experience


class TextGuesser:
    """Guesses for one reply."""

    def __init__(
        self,
        experience: Experience,
        times: EvaluationTimes,
        most: int,
        ends_generation: Callable[[int], bool],
        draft: Drafter | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Go by `experience` and `times`, and learn for them. At most so many guesses at once."""
        self._experience = experience
        self._times = times
        self._most = most
        self._ends = ends_generation
        self._draft = draft
        self._clock = clock
        self._lookup = PromptLookup()
        self._since_single = 0
        self._drafts = 0
        self._is_trial = False
        self._spent_s = 0.0

    def begin(self, text: Sequence[int]) -> None:
        """See `Guesser.begin`."""
        self._lookup.extend(text)

    def follows(self, token: int) -> None:
        """See `Guesser.follows`."""
        lookup = self._lookup
        if lookup.same:
            self._experience.lookup.saw(lookup.same, was_right=lookup.expected == token)
        lookup.append(token)

    def guess(self, most: int) -> tuple[int, ...]:
        """See `Guesser.guess`."""
        most = min(most, self._most)
        if self._since_single >= _SINGLES_EVERY:
            return ()
        found = self._before_end(self._lookup.ahead(most))
        by_lookup = best_bet(self._times, self._experience.lookup.ahead(self._lookup.same, len(found)))
        by_draft = self._draft_bet(most)
        if by_draft.pays and by_draft.gain > by_lookup.gain:
            return self._drafted(by_draft.count)
        if by_lookup.pays:
            return found[: by_lookup.count]
        return self._drafted(_TRIAL) if most >= _TRIAL and self._may_try() else ()

    def evaluated(self, rows: int, seconds: float) -> None:
        """See `Guesser.evaluated`."""
        self._times.took(rows, seconds)
        self._spent_s += seconds
        if rows == 1:
            self._since_single = 0
            self._experience.purse.earn(seconds)
        else:
            self._since_single += 1

    def judged(self, right: int) -> None:
        """See `Guesser.judged`."""
        for place in range(min(right + 1, self._drafts)):
            self._experience.draft.saw(was_right=place < right)
        if self._is_trial:
            self._experience.purse.pay(self._spent_s - (right + 1) * self._times.single_s)
        self._drafts, self._is_trial, self._spent_s = 0, False, 0.0

    def _draft_bet(self, most: int) -> Bet:
        if self._draft is None:
            return Bet()
        draft = self._draft
        chances = [self._experience.draft.value] * most
        return best_bet(self._times, chances, draft.first_s - draft.each_s, draft.each_s)

    def _may_try(self) -> bool:
        """Whether the draft model, which does not seem to pay, may be tried again."""
        if self._draft is None or not self._times.is_known:
            return False
        draft = self._draft
        seconds = draft.catching_up_s(self._lookup.tokens) + draft.first_s + _TRIAL * draft.each_s
        self._is_trial = self._experience.purse.can_pay(seconds + self._times.of(_TRIAL + 1))
        return self._is_trial

    def _drafted(self, count: int) -> tuple[int, ...]:
        if self._draft is None:
            return ()
        began = self._clock()
        try:
            guesses = self._draft.guess(self._lookup.tokens, count)
        except EngineError as error:
            _log.warning("The draft model failed, and this reply goes on without it: %s %s", error, error.details)
            self._draft, guesses = None, ()
        self._spent_s += self._clock() - began
        self._drafts = len(guesses)
        return guesses

    def _before_end(self, tokens: tuple[int, ...]) -> tuple[int, ...]:
        """Guess no further than to where the reply would end."""
        return tuple(takewhile(lambda token: not self._ends(token), tokens))

"""How a written token is read back, so that the next one can be chosen."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from app.engine.llama.binding import api
from app.engine.llama.memory.kv_cache import KvCache


class Steps(Protocol):
    """Where the logits of the next token lie, and how to go on. `close` it."""

    @property
    def row(self) -> int:
        """The row of the last evaluation that holds the next token's logits, as `llama_get_logits_ith` counts."""
        ...

    def read(self, token: int) -> None:
        """Make `token` part of what was read. Raises `EvaluationAbortedError` or `EngineError`."""
        ...

    def close(self) -> None:
        """Leave nothing behind but what was read."""
        ...


class PlainSteps:
    """One token, one evaluation."""

    row = -1

    def __init__(self, cache: KvCache) -> None:
        """Read into `cache`."""
        self._cache = cache

    def read(self, token: int) -> None:
        """See `Steps.read`."""
        self._cache.append((token,))

    def close(self) -> None:
        """See `Steps.close`."""


class Guesser(Protocol):
    """Guesses how a text goes on, and learns whether that was worth it."""

    def begin(self, text: Sequence[int]) -> None:
        """A reply begins behind `text`."""
        ...

    def follows(self, token: int) -> None:
        """The text goes on with `token`, whether it was guessed or not."""
        ...

    def guess(self, most: int) -> tuple[int, ...]:
        """Guess as many tokens as are worth it, at most so many. Raises as `Steps.read` does."""
        ...

    def evaluated(self, rows: int, seconds: float) -> None:
        """An evaluation of a token and what was guessed behind it took so long."""
        ...

    def judged(self, right: int) -> None:
        """So many of the last guesses were right."""
        ...


class GuessingSteps:
    """Reads a token with guesses behind it, and each that comes then at no cost.

    What is chosen does not know of it: every token is chosen from the logits behind the one before, in order. What was
    guessed wrongly is taken back before anything else is read, so it needs a memory that can be cut.
    """

    def __init__(
        self,
        cache: KvCache,
        context: api.llama_context_p,
        guesser: Guesser,
        room: int,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Read into `cache`, which is that of `context` and has room for so many tokens. `clock` tells seconds."""
        self._cache = cache
        self._context = context
        self._guesser = guesser
        self._room = room
        self._clock = clock
        self._has_begun = False
        self._guessed: deque[int] = deque()
        """What was guessed and has been read, but has not been chosen yet."""
        self._right = 0
        self.row = -1

    def read(self, token: int) -> None:
        """See `Steps.read`."""
        if not self._has_begun:
            self._guesser.begin(self._cache.tokens)
            self._has_begun = True
        self._guesser.follows(token)
        if self._guessed and self._guessed[0] == token:
            self._guessed.popleft()
            self._right += 1
            self.row += 1
            return
        if not self._take_back():
            self._read_anew()
        self._evaluate(token, self._guesser.guess(self._room - len(self._cache.tokens) - 1))

    def close(self) -> None:
        """See `Steps.close`. What cannot be taken back is in the ledger, and the next prompt sees to it."""
        self._take_back()

    def _evaluate(self, token: int, guesses: Sequence[int]) -> None:
        began = self._clock()
        self._cache.append((token, *guesses), all_logits=True)
        api.llama_synchronize(self._context)  # a graphics processor is not done yet
        self._guesser.evaluated(1 + len(guesses), self._clock() - began)
        self._guessed.extend(guesses)
        self.row = 0

    def _take_back(self) -> bool:
        """Cut what was guessed wrongly; False when the memory cannot."""
        self._guesser.judged(self._right)
        self._right = 0
        is_cut = not self._guessed or self._cache.cut(len(self._cache.tokens) - len(self._guessed))
        if is_cut:
            self._guessed.clear()
        return is_cut

    def _read_anew(self) -> None:
        """Read the text without what was guessed wrongly, from as far back as the memory needs."""
        text = self._cache.tokens[: len(self._cache.tokens) - len(self._guessed)]
        self._guessed.clear()
        for _ in self._cache.read(text):
            pass

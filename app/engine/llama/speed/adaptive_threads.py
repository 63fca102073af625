"""Gives each evaluation of a context the number of threads that is fastest at present."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Final, TypeAlias

from typing_extensions import override

from app.engine.llama.binding import api
from app.engine.llama.speed.threads import ThreadController

_WHOLE_SLICE: Final = 32
"""From how many tokens on an evaluation is held up by computing, as a prompt is, and not by memory, as one token is."""
_GRACE_OF_SLICES: Final = 0.5

ThreadRuns: TypeAlias = tuple[tuple[int, int], ...]
"""How many threads evaluated how many single tokens, one run after the other."""


class AdaptiveThreads(AbstractContextManager[None]):
    """Sets the number of threads before an evaluation, and learns from how long it took.

    For contexts that compute on the processor. Single tokens and slices of a prompt are told apart; the few tokens
    between them (a guess that is verified) go with as many threads as single ones, and teach nothing.

    The logits of a single token depend on the number of threads as soon as 256 tokens lie before it: flash attention
    parts them among the threads, and what each adds up is rounded to half precision. Those of several tokens at once
    do not. So a reply can be repeated to the bit only with the `runs` it was written with.
    """

    def __init__(
        self,
        context: api.llama_context_p,
        most: int,
        *,
        fixed: bool = False,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Belong to `context`, which may use up to `most` threads, or, when `fixed`, always does.

        `clock` tells seconds.
        """
        self._context = context
        self._clock = clock
        self._token = ThreadController(most)
        self._slice = ThreadController(most, grace=_GRACE_OF_SLICES)
        self._n_tokens = 0
        self._began = 0.0
        self._single = most
        self._runs: list[tuple[int, int]] = []
        self._usual = (most,) if fixed else ()
        self._given: deque[int] = deque(self._usual)

    def evaluating(self, n_tokens: int) -> AbstractContextManager[None]:
        """Be entered while `n_tokens` are evaluated at once. What ends by an exception teaches nothing."""
        self._n_tokens = n_tokens
        if self._given:
            self._single = several = self._given[0]
        else:
            self._single = self._token.threads
            several = self._slice.threads if n_tokens >= _WHOLE_SLICE else self._single
        api.llama_set_n_threads(self._context, self._single, several)  # takes a microsecond
        return self

    @property
    def runs(self) -> ThreadRuns:
        """What single tokens were evaluated with since `forget_runs`."""
        return tuple(self._runs)

    def forget_runs(self) -> None:
        """Begin to write them down anew."""
        self._runs.clear()

    @contextmanager
    def repeating(self, runs: ThreadRuns) -> Generator[None]:
        """Evaluate single tokens with the numbers of `runs`, all else with the next of them, and learn nothing.

        After the last run it goes on with the same number.
        """
        self._given = deque(threads for threads, tokens in runs for _ in range(max(tokens, 1)))
        try:
            yield
        finally:
            self._given = deque(self._usual)

    @override
    def __enter__(self) -> None:
        self._began = self._clock()

    @override
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        if kind is not None:
            return
        seconds = self._clock() - self._began
        if self._n_tokens == 1:
            self._write_down()
        if self._given:
            if self._n_tokens == 1 and len(self._given) > 1:
                self._given.popleft()
        elif self._n_tokens == 1:
            self._token.took(seconds)
        elif self._n_tokens >= _WHOLE_SLICE:
            self._slice.took(seconds, self._n_tokens)

    def _write_down(self) -> None:
        if self._runs and self._runs[-1][0] == self._single:
            self._runs[-1] = (self._single, self._runs[-1][1] + 1)
        else:
            self._runs.append((self._single, 1))

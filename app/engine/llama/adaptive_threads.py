"""Gives each evaluation of a context the number of threads that is fastest at present."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Final

from typing_extensions import override

from app.engine.llama.binding import api
from app.engine.llama.threads import ThreadController

_WHOLE_SLICE: Final = 32
"""From how many tokens on an evaluation is held up by computing, as a prompt is, and not by memory, as one token is."""
_GRACE_OF_SLICES: Final = 0.5


class AdaptiveThreads(AbstractContextManager[None]):
    """Sets the number of threads before an evaluation, and learns from how long it took.

    For contexts that compute on the processor. Single tokens and slices of a prompt are told apart; the few tokens
    between them (a guess that is verified) go with as many threads as single ones, and teach nothing.
    """

    def __init__(self, context: api.llama_context_p, most: int, clock: Callable[[], float] = time.perf_counter) -> None:
        """Belong to `context`, which may use up to `most` threads. `clock` tells seconds."""
        self._context = context
        self._clock = clock
        self._token = ThreadController(most)
        self._slice = ThreadController(most, grace=_GRACE_OF_SLICES)
        self._n_tokens = 0
        self._began = 0.0

    @property
    def threads(self) -> int:
        """How many write the next token."""
        return self._token.threads

    def evaluating(self, n_tokens: int) -> AbstractContextManager[None]:
        """Be entered while `n_tokens` are evaluated at once. What ends by an exception teaches nothing."""
        self._n_tokens = n_tokens
        several = self._slice if n_tokens >= _WHOLE_SLICE else self._token
        api.llama_set_n_threads(self._context, self._token.threads, several.threads)  # takes a microsecond
        return self

    @override
    def __enter__(self) -> None:
        self._began = self._clock()

    @override
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        if kind is not None:
            return
        if self._n_tokens == 1:
            self._token.took(self._clock() - self._began)
        elif self._n_tokens >= _WHOLE_SLICE:
            self._slice.took(self._clock() - self._began, self._n_tokens)

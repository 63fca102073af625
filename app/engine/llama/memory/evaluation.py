"""The one place where llama.cpp evaluates tokens."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol

from app.engine.engine import EngineError
from app.engine.llama.binding import api
from app.engine.llama.library import LibraryLog

_NO_ROOM, _ABORTED = 1, 2


class EvaluationAbortedError(Exception):
    """An interruption ended the evaluation. What was read before it stays."""


class ThreadChoice(Protocol):
    """Chooses with how many threads an evaluation runs."""

    def evaluating(self, n_tokens: int) -> AbstractContextManager[object]:
        """Be entered while `n_tokens` are evaluated at once."""
        ...


class _AnyThreads:
    """Leaves the number of threads as it is."""

    def evaluating(self, n_tokens: int) -> AbstractContextManager[object]:
        return nullcontext()


@dataclass(frozen=True, slots=True)
class EvaluationLimits:
    """What a context takes at once; with more than that llama.cpp ends the process."""

    tokens: int
    outputs: int


class Evaluation:
    """Has tokens evaluated at the end of a context's one sequence."""

    def __init__(
        self,
        context: api.llama_context_p,
        limits: EvaluationLimits,
        log: LibraryLog,
        threads: ThreadChoice | None = None,
    ) -> None:
        """Belong to `context`, which takes what `limits` say."""
        self._context = context
        self._limits = limits
        self._log = log
        self._threads = threads or _AnyThreads()
        self.rows = _one_sequence_rows(limits.tokens)
        """The batch that all evaluations share."""

    def run(self, tokens: Sequence[int], *, begin: int, outputs: int) -> None:
        """Evaluate `tokens` from position `begin`, with the logits of the last `outputs` of them.

        Raises `EvaluationAbortedError` or `EngineError`; what the memory holds then is for the caller to find out.
        """
        count = len(tokens)
        if not 0 < count <= self._limits.tokens or not 0 <= outputs <= min(count, self._limits.outputs):
            raise ValueError(f"{count} tokens with {outputs} rows of logits, of at most {self._limits}")
        rows = self.rows
        for i, token in enumerate(tokens):
            rows.token[i] = token
            rows.pos[i] = begin + i
            rows.logits[i] = i >= count - outputs
        rows.n_tokens = count
        with self._threads.evaluating(count):
            code = api.llama_decode(self._context, rows)
            if code:
                raise self._failure(code)

    def free(self) -> None:
        """Give the batch's memory back."""
        api.llama_batch_free(self.rows)

    def _failure(self, code: int) -> Exception:
        if code == _ABORTED:
            return EvaluationAbortedError()
        if code == _NO_ROOM:
            return EngineError("The context window is full.", next_step="Begin a new conversation.")
        return EngineError(
            "The model could not read the prompt.",
            next_step="Try again; if it stays so, the details say what llama.cpp had to say.",
            details=f"llama_decode: {code}\n{self._log.complaints}",
        )


def _one_sequence_rows(size: int) -> Any:  # noqa: ANN401 - ctypes takes plain numbers where the binding names its own types
    """Make a batch that is used again and again: all of its rows belong to the one sequence there is."""
    rows: Any = api.llama_batch_init(size, 0, 1)
    for i in range(size):
        rows.n_seq_id[i] = 1
        rows.seq_id[i][0] = 0
    return rows

"""What a context remembers of the prompt, which of it can be reused, and how more is read into it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, Final

from app.engine.engine import EngineError
from app.engine.llama.binding import api
from app.engine.llama.library import LibraryLog
from app.engine.llama.model import MemoryKind

_SEQUENCE: Final = 0
_TO_THE_END: Final = -1
_DONE, _NO_ROOM, _ABORTED = 0, 1, 2


class EvaluationAbortedError(Exception):
    """An interruption ended the evaluation. What was read before it stays."""


def common_prefix(first: Sequence[int], second: Sequence[int]) -> int:
    """How many tokens both begin with."""
    length = min(len(first), len(second))
    if list(first[:length]) == list(second[:length]):
        return length
    return next(i for i in range(length) if first[i] != second[i])


def plan_reuse(
    known: Sequence[int], prompt: Sequence[int], kind: MemoryKind, *, oldest: int, sliding_window: int
) -> int:
    """How many tokens at the beginning of `prompt` need not be read again; never the last one, whose logits are wanted.

    `oldest` is the smallest position that is still in the memory. A sliding window has let go of what lay before it:
    after a cut its layers must still find the window's tokens before the cut. A recurrent state only goes on.
    """
    keep = min(common_prefix(known, prompt), len(prompt) - 1)
    match kind:
        case MemoryKind.DENSE:
            return keep
        case MemoryKind.SLIDING:
            return keep if oldest <= max(0, keep - sliding_window) else 0
        case MemoryKind.RECURRENT:
            return keep if keep == len(known) else 0


class KvCache:
    """The memory of one context and the ledger of its tokens: `tokens[i]` lies at position i, and nothing else does."""

    def __init__(
        self, context: api.llama_context_p, kind: MemoryKind, *, n_batch: int, sliding_window: int, log: LibraryLog
    ) -> None:
        """Belong to `context`, which is empty and takes `n_batch` tokens at once."""
        memory = api.llama_get_memory(context)
        if not memory:
            raise EngineError("The model keeps no memory of its prompt, and so cannot write.")
        self._context = context
        self._memory = memory
        self._kind = kind
        self._n_batch = n_batch
        self._sliding_window = sliding_window
        self._log = log
        self.tokens: list[int] = []
        self._rows = _one_sequence_rows(n_batch)

    def read(self, prompt: Sequence[int]) -> Generator[int, None, int]:
        """Make `prompt` the content, reading as little as possible; yield after each slice how many tokens are there.

        Returns how many were reused. Raises `EvaluationAbortedError` or `EngineError`; the ledger is right in any case.
        """
        reused = self._cut(self._reusable(prompt))
        yield reused
        for begin in range(reused, len(prompt), self._n_batch):
            end = min(begin + self._n_batch, len(prompt))
            self._evaluate(prompt[begin:end], wants_logits=end == len(prompt))
            yield end
        return reused

    def append(self, token: int) -> None:
        """Read one more token and have its logits. Raises as `read` does."""
        rows = self._rows
        rows.token[0] = token
        rows.pos[0] = len(self.tokens)
        rows.logits[0] = 1
        rows.n_tokens = 1
        code = api.llama_decode(self._context, rows)
        if code:
            raise self._failure(code)
        self.tokens.append(token)

    def clear(self) -> None:
        """Forget everything."""
        api.llama_memory_clear(self._memory, False)  # the buffers need not be zeroed
        self.tokens.clear()

    def free(self) -> None:
        """Give the batch's memory back."""
        api.llama_batch_free(self._rows)

    def _reusable(self, prompt: Sequence[int]) -> int:
        oldest = api.llama_memory_seq_pos_min(self._memory, _SEQUENCE)
        return plan_reuse(self.tokens, prompt, self._kind, oldest=oldest, sliding_window=self._sliding_window)

    def _cut(self, keep: int) -> int:
        """Keep the first `keep` tokens, or none when the memory cannot do that."""
        if keep == len(self.tokens):
            return keep
        if keep and api.llama_memory_seq_rm(self._memory, _SEQUENCE, keep, _TO_THE_END):
            del self.tokens[keep:]
            return keep
        self.clear()
        return 0

    def _evaluate(self, tokens: Sequence[int], *, wants_logits: bool) -> None:
        rows, begin = self._rows, len(self.tokens)
        for i, token in enumerate(tokens):
            rows.token[i] = token
            rows.pos[i] = begin + i
            rows.logits[i] = 0
        rows.logits[len(tokens) - 1] = wants_logits
        rows.n_tokens = len(tokens)
        code = api.llama_decode(self._context, rows)
        if code:
            raise self._failure(code)
        self.tokens.extend(tokens)

    def _failure(self, code: int) -> Exception:
        self._settle()
        if code == _ABORTED:
            return EvaluationAbortedError()
        if code == _NO_ROOM:
            return EngineError("The context window is full.", next_step="Begin a new conversation.")
        return EngineError(
            "The model could not read the prompt.",
            next_step="Try again; if it stays so, the details say what llama.cpp had to say.",
            details=f"llama_decode: {code}\n{self._log.complaints}",
        )

    def _settle(self) -> None:
        """Bring the ledger to what the memory holds after an evaluation that did not end well."""
        there = api.llama_memory_seq_pos_max(self._memory, _SEQUENCE) + 1
        if self._kind is MemoryKind.RECURRENT or there > len(self.tokens):
            self.clear()  # a state in the middle of a slice is the state of no ledger
        else:
            del self.tokens[there:]


def _one_sequence_rows(size: int) -> Any:  # noqa: ANN401 - ctypes takes plain numbers where the binding names its own types
    """Make a batch that is used again and again: all of its rows belong to the one sequence there is."""
    rows: Any = api.llama_batch_init(size, 0, 1)
    for i in range(size):
        rows.n_seq_id[i] = 1
        rows.seq_id[i][0] = _SEQUENCE
    return rows

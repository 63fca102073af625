"""What a context remembers of the prompt, and how more is read into it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Sequence
from dataclasses import dataclass
from typing import Final

from app.engine.engine import EngineError
from app.engine.llama.binding import api
from app.engine.llama.library import LibraryLog
from app.engine.llama.loading.model import MemoryKind
from app.engine.llama.memory.checkpoints import Checkpoints
from app.engine.llama.memory.evaluation import Evaluation, EvaluationAbortedError, EvaluationLimits, ThreadChoice
from app.engine.llama.memory.memory_policy import (
    Keep,
    Restart,
    Restore,
    checkpoint_places,
    may_cut,
    place_near_the_end,
    plan_reuse,
    slice_end,
)
from app.engine.llama.memory.sequence_memory import Extent, SequenceMemory
from app.engine.llama.memory.sequence_states import Checkpoint, SequenceState, SequenceStates

_MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class CachePlan:
    """What a cache is made with. At most `n_batch` tokens are read at once, with at most `n_outputs_max` logits rows.

    Budgets are in bytes: of the checkpoints of one conversation, and of all conversations that are not live.
    """

    kind: MemoryKind
    n_batch: int
    sliding_window: int = 0
    n_outputs_max: int = 1
    checkpoint_bytes: int = 128 * _MIB
    swap_bytes: int = 0


class KvCache:
    """The memory of one context and the ledger of its tokens: `tokens[i]` lies at position i, and nothing else does."""

    def __init__(
        self, context: api.llama_context_p, plan: CachePlan, log: LibraryLog, threads: ThreadChoice | None = None
    ) -> None:
        """Belong to `context`, which is empty."""
        self._memory = SequenceMemory(context)
        self._plan = plan
        self._evaluation = Evaluation(context, EvaluationLimits(plan.n_batch, plan.n_outputs_max), log, threads)
        self._checkpoints = Checkpoints(plan.checkpoint_bytes if plan.kind is not MemoryKind.DENSE else 0)
        self._conversation = ""
        self._is_own = True
        """Whether the tokens belong to the conversation, or still to the one before it."""
        self._last_evaluation = 0
        self.kept = SequenceStates(plan.swap_bytes)
        """The conversations that are not live."""
        self.tokens: list[int] = []

    def read(
        self, prompt: Sequence[int], *, boundaries: Collection[int] = (), slice_tokens: Callable[[], int] | None = None
    ) -> Generator[int, None, int]:
        """Make `prompt` the content, reading as little as possible; yield after each slice how many tokens are there.

        `boundaries` are the numbers of tokens after which one may want to go on differently: where a user message
        begins, and where its reply begins. `slice_tokens` is asked before each slice how long it is to be at most; else
        it is as long as a batch may be. Returns how many tokens were reused. Raises `EvaluationAbortedError` or
        `EngineError`; the ledger is right in any case.
        """
        reused = self._reuse(prompt)
        yield reused
        places, passing = self._places(boundaries, reused, len(prompt))
        while (begin := len(self.tokens)) < len(prompt):
            size = min(slice_tokens(), self._plan.n_batch) if slice_tokens else self._plan.n_batch
            end = slice_end(begin, len(prompt), size, places | passing)
            self._leave_checkpoint(places, passing)
            self._evaluate(prompt[begin:end], outputs=int(end == len(prompt)))
            yield end
        return reused

    def append(self, tokens: Sequence[int], *, all_logits: bool = False) -> None:
        """Read a few more tokens and have the logits of the last one, or of each. Raises as `read` does."""
        self._evaluate(tokens, outputs=len(tokens) if all_logits else 1)

    def cut(self, n_tokens: int) -> bool:
        """Take back all but the first `n_tokens`; False when the memory cannot, and then nothing has changed."""
        if not 0 <= n_tokens <= len(self.tokens):
            raise ValueError(f"there are {len(self.tokens)} tokens, not {n_tokens}")
        if n_tokens == 0:
            self.clear()
        if n_tokens == len(self.tokens):
            return True
        return self._may_cut(n_tokens) and self._cut(n_tokens)

    def clear(self) -> None:
        """Forget everything that is live."""
        self._memory.clear()
        self._checkpoints.replace(())
        self.tokens.clear()

    def wipe(self) -> None:
        """Forget everything that is live, down to the last byte: what was brought back was no good."""
        self.clear()
        self._memory.wipe()

    def checkpoint(self) -> None:
        """Make it possible to come back to where it is now, if it could not be cut to that anyway."""
        if (taken := self._take_checkpoint()) is not None:
            self._checkpoints.keep(taken)

    def switch_to(self, conversation: str | None) -> bool:
        """Put away what is live and bring `conversation` back; True when what was read of it is here.

        When it is not, the tokens of the conversation before stay until `read` has looked what both begin with. None
        (or an empty name) is the conversation that is never kept.
        """
        name = conversation or ""
        if name == self._conversation:
            return self._is_own and bool(self.tokens)
        wanted = self.kept.take(name)  # first, so that it is not what makes room for the other
        self._put_away()
        self._conversation, self._is_own = name, False
        return wanted is not None and self.adopt(wanted)

    def state(self) -> SequenceState | None:
        """Copy the memory of the conversation; None when nothing was read for it."""
        if not self._is_own or not self.tokens:
            return None
        data = self._memory.take(Extent.WHOLE)
        return SequenceState(tuple(self.tokens), data, self._checkpoints.all) if data else None

    def adopt(self, state: SequenceState) -> bool:
        """Go on from `state`; False when llama.cpp refuses it, and then there is nothing."""
        self.clear()
        self._is_own = True
        if not self._memory.put(state.data, Extent.WHOLE) or self._memory.n_tokens != len(state.tokens):
            self._memory.wipe()
            return False
        self.tokens.extend(state.tokens)
        self._checkpoints.replace(state.checkpoints)
        self._last_evaluation = 0
        return True

    def free(self) -> None:
        """Give the batch's memory back."""
        self._evaluation.free()

    def _put_away(self) -> None:
        if not self._conversation or not self._is_own or not self.tokens:
            return
        needed = self._memory.size_bytes(Extent.WHOLE) + self._checkpoints.size_bytes
        if self.kept.make_room(needed) and (state := self.state()) is not None:
            self.kept.put(self._conversation, state)

    def _reuse(self, prompt: Sequence[int]) -> int:
        """Bring the memory to a beginning of `prompt`, and tell how long that is."""
        self._is_own = True
        checkpoints = self._checkpoints.all
        plan = plan_reuse(
            self.tokens,
            prompt,
            self._plan.kind,
            oldest=self._memory.oldest,
            sliding_window=self._plan.sliding_window,
            checkpoints=[checkpoint.n_tokens for checkpoint in checkpoints],
        )
        match plan:
            case Keep(n_tokens) if n_tokens == len(self.tokens) or self._cut(n_tokens):
                pass
            case Restore(index):
                self._restore(checkpoints[index])
            case Keep() | Restart():
                self.clear()
        return len(self.tokens)

    def _may_cut(self, n_tokens: int) -> bool:
        if self._plan.kind is MemoryKind.RECURRENT:  # of the last evaluation it keeps some of the states on the way
            return len(self.tokens) - n_tokens <= min(self._memory.rollback, self._last_evaluation - 1)
        window = self._plan.sliding_window
        return may_cut(self._plan.kind, n_tokens, oldest=self._memory.oldest, sliding_window=window)

    def _cut(self, n_tokens: int) -> bool:
        if not self._memory.cut(n_tokens):
            return False
        del self.tokens[n_tokens:]
        self._checkpoints.cut(n_tokens)
        self._last_evaluation = 0
        return True

    def _restore(self, checkpoint: Checkpoint) -> None:
        """Go back to `checkpoint`, or to nothing when llama.cpp refuses it."""
        is_back = self._memory.put(checkpoint.data, Extent.UNCUTTABLE)
        if not (is_back and self._cut(checkpoint.n_tokens) and self._memory.n_tokens == checkpoint.n_tokens):
            self.clear()

    def _places(self, boundaries: Collection[int], begin: int, end: int) -> tuple[set[int], set[int]]:
        """Choose where a checkpoint is kept, and where one is taken that the next replaces."""
        if self._plan.kind is MemoryKind.DENSE:
            return set(), set()
        places = checkpoint_places(boundaries, begin, end)
        return set(places), {place_near_the_end(places, begin, end)}

    def _leave_checkpoint(self, places: Collection[int], passing: Collection[int]) -> None:
        """Take a checkpoint if here is a place for one.

        A recurrent state is taken before every slice: an interruption destroys it, and would cost all that was read.
        """
        here = len(self.tokens)
        if here in places:
            self.checkpoint()
            return
        is_wanted = here in passing or self._plan.kind is MemoryKind.RECURRENT
        if is_wanted and (taken := self._take_checkpoint()) is not None:
            self._checkpoints.keep_in_passing(taken)

    def _take_checkpoint(self) -> Checkpoint | None:
        here = len(self.tokens)
        if self._plan.kind is MemoryKind.DENSE or here == 0:
            return None
        if not self._checkpoints.is_wanted(here, self._memory.size_bytes(Extent.UNCUTTABLE)):
            return None
        data = self._memory.take(Extent.UNCUTTABLE)
        return Checkpoint(here, data) if data else None

    def _evaluate(self, tokens: Sequence[int], *, outputs: int) -> None:
        try:
            self._evaluation.run(tokens, begin=len(self.tokens), outputs=outputs)
        except (EvaluationAbortedError, EngineError):
            self._settle()
            raise
        self.tokens.extend(tokens)
        self._last_evaluation = len(tokens)

    def _settle(self) -> None:
        """Bring ledger and memory together after an evaluation that did not end well."""
        self._last_evaluation = 0
        there = self._memory.n_tokens
        if self._plan.kind is not MemoryKind.RECURRENT and there <= len(self.tokens):
            del self.tokens[there:]
            self._checkpoints.cut(there)
        elif (checkpoint := self._checkpoints.newest(len(self.tokens))) is not None:
            self._restore(checkpoint)  # a state in the middle of a slice is the state of no ledger
        else:
            self.clear()

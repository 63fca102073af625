"""What is remembered of each conversation: in the context, beside it in memory, and on the disk."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Sequence

from app.engine.engine import EngineError
from app.engine.interruption import Interruption
from app.engine.llama.memory.kv_cache import KvCache
from app.engine.llama.memory.memory_policy import common_prefix
from app.engine.llama.memory.sequence_states import SequenceState
from app.engine.llama.memory.state_files import StateFolder, Trial
from app.engine.requests import PromptRequest


def _no_proof() -> None:
    """Whatever was computed is taken as it is."""


class ConversationMemory:
    """Finds what was read of a conversation wherever it is, and reads the rest."""

    def __init__(self, cache: KvCache, states: StateFolder | None) -> None:
        """Use `cache` for what is in memory and `states` for the disk; without them nothing goes there."""
        self._cache = cache
        self._states = states
        self._live = ""
        self._may_be_kept: set[str] = set()
        self._trial: Trial | None = None

    def switch_to(self, request: PromptRequest, tokens: Sequence[int], interruption: Interruption) -> None:
        """Have what is known of the conversation of `request` at hand, whose prompt is `tokens`."""
        conversation = request.conversation
        if conversation != self._live:
            self._end_trial()
        self._live = conversation
        self._note_whether_kept(request)
        if self._cache.switch_to(conversation) or self._states is None or conversation not in self._may_be_kept:
            return
        promised = common_prefix(self._states.tokens(conversation) or (), tokens)
        if promised > common_prefix(self._cache.tokens, tokens):
            self._restore(self._states, conversation, interruption)

    def read(
        self,
        tokens: Sequence[int],
        *,
        boundaries: Collection[int] = (),
        slice_tokens: Callable[[], int] | None = None,
        proof: Callable[[], None] = _no_proof,
    ) -> Generator[int]:
        """Make `tokens` the content as `KvCache.read` does, and have `proof` look at what came of it.

        Where that fails with an `EngineError` after a state was brought back from the disk, the state is to blame: it
        is removed, and all is read anew. Then the numbers that are given begin at 0 once more. A reading that is cut
        short proves nothing: the next one may still find the state to blame.
        """
        try:
            yield from self._read(tokens, boundaries, slice_tokens, proof)
        except EngineError:
            if self._trial is None:
                raise
            self._trial.failed()
            self._trial = None
            self._cache.wipe()
            yield from self._read(tokens, boundaries, slice_tokens, proof)
        finally:
            self._trust()
        self._trial = None

    def keep(self, conversation: str, interruption: Interruption) -> None:
        """See `Engine.keep`."""
        if self._states is None or conversation not in self._may_be_kept:
            return
        if (state := self._changed_state(self._states, conversation)) is not None:
            self._states.save(conversation, state, lambda: not interruption.requested)

    def _note_whether_kept(self, request: PromptRequest) -> None:
        if request.conversation and not request.private:
            self._may_be_kept.add(request.conversation)
        else:
            self._may_be_kept.discard(request.conversation)

    def _restore(self, states: StateFolder, conversation: str, interruption: Interruption) -> None:
        restored = states.restore(conversation, lambda: not interruption.requested)
        if restored is None:
            return
        state, trial = restored
        if self._cache.adopt(state):
            self._trial = trial
        else:
            trial.failed()

    def _read(
        self,
        tokens: Sequence[int],
        boundaries: Collection[int],
        slice_tokens: Callable[[], int] | None,
        proof: Callable[[], None],
    ) -> Generator[int]:
        slices = self._cache.read(tokens, boundaries=boundaries, slice_tokens=slice_tokens)
        yield next(slices)
        for done in slices:
            self._trust()  # what has been computed with did no harm to the process
            yield done
        proof()

    def _trust(self) -> None:
        if self._trial is not None:
            self._trial.passed()

    def _end_trial(self) -> None:
        self._trust()
        self._trial = None

    def _changed_state(self, states: StateFolder, conversation: str) -> SequenceState | None:
        """Copy what is known of `conversation`, unless just that is on the disk."""
        if conversation != self._live:
            return self._cache.kept.peek(conversation)
        if states.tokens(conversation) == tuple(self._cache.tokens):
            return None
        return self._cache.state()

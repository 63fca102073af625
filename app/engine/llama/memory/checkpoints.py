"""Where a memory that cannot be cut can be taken back to."""

from __future__ import annotations

from collections.abc import Sequence

from app.engine.llama.memory.sequence_states import Checkpoint, size_bytes


class Checkpoints:
    """The checkpoints of the live sequence, oldest first, under a budget of bytes.

    The one that was taken in passing is replaced by the next of its sort; the others stay while there is room. The
    first of them stays longest: it ends the system prompt.
    """

    def __init__(self, budget_bytes: int) -> None:
        """Keep at most `budget_bytes`; none at all when that is 0."""
        self._budget_bytes = budget_bytes
        self._kept: list[Checkpoint] = []
        self._passing: Checkpoint | None = None

    @property
    def all(self) -> tuple[Checkpoint, ...]:
        """All of them, with rising numbers of tokens."""
        if self._passing is None:
            return tuple(self._kept)
        return tuple(sorted([*self._kept, self._passing], key=lambda checkpoint: checkpoint.n_tokens))

    @property
    def size_bytes(self) -> int:
        """How much memory they take."""
        return size_bytes(self.all)

    def is_wanted(self, n_tokens: int, checkpoint_bytes: int) -> bool:
        """Whether one more after `n_tokens` is new and has room."""
        is_there = any(checkpoint.n_tokens == n_tokens for checkpoint in self.all)
        return not is_there and checkpoint_bytes <= self._budget_bytes

    def keep(self, checkpoint: Checkpoint) -> None:
        """Add the newest, and let go of old ones until all have room."""
        self._kept.append(checkpoint)
        while size_bytes(self._kept) > self._budget_bytes:
            del self._kept[1 if len(self._kept) > 2 else 0]  # noqa: PLR2004 - the first and the newest are two

    def keep_in_passing(self, checkpoint: Checkpoint) -> None:
        """Add one that the next of its sort replaces."""
        self._passing = checkpoint

    def newest(self, n_tokens: int) -> Checkpoint | None:
        """The last one that was taken after at most `n_tokens`."""
        return next((checkpoint for checkpoint in reversed(self.all) if checkpoint.n_tokens <= n_tokens), None)

    def cut(self, n_tokens: int) -> None:
        """Let go of those beyond the first `n_tokens`: the sequence will go on differently."""
        self.replace([checkpoint for checkpoint in self._kept if checkpoint.n_tokens <= n_tokens], self._passing)
        if self._passing is not None and self._passing.n_tokens > n_tokens:
            self._passing = None

    def replace(self, checkpoints: Sequence[Checkpoint], passing: Checkpoint | None = None) -> None:
        """Have `checkpoints` in place of all."""
        self._kept = []
        self._passing = passing
        for checkpoint in checkpoints:
            self.keep(checkpoint)

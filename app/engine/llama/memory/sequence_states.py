"""What was once evaluated, as bytes: it can be brought back in place of reading the tokens again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

Bytes: TypeAlias = bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The layers that cannot be cut (sliding windows, recurrent states) as they were after `n_tokens` tokens."""

    n_tokens: int
    data: Bytes


@dataclass(frozen=True, slots=True)
class SequenceState:
    """The whole memory of one conversation: its tokens, what was computed of them, and where it can be cut."""

    tokens: tuple[int, ...]
    data: Bytes
    checkpoints: tuple[Checkpoint, ...] = ()

    @property
    def size_bytes(self) -> int:
        """How much memory its bytes take."""
        return len(self.data) + size_bytes(self.checkpoints)


def size_bytes(checkpoints: Sequence[Checkpoint]) -> int:
    """How much memory the bytes of `checkpoints` take."""
    return sum(len(checkpoint.data) for checkpoint in checkpoints)


class SequenceStates:
    """The states of conversations that are not live, under a budget of bytes: who was away longest goes first."""

    def __init__(self, budget_bytes: int) -> None:
        """Keep at most `budget_bytes`; nothing at all when that is 0."""
        self._budget_bytes = budget_bytes
        self._states: dict[str, SequenceState] = {}

    @property
    def size_bytes(self) -> int:
        """How much memory they take."""
        return sum(state.size_bytes for state in self._states.values())

    def make_room(self, wanted_bytes: int) -> bool:
        """Let go of old states until `wanted_bytes` have room; False when they never would."""
        if wanted_bytes > self._budget_bytes:
            return False
        while self.size_bytes + wanted_bytes > self._budget_bytes:
            del self._states[next(iter(self._states))]
        return True

    def put(self, conversation: str, state: SequenceState) -> None:
        """Keep `state`, if it has room."""
        self._states.pop(conversation, None)
        if self.make_room(state.size_bytes):
            self._states[conversation] = state

    def take(self, conversation: str) -> SequenceState | None:
        """Give the state of `conversation` away."""
        return self._states.pop(conversation, None)

    def peek(self, conversation: str) -> SequenceState | None:
        """The state of `conversation`, which stays."""
        return self._states.get(conversation)

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

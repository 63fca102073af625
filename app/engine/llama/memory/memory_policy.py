"""What of a memory can be reused for a prompt: decided from figures alone, without touching it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from app.engine.llama.loading.model import MemoryKind

_NEAR: Final = 32
"""Reading so many tokens again takes about as long as reading one: a checkpoint that near serves as well."""


@dataclass(frozen=True, slots=True)
class Keep:
    """Cut the memory to its first `n_tokens`, or go on when these are all."""

    n_tokens: int


@dataclass(frozen=True, slots=True)
class Restore:
    """Bring the checkpoint at `index` back, which was taken after `n_tokens`, and go on there."""

    index: int
    n_tokens: int


@dataclass(frozen=True, slots=True)
class Restart:
    """Forget everything: nothing can be reused."""


ReusePlan: TypeAlias = Keep | Restore | Restart


def common_prefix(first: Sequence[int], second: Sequence[int]) -> int:
    """How many tokens both begin with."""
    length = min(len(first), len(second))
    if list(first[:length]) == list(second[:length]):
        return length
    return next(i for i in range(length) if first[i] != second[i])


def may_cut(kind: MemoryKind, n_tokens: int, *, oldest: int, sliding_window: int) -> bool:
    """Whether the first `n_tokens` can be kept without the rest, when `oldest` is the smallest position there is.

    A sliding window has let go of what lay before it: after a cut its layers must still find the window's tokens
    before the cut. llama.cpp cuts it without a word and computes something else. A recurrent state only goes on.
    """
    match kind:
        case MemoryKind.DENSE:
            return True
        case MemoryKind.SLIDING:
            return oldest <= max(0, n_tokens - sliding_window)
        case MemoryKind.RECURRENT:
            return False


def plan_reuse(
    known: Sequence[int],
    prompt: Sequence[int],
    kind: MemoryKind,
    *,
    oldest: int,
    sliding_window: int,
    checkpoints: Sequence[int] = (),
) -> ReusePlan:
    """Choose what makes a memory of `known` the longest beginning of `prompt`; never all of it.

    The last token's logits are wanted, so it is read in any case. `checkpoints` are the numbers of tokens after which
    one was taken, in rising order.
    """
    common = min(common_prefix(known, prompt), len(prompt) - 1)
    if common <= 0:
        return Restart()
    if common == len(known) or may_cut(kind, common, oldest=oldest, sliding_window=sliding_window):
        return Keep(common)
    usable = [i for i, n_tokens in enumerate(checkpoints) if 0 < n_tokens <= common]
    return Restore(usable[-1], checkpoints[usable[-1]]) if usable else Restart()


def checkpoint_places(boundaries: Collection[int], begin: int, end: int) -> tuple[int, ...]:
    """Where a checkpoint is worth its bytes while the tokens from `begin` to `end` of a prompt are read.

    After the first boundary, which ends the system prompt that other conversations share, and at the last two: where
    the last user message begins (it may be edited) and where its reply begins (it may be written anew, and some chat
    templates rewrite it in the next turn).
    """
    ahead = sorted({boundary for boundary in boundaries if boundary > 0 and begin <= boundary < end})
    return tuple(sorted({*ahead[:1], *ahead[-2:]}))


def place_near_the_end(places: Sequence[int], begin: int, end: int) -> int:
    """Where to leave a checkpoint for the case that a prompt is read twice: at one of `places`, if that will do."""
    newest = max(places, default=begin)
    return newest if end - newest <= _NEAR else end - 1


def slice_end(begin: int, end: int, size: int, stops: Collection[int]) -> int:
    """Where the slice that begins at `begin` ends: after `size` tokens, at the next of `stops`, or at the `end`."""
    return min(begin + size, end, *(stop for stop in stops if stop > begin))

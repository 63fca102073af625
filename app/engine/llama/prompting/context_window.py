"""Which messages fit in the context window. Nothing here knows a model: it is a matter of messages and numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from app.conversation import Role
from app.engine.engine import EngineError
from app.engine.events import PromptNote, TokenSpan
from app.engine.requests import PromptMessage
from app.errors import Fault

_LARGEST_RESERVE: Final = 1024
_FREED_PART: Final = 8
"""When turns must fall out, an eighth of the window is freed at once: each time the prompt's beginning changes, all of
it must be read anew, and that should not be at every turn."""


@dataclass(frozen=True, slots=True)
class FittedPrompt:
    """What fits, as text and tokens. `left_out` are the indices of the messages of which it says nothing.

    `spans` tell where each message's words lie; `boundaries` are the token positions at which a user's turn begins, and
    where the reply does: up to there a later prompt is likely to be the same. `summary_tokens` say what stands for what
    was left out.
    """

    text: str
    tokens: tuple[int, ...]
    left_out: tuple[int, ...] = ()
    spans: tuple[TokenSpan, ...] = ()
    boundaries: tuple[int, ...] = ()
    notes: tuple[PromptNote, ...] = ()
    summary_tokens: int = 0


class NothingToAnswerError(EngineError):
    """A conversation without a message cannot be answered."""

    fault = Fault.USER


@dataclass(frozen=True, slots=True)
class Window:
    """A context window of `n_ctx` tokens, of which `reserve` are kept free for the reply."""

    n_ctx: int
    reserve: int

    @property
    def room(self) -> int:
        """How many tokens a prompt may have."""
        return self.n_ctx - self.reserve

    @property
    def freed_room(self) -> int:
        """How many tokens a prompt may have after turns fell out."""
        return self.room - self.n_ctx // _FREED_PART


def reserve_for_reply(n_ctx: int, max_tokens: int | None) -> int:
    """How many tokens to keep free for the reply: a quarter of the window, 1024 at most, no more than it may have."""
    return max(1, min(n_ctx // 4, _LARGEST_RESERVE, max_tokens or _LARGEST_RESERVE))


def messages_that_fit(
    messages: Sequence[PromptMessage],
    window: Window,
    count: Callable[[Sequence[int]], int],
    costs: Callable[[], Sequence[int]],
    summary_cost: Callable[[], int] = lambda: 0,
) -> tuple[int, ...]:
    """Choose the messages that stay, as indices: the oldest whole turns fall out until prompt and reserve fit.

    System messages and pinned ones stay, and the last turn: it may use the reserve too, and is there even when it does
    not fit. `count` gives the tokens of the prompt of some messages; `costs` how many each message adds to it, and
    `summary_cost` what stands for those that fell out: both are asked only when something must.
    Raises `NothingToAnswerError` when there is no turn.
    """
    turns = _turns(messages)
    if not turns:
        raise NothingToAnswerError("There is no message to answer.")
    everything = tuple(range(len(messages)))
    size = count(everything)
    if size <= window.room or len(turns) == 1:
        return everything

    def kept(fallen: int) -> tuple[int, ...]:
        out = {index for turn in turns[:fallen] for index in turn if not messages[index].pinned}
        return tuple(index for index in everything if index not in out)

    fallen = max(1, _fallen_turns(messages, turns, window, size, costs(), summary_cost()))
    return kept(_fewest(fallen, len(turns) - 1, lambda number: count(kept(number)) <= window.room))


def _turns(messages: Sequence[PromptMessage]) -> list[list[int]]:
    """Part a conversation into turns, as indices; each but the first begins with the user. The system has none."""
    turns: list[list[int]] = []
    for index, message in enumerate(messages):
        if message.role is Role.SYSTEM:
            continue
        if message.role is Role.USER or not turns:
            turns.append([])
        turns[-1].append(index)
    return turns


def _fallen_turns(
    messages: Sequence[PromptMessage],
    turns: Sequence[Sequence[int]],
    window: Window,
    size: int,
    costs: Sequence[int],
    summary_cost: int,
) -> int:
    """Go through the conversation as it came about, and tell how many turns had to fall out by now.

    This makes the number a matter of the messages alone, and yet the same for several turns in a row. What stands for
    the fallen ones is counted with the first of them.
    """
    tokens = size - sum(costs[index] for turn in turns for index in turn)
    fallen = 0
    for turn in turns:
        asked = [index for index in turn if messages[index].role is Role.USER or turn is turns[-1]]
        tokens += sum(costs[index] for index in asked)
        if tokens + (summary_cost if fallen else 0) > window.room:
            while turns[fallen] is not turn and tokens + summary_cost > window.freed_room:
                tokens -= sum(costs[index] for index in turns[fallen] if not messages[index].pinned)
                fallen += 1
        tokens += sum(costs[index] for index in turn if index not in asked)
    return fallen


def _fewest(low: int, high: int, fits: Callable[[int], bool]) -> int:
    """Find the smallest number from `low` to `high` that fits, or `high`: a larger one fits when a smaller does."""
    if fits(low):
        return low
    low += 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle + 1, high)
    return min(low, high)

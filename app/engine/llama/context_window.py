"""Which messages fit in the context window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from app.conversation import Role
from app.engine.engine import EngineError, PromptTooLongError
from app.engine.events import PromptNote, TokenSpan
from app.engine.requests import PromptMessage
from app.errors import Fault

_LARGEST_RESERVE: Final = 1024


@dataclass(frozen=True, slots=True)
class FittedPrompt:
    """What fits, as text and tokens. `left_out` are the indices of the messages that fell out.

    `spans` tell where each message's words lie; `boundaries` are the token positions at which a user's turn begins, and
    where the reply does: up to there a later prompt is likely to be the same.
    """

    text: str
    tokens: tuple[int, ...]
    left_out: tuple[int, ...] = ()
    spans: tuple[TokenSpan, ...] = ()
    boundaries: tuple[int, ...] = ()
    notes: tuple[PromptNote, ...] = ()


class NothingToAnswerError(EngineError):
    """A conversation without a message cannot be answered."""

    fault = Fault.USER


def reserve_for_reply(n_ctx: int, max_tokens: int | None) -> int:
    """How many tokens to keep free for the reply: a quarter of the window, 1024 at most, no more than it may have."""
    return max(1, min(n_ctx // 4, _LARGEST_RESERVE, max_tokens or _LARGEST_RESERVE))


def fit_messages(
    messages: Sequence[PromptMessage],
    tokens_of: Callable[[tuple[PromptMessage, ...]], Sequence[int]],
    *,
    n_ctx: int,
    reserve: int,
) -> FittedPrompt:
    """Drop the oldest whole turns until prompt and `reserve` fit in `n_ctx`. The system message always stays.

    The last turn stays too, and may use the reserve up to one token. `tokens_of` gives the prompt of some messages.
    Raises `PromptTooLongError` when the last turn does not fit, `NothingToAnswerError` when there is none.
    """
    system, turns = _split(messages)
    if not turns:
        raise NothingToAnswerError("There is no message to answer.")

    def prompt(dropped: int) -> Sequence[int]:
        return tokens_of(system + tuple(message for turn in turns[dropped:] for message in turn))

    tokens = prompt(0)
    if len(tokens) + reserve <= n_ctx:
        return FittedPrompt("", tuple(tokens))
    dropped = _fewest_dropped(len(turns), lambda count: len(prompt(count)) + reserve <= n_ctx)
    if dropped:
        tokens = prompt(dropped)
    if len(tokens) >= n_ctx:
        raise _too_long(len(tokens), n_ctx)
    fallen = sum(len(turn) for turn in turns[:dropped])
    return FittedPrompt("", tuple(tokens), tuple(range(len(system), len(system) + fallen)))


def _split(messages: Sequence[PromptMessage]) -> tuple[tuple[PromptMessage, ...], list[list[PromptMessage]]]:
    """Part the system messages at the beginning from the turns; each turn but the first begins with the user."""
    first = next((i for i, message in enumerate(messages) if message.role is not Role.SYSTEM), len(messages))
    turns: list[list[PromptMessage]] = []
    for message in messages[first:]:
        if message.role is Role.USER or not turns:
            turns.append([])
        turns[-1].append(message)
    return tuple(messages[:first]), turns


def _fewest_dropped(turns: int, fits: Callable[[int], bool]) -> int:
    """Find the fewest turns to drop, from 1 to all but the last: a prompt only becomes shorter by dropping more."""
    low, high = 1, turns - 1
    if high < 1:
        return 0
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle + 1, high)
    return low


def _too_long(tokens: int, n_ctx: int) -> PromptTooLongError:
    return PromptTooLongError(
        "Your message is {tokens} tokens long; the context window holds {n_ctx}.",
        next_step="Send a shorter message, or choose a larger context window in the settings.",
        tokens=f"{tokens:,}",
        n_ctx=f"{n_ctx:,}",
    )

"""What a model thinks before it answers, told apart by the engine or by tags in what it wrote; and for how long."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from app.conversation import Generation
from app.translation import tr, trn
from app.ui.transcript.reasoning import Reasoning

_A_MINUTE_S: Final = 60
_SAID_IN_MINUTES: Final = 2 * _A_MINUTE_S


class Thinking:
    """Takes a reply as it comes. Only what was watched from its first word is measured."""

    def __init__(self, clock: Callable[[], float], told: str = "") -> None:
        """`told` is what the engine told apart so far; `clock` counts seconds."""
        self._clock = clock
        self._told = told
        self._tagged = Reasoning()
        self._is_told_now = bool(told)
        self._began_at: float | None = None
        self._measured_s = 0.0

    @property
    def thoughts(self) -> str:
        """All that was thought so far."""
        return "\n\n".join(part for part in (self._told.strip(), self._tagged.thoughts.strip()) if part)

    @property
    def is_open(self) -> bool:
        """Whether thoughts came last, and not words of the answer."""
        return self._is_told_now or self._tagged.is_open

    def take_thoughts(self, text: str) -> None:
        """Take what the engine told apart."""
        is_first = not self._told
        self._told += text
        self._is_told_now = True
        self._measure(is_first=is_first)

    def take_words(self, piece: str) -> str:
        """Take the next words of the reply; give those that belong to the answer."""
        is_first = not self._tagged.thoughts
        answer = self._tagged.feed(piece)
        self._is_told_now = self._is_told_now and not piece
        self._measure(is_first=is_first)
        return answer

    def finish(self) -> str:
        """No more words come; give what was held back for the answer."""
        answer = self._tagged.finish()
        self._is_told_now = self._tagged.is_open = False
        self._measure(is_first=False)
        return answer

    def words(self, generations: Iterable[Generation]) -> str:
        """Say that the model thinks or has thought, and for how long; "" when it did not."""
        if self.is_open:
            running_s = self._measured_s if self._began_at is None else self._clock() - self._began_at
            return _thinking_for(round(running_s))
        if not self.thoughts:
            return ""
        return _thought_for(round(self._measured_s or sum(map(_share_of_thinking_s, generations))))

    def _measure(self, *, is_first: bool) -> None:
        if self.is_open and self._began_at is None and is_first:
            self._began_at = self._clock() - self._measured_s
        elif not self.is_open and self._began_at is not None:
            self._measured_s = self._clock() - self._began_at
            self._began_at = None


def _share_of_thinking_s(generation: Generation) -> float:
    """About how long the model thought: its tokens come at an even pace."""
    receipt = generation.receipt
    if receipt is None or not receipt.tokens_out:
        return 0.0
    return receipt.timings.get("generation", 0.0) * min(1.0, generation.reasoning_tokens / receipt.tokens_out)


def _thinking_for(seconds: int) -> str:
    if seconds >= _SAID_IN_MINUTES:
        return trn("Thinking for {count} minute", "Thinking for {count} minutes", seconds // _A_MINUTE_S)
    return trn("Thinking for {count} second", "Thinking for {count} seconds", seconds) if seconds else tr("Thinking")


def _thought_for(seconds: int) -> str:
    if seconds >= _SAID_IN_MINUTES:
        return trn("Thought for {count} minute", "Thought for {count} minutes", seconds // _A_MINUTE_S)
    return trn("Thought for {count} second", "Thought for {count} seconds", seconds) if seconds else tr("Thoughts")

"""Guesses how a text goes on by what followed the last time that it said the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.engine.llama.speed.guessing_gain import Chance

_LONG, _SHORT = 3, 2
_LENGTHS: Final = ((9, (4.0, 5.0)), (5, (2.0, 3.0)), (3, (1.0, 2.0)), (0, (1.0, 3.0)))
"""From how many tokens on that were the same, what is expected: right ones of so many."""


class PromptLookup:
    """An index over a text that grows. A token takes the same time wherever it comes."""

    def __init__(self) -> None:
        """Begin with an empty text."""
        self.tokens: list[int] = []
        self._after: dict[tuple[int, ...], int] = {}
        """Where in the text that lies which followed these tokens the last time."""
        self._source = 0
        """Where the token lies that is expected next, if `same` says that there is one."""
        self.same = 0
        """How many tokens before it are known to be the same as the text's last ones; 0 when nothing is expected."""

    def extend(self, tokens: Sequence[int]) -> None:
        """Let the text go on with many tokens, of which nothing is expected on the way."""
        for token in tokens:
            self._remember(token)
        self._look_up()

    def append(self, token: int) -> None:
        """Let the text go on with `token`."""
        went_on = token == self.expected
        self._remember(token)
        if went_on:
            self._source += 1
            self.same += 1
        else:
            self._look_up()

    @property
    def expected(self) -> int | None:
        """The token that is expected next, or None."""
        return self.tokens[self._source] if self.same else None

    def ahead(self, most: int) -> tuple[int, ...]:
        """Give what is expected: at most so many tokens."""
        return tuple(self.tokens[self._source : self._source + most]) if self.same else ()

    def _remember(self, token: int) -> None:
        """Note what followed the last tokens; only then is the new one among them."""
        tokens = self.tokens
        place = len(tokens)
        if place >= _SHORT:
            self._after[tokens[-2], tokens[-1]] = place
        if place >= _LONG:
            self._after[tokens[-3], tokens[-2], tokens[-1]] = place
        tokens.append(token)

    def _look_up(self) -> None:
        for length in (_LONG, _SHORT):
            place = self._after.get(tuple(self.tokens[-length:]))
            if place is not None:
                self._source, self.same = place, length
                return
        self.same = 0


class LookupChances:
    """How often what was expected came, by how much was the same before it. It is learned whether guessed or not."""

    def __init__(self) -> None:
        """Expect little after few tokens."""
        self._chances = [(least, Chance(*expectation)) for least, expectation in _LENGTHS]

    def saw(self, same: int, *, was_right: bool) -> None:
        """Learn whether the token came that was expected after `same` equal ones."""
        self._of(same).saw(was_right=was_right)

    def ahead(self, same: int, count: int) -> list[float]:
        """Give the chance of each of `count` tokens to come when all before it have."""
        return [self._of(same + i).value for i in range(count)]

    def _of(self, same: int) -> Chance:
        return next(chance for least, chance in self._chances if same >= least)

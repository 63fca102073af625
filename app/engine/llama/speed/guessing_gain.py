"""Whether guessing pays: pure figures of how often guesses were right and how long evaluations took."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

_SINGLE_ROWS: Final = 5
"""Of how many evaluations of one row the middle one counts: something else may have held up the others."""
_LEAST_KNOWN: Final = 3
_CHEAP_ROW: Final = 0.1
"""What a further row is taken to cost, as a part of the first, until it was measured: so little that it is."""
_DISCOUNT: Final = 0.7
"""How much less than those that were measured the rows beyond them are taken to cost: so that they are tried."""
_LEARNING: Final = 0.25
_FADING: Final = 1 / 500
"""How fast what was measured gives way to hope while nothing is: after some hundred tokens it is worth another look."""
_MEMORY: Final = 100
_WORTHWHILE: Final = 1.05
"""How many times faster it must be than not guessing."""
_SHARE: Final = 0.01
"""Which share of the time may be lost to trying what did not pay."""


@dataclass(slots=True)
class Chance:
    """How often guesses of one sort were right, of the last hundred or so. What it begins with is an expectation."""

    right: float
    seen: float

    @property
    def value(self) -> float:
        """Between 0 and 1."""
        return self.right / self.seen

    def saw(self, *, was_right: bool) -> None:
        """Learn of one more."""
        if self.seen >= _MEMORY:
            self.right *= 1 - 1 / _MEMORY
            self.seen *= 1 - 1 / _MEMORY
        self.right += was_right
        self.seen += 1


class EvaluationTimes:
    """What it takes here to evaluate a few rows at once, learned while it goes on.

    There is no formula: a further row costs a tenth of the first where memory is slow, and as much as the first where
    computing is, and some numbers of rows suit the processor better than their neighbours.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self._single: deque[float] = deque(maxlen=_SINGLE_ROWS)
        self._several: dict[int, float] = {}

    def took(self, rows: int, seconds: float) -> None:
        """Learn what an evaluation took."""
        if rows == 1:
            self._single.append(seconds)
            self._fade()
            return
        if self.is_known:  # more than one by one is a disturbance
            seconds = min(max(seconds, self.single_s), self.single_s * rows)
        known = self._several.get(rows, seconds)
        self._several[rows] = known + (seconds - known) * _LEARNING

    @property
    def is_known(self) -> bool:
        """Whether enough has been measured to compare with."""
        return len(self._single) >= _LEAST_KNOWN

    @property
    def single_s(self) -> float:
        """What one row takes."""
        return median(self._single) if self._single else 0.0

    def of(self, rows: int) -> float:
        """What so many rows are expected to take, in seconds."""
        if (known := self._several.get(rows)) is not None:
            return known
        fewer = max((count for count in self._several if count < rows), default=1)
        more = min((count for count in self._several if count > rows), default=0)
        base = self._several.get(fewer, self.single_s)
        if more:
            return base + (self._several[more] - base) * (rows - fewer) / (more - fewer)
        each = (base - self.single_s) / (fewer - 1) * _DISCOUNT if fewer > 1 else self.single_s * _CHEAP_ROW
        return base + each * (rows - fewer)

    def _fade(self) -> None:
        for rows, seconds in self._several.items():
            hope = self.single_s * (1 + _CHEAP_ROW * (rows - 1))
            self._several[rows] = seconds + (hope - seconds) * _FADING


@dataclass(frozen=True, slots=True)
class Bet:
    """So many guesses, which make the reply so many times as fast as none are expected to."""

    count: int = 0
    gain: float = 1.0

    @property
    def pays(self) -> bool:
        """Whether it is worth it."""
        return self.count > 0 and self.gain >= _WORTHWHILE


def best_bet(times: EvaluationTimes, chances: Sequence[float], first_s: float = 0.0, each_s: float = 0.0) -> Bet:
    """Choose how many guesses to have evaluated; `chances` are of each being right when all before it are.

    Guessing itself takes `first_s`, and `each_s` for each guess.
    """
    best = Bet()
    if not times.is_known:
        return best
    tokens, all_right = 1.0, 1.0
    for count, chance in enumerate(chances, 1):
        all_right *= chance
        tokens += all_right
        seconds = times.of(count + 1) + first_s + each_s * count
        gain = tokens * times.single_s / seconds
        if gain > best.gain:
            best = Bet(count, gain)
    return best


class Purse:
    """The time that may be lost to trying again what did not pay: a hundredth of all time that was spent otherwise."""

    def __init__(self) -> None:
        """Have nothing."""
        self._left_s = 0.0

    def earn(self, seconds: float) -> None:
        """So much time was spent without trying."""
        self._left_s += seconds * _SHARE

    def can_pay(self, seconds: float) -> bool:
        """Whether so much may be lost."""
        return self._left_s >= seconds

    def pay(self, seconds: float) -> None:
        """So much was lost, or less than nothing."""
        self._left_s -= max(0.0, seconds)

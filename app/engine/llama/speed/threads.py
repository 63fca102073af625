"""How many threads an evaluation runs with, found out by how long the ones before it took.

Threads of OpenMP wait for each other after every layer, so one that another program holds up holds up all of them:
beside busy neighbours fewer threads may be several times faster than all. What is fastest changes while a reply is
written, and only trying tells.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto
from statistics import median
from typing import Final

_WINDOW: Final = 5
"""Of how many evaluations the present pace is the mean; the slowest of them is left out."""
_LATEST: Final = 3
"""Of how many the pace after a sudden change is the median: the mean lags behind."""
_SLOWER: Final = 1.3
_FASTER: Final = 0.75
"""From which change of the pace on other numbers may be better than before."""
_MUCH_SLOWER: Final = 3.0
_LONGEST_REST: Final = 40
"""After how many evaluations at most a change is looked at again, where the pace changes all the time."""
_BETTER: Final = 0.93
"""How much less time another number must take to be chosen: what differs less is noise."""
_CLEARLY_BETTER: Final = 0.7
_PATIENCE: Final = (1.3, 1.15, 1.08, 1.03, _BETTER)
"""How much more time than the present number one that is tried may have taken after one evaluation, two, ..."""
_MEMORY: Final = 1 / 16
_SHARE: Final = 0.01
"""Which share of the time may be lost to trying when nothing seems to have changed."""
_LEAST_CHARGE: Final = 0.2
_MOST_CHARGE: Final = 3.0
"""How many evaluations' time a trial is charged with: never so little that trials follow one another without end, never
so much that the next one is put off for minutes."""
_SECOND_LOOK: Final = 0.3
"""What is left to be earned after a change until the next trial: what caused it may have been short."""


@dataclass(slots=True)
class _Trial:
    """Another number of threads, in use for a few evaluations. `usual` is what a token took before, in seconds."""

    threads: int
    usual: float
    paces: list[float] = field(default_factory=list[float])

    @property
    def pace(self) -> float:
        return _mean_without_slowest(self.paces)

    @property
    def has_failed(self) -> bool:
        return self.pace > self.usual * _PATIENCE[len(self.paces) - 1]

    @property
    def has_won(self) -> bool:
        return len(self.paces) == len(_PATIENCE) or (len(self.paces) > 1 and self.pace < self.usual * _CLEARLY_BETTER)

    @property
    def lost(self) -> float:
        """How much time it cost, in evaluations as they were before."""
        return max(0.0, sum(self.paces) / self.usual - len(self.paces))


class _Change(Enum):
    """What has become of the pace."""

    NONE = auto()
    FIRST_KNOWN = auto()
    SLOWER = auto()
    FASTER = auto()


class _Watch:
    """Knows the pace of the settled number of threads, and notices when it changes."""

    def __init__(self) -> None:
        self._recent: deque[float] = deque(maxlen=_WINDOW)
        self._usual = 0.0
        self._rest = _WINDOW
        self._rested = 0

    @property
    def is_sure(self) -> bool:
        return len(self._recent) >= _LATEST

    @property
    def now(self) -> float:
        return _mean_without_slowest(self._recent)

    @property
    def latest(self) -> float:
        return median(list(self._recent)[-_LATEST:])

    def add(self, pace: float) -> _Change:
        self._recent.append(pace)
        self._rested += 1
        if not self.is_sure:
            return _Change.NONE
        now = self.now
        if not self._usual:
            self._usual = now
            return _Change.FIRST_KNOWN
        ratio = now / self._usual
        if ratio > _MUCH_SLOWER or (self._rested >= self._rest and not _FASTER < ratio < _SLOWER):
            self._notice()
            return _Change.SLOWER if ratio > 1 else _Change.FASTER
        self._usual += (now - self._usual) * _MEMORY
        return _Change.NONE

    def start_anew(self, paces: list[float]) -> None:
        """Watch another number, of which these are known."""
        self._recent.clear()
        self._recent.extend(paces)
        self._usual = _mean_without_slowest(paces)
        self._rest, self._rested = _WINDOW, 0

    def rest(self) -> None:
        """Look at no change for a while, unless it is a large one: trying was very dear."""
        self._rest, self._rested = _LONGEST_REST, 0

    def _notice(self) -> None:
        """Take the change for what is usual now, and rest: longer each time, where changes come one after another."""
        self._usual = self.latest
        self._rest = _WINDOW if self._rested > _LONGEST_REST else min(2 * self._rest, _LONGEST_REST)
        self._rested = 0


class ThreadController:
    """Looks for the fastest number of threads for one kind of evaluation, while it goes on.

    It begins with all. It tries others when the pace changes, and now and then without a reason; a number that is
    clearly slower is given up after one evaluation. It knows no clock: it is told what each evaluation took.
    """

    def __init__(self, most: int, *, grace: float = 0.0) -> None:
        """Use 1 to `most` threads. The first trial without a reason comes when `grace` evaluations' time may be lost.

        Where one evaluation is long, as with the slices of a prompt, trying is dear: there `grace` puts it off.
        """
        self._most = most
        self._settled = most
        self._trial: _Trial | None = None
        self._watch = _Watch()
        self._allowance = -grace
        self._waiting: list[int] = []
        """What is still to be tried since the pace changed."""
        self._tried: set[int] = set()
        self._turn = 0

    @property
    def threads(self) -> int:
        """How many the next evaluation should use."""
        return self._trial.threads if self._trial is not None else self._settled

    def took(self, seconds: float, n_tokens: int = 1) -> None:
        """Learn how long the last evaluation took, which used as many as `threads` says."""
        if self._most == 1:
            return
        pace = seconds / n_tokens
        if self._trial is None:
            self._go_on(pace)
        else:
            self._judge(self._trial, pace)

    def _go_on(self, pace: float) -> None:
        """Stay with the settled number, unless there is a reason to try others, or it is time to."""
        self._allowance = min(self._allowance + _SHARE, _SHARE)
        match self._watch.add(pace):
            case _Change.FIRST_KNOWN if self._allowance >= 0:
                self._search(self._fewer())
            case _Change.SLOWER:
                self._search(self._fewer())
            case _Change.FASTER:
                self._search(self._around()[::-1])
            case _:
                pass
        if self._watch.is_sure:
            self._try_next()

    def _search(self, threads: list[int]) -> None:
        self._tried = {self._settled}
        self._waiting = threads

    def _try_next(self) -> None:
        if self._waiting:
            self._begin(self._waiting.pop(0), self._watch.latest)
        elif self._allowance >= 0:
            around = self._around()
            self._turn += 1
            self._tried = {self._settled}
            self._begin(around[self._turn % len(around)], self._watch.now)

    def _begin(self, threads: int, usual: float) -> None:
        self._tried.add(threads)
        self._trial = _Trial(threads, usual)

    def _judge(self, trial: _Trial, pace: float) -> None:
        """Go on with what is tried, give it up, or settle for it."""
        trial.paces.append(pace)
        if trial.has_failed:
            self._trial = None
            charge = min(max(trial.lost, _LEAST_CHARGE), _MOST_CHARGE)
            self._allowance = max(self._allowance - charge, -_MOST_CHARGE)
            if charge == _MOST_CHARGE:
                self._watch.rest()
        elif trial.has_won:
            self._trial = None
            self._settled = trial.threads
            self._allowance = -_SECOND_LOOK
            self._watch.start_anew(trial.paces)
            self._waiting = [threads for threads in self._around() if threads not in self._tried]

    def _around(self) -> list[int]:
        """What may be better than the settled number, from the fewest on: a little less or more, half, twice."""
        settled, step = self._settled, max(1, self._settled // 8)
        around = {settled // 2, settled - step, settled + step, settled * 2}
        return sorted({min(max(threads, 1), self._most) for threads in around} - {settled})

    def _fewer(self) -> list[int]:
        """What may be better when somebody else wants the cores: half, half of that, down to one, then what is near."""
        halves = [self._settled >> i for i in range(1, self._settled.bit_length())]
        return halves + [threads for threads in self._around() if threads not in halves]


def _mean_without_slowest(paces: deque[float] | list[float]) -> float:
    """The mean; of four or more without the slowest, which something else may have held up."""
    if len(paces) < _WINDOW - 1:
        return sum(paces) / len(paces)
    return (sum(paces) - max(paces)) / (len(paces) - 1)

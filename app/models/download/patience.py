"""Whether a failure is worth another try, and when."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Final, TypeVar

from app.errors import PaddockError
from app.models.download.clock import Clock
from app.models.download.errors import LinkRefusedError, TryAgainError
from app.models.download.stop import StoppedError
from app.models.hub_errors import HubTroubleError, RateLimitedError
from app.network.errors import (
    ConnectionDroppedError,
    NoConnectionError,
    TimedOutError,
    UnknownHostError,
    UnreadableAnswerError,
)

MOST_TRIES: Final = 8
"""In a row, without anything of the file coming: two minutes or more."""
_MOST_NEW_LINKS: Final = 2
_LONGEST_WAIT_S: Final = 60.0
_LONGEST_ASKED_WAIT_S: Final = 600.0
_PASSING: Final = (
    TryAgainError,
    HubTroubleError,
    ConnectionDroppedError,
    NoConnectionError,
    TimedOutError,
    UnknownHostError,
    UnreadableAnswerError,
)
"""What a tunnel, a sleep, or a server that restarts brings about. The rest of the network's errors stay."""


T = TypeVar("T")


class Patience:
    """What one connection has left of it. `tell` hears that it waits, of what error, and for how many seconds."""

    def __init__(
        self,
        clock: Clock,
        tell: Callable[[PaddockError, float], None],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._clock = clock
        self._tell = tell
        self._chance = chance
        self._tries = 0

    def wait_or_raise(self, error: PaddockError, *, has_progressed: bool, stopped: threading.Event) -> None:
        """Come back when it is time to try again after `error`; raise it if that is no use."""
        self._tries = 1 if has_progressed else self._tries + 1
        if not self._is_worth_it(error):
            raise error
        wait_s = self._wait_s(error)
        if wait_s >= 1:
            self._tell(error, wait_s)
        self._clock.wait(wait_s, stopped)

    def insist(self, ask: Callable[[], T], stopped: threading.Event) -> T:
        """Give what `ask` gives, as soon as it does. Raises what is no use to try again, and `StoppedError`."""
        while True:
            try:
                return ask()
            except PaddockError as error:
                self.wait_or_raise(error, has_progressed=False, stopped=stopped)
                if stopped.is_set():
                    raise StoppedError from error

    def _is_worth_it(self, error: PaddockError) -> bool:
        if isinstance(error, LinkRefusedError):
            return self._tries <= _MOST_NEW_LINKS
        if _asked_wait_s(error) > _LONGEST_ASKED_WAIT_S:
            return False
        return isinstance(error, _PASSING) and self._tries < MOST_TRIES

    def _wait_s(self, error: PaddockError) -> float:
        """Twice as long each time, and by chance a little less: all who were cut off at once do not come at once."""
        if isinstance(error, LinkRefusedError) and self._tries == 1:
            return 0.0
        return _asked_wait_s(error) + min(_LONGEST_WAIT_S, 0.5 * 2**self._tries) * (0.5 + self._chance() / 2)


def _asked_wait_s(error: PaddockError) -> float:
    """How long whoever said no wants to be left alone."""
    if isinstance(error, TryAgainError):
        return error.wait_s
    return float(error.retry_after_s or 0) if isinstance(error, RateLimitedError) else 0.0

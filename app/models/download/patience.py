"""Whether a failure is worth another try, and when."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Final

from app.errors import PaddockError
from app.models.download.clock import Clock
from app.models.download.errors import LinkRefusedError, TryAgainError
from app.network.errors import (
    ConnectionDroppedError,
    NetworkError,
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
    ConnectionDroppedError,
    NoConnectionError,
    TimedOutError,
    UnknownHostError,
    UnreadableAnswerError,
)
"""What a tunnel, a sleep, or a server that restarts brings about. The rest of the network's errors stay."""


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

    def _is_worth_it(self, error: PaddockError) -> bool:
        if isinstance(error, LinkRefusedError):
            return self._tries <= _MOST_NEW_LINKS
        if isinstance(error, TryAgainError):
            return self._tries < MOST_TRIES and error.wait_s <= _LONGEST_ASKED_WAIT_S
        return isinstance(error, NetworkError) and isinstance(error, _PASSING) and self._tries < MOST_TRIES

    def _wait_s(self, error: PaddockError) -> float:
        """Twice as long each time, and by chance a little less: all who were cut off at once do not come at once."""
        if isinstance(error, LinkRefusedError) and self._tries == 1:
            return 0.0
        asked = error.wait_s if isinstance(error, TryAgainError) else 0.0
        own = min(_LONGEST_WAIT_S, 0.5 * 2**self._tries)
        return max(asked, 0.0) + own * (0.5 + self._chance() / 2) if asked else own * (0.5 + self._chance() / 2)

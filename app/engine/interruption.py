"""How one thread asks another to end a load or a generation."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Interruption:
    """Asks one load or one generation to end. Made by whoever starts it; may be requested from any thread, any time.

    A request that comes before the work has begun is not lost: the work then ends at once.
    """

    def __init__(self) -> None:
        """Begin without a request."""
        self._lock = threading.Lock()
        self._requested = False
        self._actions: list[Callable[[], None]] = []

    @property
    def requested(self) -> bool:
        """Whether somebody asked."""
        return self._requested

    def request(self) -> None:
        """Ask. The second time has no effect."""
        with self._lock:
            if self._requested:
                return
            self._requested = True
            actions, self._actions = self._actions, []
        for action in actions:
            action()

    def when_requested(self, action: Callable[[], None]) -> None:
        """Call `action` once when somebody asks, on their thread; at once, on this one, when they already have.

        `action` must be quick, and harmless after the work has ended.
        """
        with self._lock:
            if not self._requested:
                self._actions.append(action)
                return
        action()

"""What all downloads together may take of the connection."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from app.models.download.clock import Clock

_BURST_S: Final = 0.25
_LOOK_AGAIN_S: Final = 0.25


class SpeedLimit:
    """Lets `bytes_per_s()` pass, 0 for all that comes. It is asked again and again: a change is felt at once."""

    def __init__(self, bytes_per_s: Callable[[], float], clock: Clock) -> None:
        self._bytes_per_s = bytes_per_s
        self._clock = clock
        self._lock = threading.Lock()
        self._rate = 0.0
        self._free_at = 0.0

    def take(self, size_bytes: int, stopped: threading.Event) -> float:
        """Wait until `size_bytes` may pass, or `stopped` is set; give how many seconds that took."""
        began = self._clock.now()
        free_at = self._reserve(size_bytes)
        while (left := free_at - self._clock.now()) > 0 and not stopped.is_set():
            self._clock.wait(min(left, _LOOK_AGAIN_S), stopped)
            if self._bytes_per_s() != self._rate:  # who waits for an old limit waits no longer
                break
        return self._clock.now() - began

    def _reserve(self, size_bytes: int) -> float:
        with self._lock:
            rate, now = self._bytes_per_s(), self._clock.now()
            if rate != self._rate:
                self._rate, self._free_at = rate, now
            if rate <= 0:
                return now
            self._free_at = max(self._free_at, now - _BURST_S) + size_bytes / rate
            return self._free_at

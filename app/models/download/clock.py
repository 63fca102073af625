"""The time as downloads have it, so that a test need not wait."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime


class Clock:
    """The real time. Tests hand in one of their own."""

    def now(self) -> float:
        """Seconds that only go up, and stand still while the laptop sleeps."""
        return time.monotonic()

    def date(self) -> datetime:
        """The date that a server means by one."""
        return datetime.now(UTC)

    def wait(self, seconds: float, stopped: threading.Event) -> None:
        """Come back after `seconds`, or as soon as `stopped` is set."""
        stopped.wait(seconds)

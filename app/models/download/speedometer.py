"""How fast a download is, and how long the rest takes."""

from __future__ import annotations

from collections import deque
from typing import Final

_WINDOW_S: Final = 5.0
_SOONEST_S: Final = 0.5


class Speedometer:
    """Looks back over the last five seconds."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def see(self, now: float, received_bytes: int) -> float:
        """Give the bytes a second at `now`, when so many have come; 0 while it is too soon to tell."""
        if self._seen and received_bytes < self._seen[-1][1]:  # it began again
            self._seen.clear()
        self._seen.append((now, received_bytes))
        while now - self._seen[0][0] > _WINDOW_S:
            self._seen.popleft()
        then, had = self._seen[0]
        return (received_bytes - had) / (now - then) if now - then >= _SOONEST_S else 0.0

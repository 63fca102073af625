"""When what happened in a generation."""

from __future__ import annotations

import time


class GenerationClock:
    """Seconds since the generation began."""

    def __init__(self) -> None:
        """Begin now."""
        self._began = time.monotonic()
        self._prompt_s = 0.0
        self._last_s = 0.0
        self.first_token_s = 0.0

    def prompt_was_read(self) -> None:
        """Note it."""
        self._prompt_s = time.monotonic() - self._began

    def token_was_chosen(self) -> None:
        """Note it."""
        self._last_s = time.monotonic() - self._began
        self.first_token_s = self.first_token_s or self._last_s

    def tokens_per_s(self, tokens: int) -> float | None:
        """Measured from the first token to the last: what came before the first belongs to the prompt."""
        spent = self._last_s - self.first_token_s
        return (tokens - 1) / spent if tokens > 1 and spent > 0 else None

    def timings(self) -> dict[str, float]:
        """Give the receipt's timings."""
        total = time.monotonic() - self._began
        prompt = self._prompt_s or total
        return {"prompt": prompt, "generation": total - prompt, "first_token": self.first_token_s}

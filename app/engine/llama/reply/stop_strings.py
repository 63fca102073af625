"""Strings that end a reply, found also where they lie across several tokens."""

from __future__ import annotations

from collections.abc import Collection, Sequence


class StopStrings:
    """Lets text through until a stop string comes, and holds back what may become the beginning of one."""

    def __init__(self, stops: Sequence[str]) -> None:
        """Look for `stops`; an empty one is no stop string."""
        self._stops = tuple(stop for stop in stops if stop)
        self._held = ""
        self.found = False

    def add(self, stop: str) -> None:
        """Look for `stop` too from now on."""
        if stop and stop not in self._stops:
            self._stops += (stop,)

    def feed(self, text: str) -> str:
        """Give what may be shown now. After a stop string was `found` nothing is let through any more."""
        if self.found:
            return ""
        if not self._stops:
            return text
        self._held += text
        ends = [end for stop in self._stops if (end := self._held.find(stop)) >= 0]
        if ends:
            return self._stop_at(min(ends))
        return self._let_go(len(self._held) - begun(self._held, self._stops))

    def flush(self) -> str:
        """Give what was held back: no more text comes."""
        return self._let_go(len(self._held))

    def _stop_at(self, end: int) -> str:
        self.found = True
        shown, self._held = self._held[:end], ""
        return shown

    def _let_go(self, length: int) -> str:
        shown, self._held = self._held[:length], self._held[length:]
        return shown


def begun(text: str, marks: Collection[str]) -> int:
    """How many characters at the end of `text` may be the beginning of one of `marks`."""
    longest = max((len(mark) for mark in marks), default=1) - 1
    lengths = range(min(longest, len(text)), 0, -1)
    return next((length for length in lengths if any(mark.startswith(text[-length:]) for mark in marks)), 0)

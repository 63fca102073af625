"""What a model thinks before it answers, between tags at the very beginning of its reply."""

from __future__ import annotations

from typing import Final

_OPENING: Final = "<think>"
_CLOSING: Final = "</think>"


class Reasoning:
    """Takes a reply in pieces and keeps the thoughts apart: `thoughts` holds them, what is returned is the answer."""

    def __init__(self) -> None:
        self.thoughts = ""
        self.is_open = False
        """Whether thoughts are still coming."""
        self._held = ""
        self._is_decided = False

    def feed(self, piece: str) -> str:
        """Take the next words; give those that belong to the answer."""
        self._held += piece
        if not self._is_decided:
            self._decide()
        if self.is_open:
            return self._think()
        return self._take_held() if self._is_decided else ""

    def finish(self) -> str:
        """No more words come; give what was held back for the answer."""
        if self.is_open:
            self.thoughts += self._take_held()
        return self._take_held()

    def _decide(self) -> None:
        """A reply begins with thoughts or it has none: a tag further on is a word like others."""
        beginning = self._held.lstrip()
        if beginning.startswith(_OPENING):
            self._held = beginning.removeprefix(_OPENING).lstrip("\n")
            self.is_open = self._is_decided = True
        elif not _OPENING.startswith(beginning):
            self._is_decided = True

    def _think(self) -> str:
        thoughts, tag, answer = self._held.partition(_CLOSING)
        if tag:
            self.thoughts = (self.thoughts + thoughts).strip()
            self.is_open = False
            self._held = ""
            return answer.lstrip("\n")
        kept = next(size for size in range(len(_CLOSING) - 1, -1, -1) if thoughts.endswith(_CLOSING[:size]))
        self.thoughts += thoughts[: len(thoughts) - kept]
        self._held = thoughts[len(thoughts) - kept :]
        return ""

    def _take_held(self) -> str:
        held, self._held = self._held, ""
        return held


def without_thoughts(text: str) -> str:
    """Give the answer in a whole reply."""
    reasoning = Reasoning()
    return reasoning.feed(text) + reasoning.finish()

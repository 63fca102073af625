"""From the tokens of a reply to the pieces in which it arrives."""

from __future__ import annotations

from collections.abc import Sequence

from app.conversation import FinishReason
from app.engine.events import PieceGenerated
from app.engine.llama.stop_strings import StopStrings
from app.engine.llama.tokens import TextDecoder, Vocabulary


class PieceMaker:
    """Makes text of tokens: whole characters, no stop strings. The tokens of what is held back come with it later."""

    def __init__(self, vocabulary: Vocabulary, stops: Sequence[str]) -> None:
        """Begin a reply that `stops` may end."""
        self._vocabulary = vocabulary
        self._decoder = TextDecoder()
        self._stops = StopStrings(stops)
        self._held: list[int] = []

    @property
    def is_stopped(self) -> bool:
        """Whether a stop string has come."""
        return self._stops.found

    def feed(self, token: int) -> PieceGenerated | None:
        """Take the next token, and give what may be shown now."""
        self._held.append(token)
        return self._piece(self._stops.feed(self._decoder.feed(self._vocabulary.piece(token))))

    def last(self, reason: FinishReason) -> PieceGenerated | None:
        """Give what is still held back, if only its tokens.

        An unfinished character counts only at a real end: when the reply goes on, the model writes it anew.
        """
        tail = self._decoder.flush() if reason is FinishReason.STOP else ""
        piece = self._piece(self._stops.feed(tail) + self._stops.flush())
        if piece is None and self._held:
            return PieceGenerated("", tuple(self._held))
        return piece

    def _piece(self, text: str) -> PieceGenerated | None:
        if not text:
            return None
        tokens, self._held = tuple(self._held), []
        return PieceGenerated(text, tokens)

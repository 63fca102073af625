"""From the tokens of a reply to the pieces in which it arrives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

from app.conversation import FinishReason, TokenChoice
from app.engine.events import PieceGenerated, ReasoningGenerated
from app.engine.llama.prompting.tokens import TextDecoder, Vocabulary
from app.engine.llama.reply.reasoning import Parts, ReasoningParser, Stage
from app.engine.llama.reply.stop_strings import StopStrings

LONGEST_UNFINISHED_CHARACTER: Final = 3
"""How many bytes of a character can be there without its being whole."""
Piece: TypeAlias = ReasoningGenerated | PieceGenerated


class _HeldToken(NamedTuple):
    """A token that no piece was given for yet; `begins` is its text's first character in the whole reply."""

    begins: int
    token: int
    choice: TokenChoice | None


class PieceMaker:
    """Makes text of tokens: whole characters, reasoning apart, no marks and no stop strings.

    The tokens of what is held back come with it later. All that come before the answer's first are the reasoning's.
    """

    def __init__(self, vocabulary: Vocabulary, stops: Sequence[str], parser: ReasoningParser | None = None) -> None:
        """Begin a reply that `stops` may end, where `parser` says."""
        self._vocabulary = vocabulary
        self._parser = parser or ReasoningParser()
        self._decoder = TextDecoder()
        self._stops = StopStrings(stops)
        self._stops.add(self._parser.answer_end)
        self._held: list[_HeldToken] = []
        self._length = 0

    @property
    def is_stopped(self) -> bool:
        """Whether a stop string has come."""
        return self._stops.found

    @property
    def stage(self) -> Stage:
        """Where the reply is."""
        return self._parser.stage

    @property
    def parser(self) -> ReasoningParser:
        """What parts reasoning and answer."""
        return self._parser

    def ends(self, token: int) -> bool:
        """Whether the model says with `token` that it is done, and not only that its reasoning is."""
        return self._vocabulary.ends_generation(token) and not self._may_be_mark(token, beginning_only=True)

    def goes_on_after(self, written: bytes) -> None:
        """Know what was written before: its last character may not be whole yet."""
        self._decoder.feed(written[-LONGEST_UNFINISHED_CHARACTER:])

    def feed(self, token: int, choice: TokenChoice | None = None) -> list[Piece]:
        """Take the next token, and give what may be shown now."""
        self._held.append(_HeldToken(self._length, token, choice))
        is_mark = self._may_be_mark(token)
        text = self._decoder.feed(self._vocabulary.name(token) if is_mark else self._vocabulary.piece(token))
        return self._take(text)

    def last(self, reason: FinishReason) -> list[Piece]:
        """Give what is still held back, if only its tokens.

        An unfinished character counts only at a real end: when the reply goes on, the model writes it anew.
        """
        pieces = self._take(self._decoder.flush()) if reason is FinishReason.STOP else []
        pieces += self._pieces(self._parser.flush(), is_last=True)
        if self._held:
            is_reasoning = self.stage in (Stage.REASONING, Stage.BETWEEN)
            pieces.append(self._piece(ReasoningGenerated if is_reasoning else PieceGenerated, "", self._held))
            self._held = []
        return pieces

    def _take(self, text: str) -> list[Piece]:
        self._length += len(text)
        parts = self._parser.feed(text)
        self._stops.add(self._parser.answer_end)
        return self._pieces(parts)

    def _pieces(self, parts: Parts, *, is_last: bool = False) -> list[Piece]:
        begins = self._parser.answer_begins
        pieces: list[Piece] = []
        thought = [held for held in self._held if begins is None or held.begins < begins]
        if parts.reasoning or (thought and begins is not None):
            pieces.append(self._piece(ReasoningGenerated, parts.reasoning, thought))
            self._held = self._held[len(thought) :]
        shown = self._stops.feed(parts.answer) + (self._stops.flush() if is_last else "")
        if shown:
            pieces.append(self._piece(PieceGenerated, shown, self._held))
            self._held = []
        return pieces

    def _piece(self, kind: type[Piece], text: str, held: Sequence[_HeldToken]) -> Piece:
        choices = tuple(token.choice for token in held if token.choice is not None)
        return kind(text, tuple(token.token for token in held), choices)

    def _may_be_mark(self, token: int, *, beginning_only: bool = False) -> bool:
        """Whether `token` is a control token whose name is a part of a mark that is looked for now."""
        if not (sought := self._parser.sought) or self._vocabulary.piece(token):
            return False
        name = self._vocabulary.name(token).decode("utf-8", errors="replace")
        if not name:
            return False
        return any(mark.startswith(name) if beginning_only else name in mark for mark in sought)


def joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Join neighbours of one kind."""
    together: list[Piece] = []
    for piece in pieces:
        if together and type(last := together[-1]) is type(piece):
            together[-1] = type(piece)(last.text + piece.text, last.tokens + piece.tokens, last.choices + piece.choices)
        else:
            together.append(piece)
    return together

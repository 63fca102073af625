"""The pieces of a running generation, joined."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.conversation import TokenChoice
from app.engine.events import PieceGenerated, ReasoningGenerated
from app.engine.worker import WorkerEvent


@dataclass(slots=True)
class Pieces:
    """What has come of one generation so far; its tokens and choices are those of the reasoning too."""

    _pieces: list[PieceGenerated | ReasoningGenerated] = field(
        default_factory=list["PieceGenerated | ReasoningGenerated"]
    )

    def take(self, event: WorkerEvent) -> None:
        """Keep what the event brings."""
        if isinstance(event, PieceGenerated | ReasoningGenerated):
            self._pieces.append(event)

    @property
    def text(self) -> str:
        """The words of the answer."""
        return "".join(piece.text for piece in self._pieces if isinstance(piece, PieceGenerated))

    @property
    def reasoning(self) -> str:
        """What was thought."""
        return "".join(piece.text for piece in self._pieces if isinstance(piece, ReasoningGenerated))

    @property
    def tokens(self) -> tuple[int, ...]:
        """All token ids, in the order in which they came."""
        return tuple(token for piece in self._pieces for token in piece.tokens)

    @property
    def reasoning_tokens(self) -> int:
        """How many of them are the reasoning's."""
        return sum(len(piece.tokens) for piece in self._pieces if isinstance(piece, ReasoningGenerated))

    @property
    def choices(self) -> tuple[TokenChoice, ...]:
        """What is told of each of them, if that was asked for."""
        return tuple(choice for piece in self._pieces for choice in piece.choices)

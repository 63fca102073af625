"""A reply while it is written: what has come of it so far."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

from app.chat.recorder import ReplyRecorder
from app.chat.turn import TurnSettings
from app.conversation import Generation, Message
from app.engine.events import PieceGenerated, ReasoningGenerated
from app.engine.interruption import Interruption
from app.engine.requests import BranchPoint
from app.engine.worker import WorkerEvent


@dataclass(slots=True)
class RunningReply:
    """The words of one reply as they come. `branches_from` is the message whose beginning it shares, and where."""

    message_id: str
    how: TurnSettings
    branches_from: tuple[Message, BranchPoint] | None = None
    interruption: Interruption = field(default_factory=Interruption)
    recorder: ReplyRecorder | None = None
    prompted_ids: tuple[str, ...] = ()
    _pieces: list[PieceGenerated | ReasoningGenerated] = field(
        default_factory=list["PieceGenerated | ReasoningGenerated"]
    )

    def take(self, event: WorkerEvent) -> None:
        """Keep what the event brings of the reply."""
        if isinstance(event, PieceGenerated | ReasoningGenerated):
            self._pieces.append(event)

    def added_to(self, message: Message) -> Message:
        """Give `message` with what has come."""
        thoughts = [piece for piece in self._pieces if isinstance(piece, ReasoningGenerated)]
        words = [piece for piece in self._pieces if isinstance(piece, PieceGenerated)]
        running = message.generations[-1] if message.generations else Generation(0, 0)
        grown = dataclasses.replace(
            running,
            token_ids=(*running.token_ids, *(token for piece in self._pieces for token in piece.tokens)),
            reasoning_tokens=running.reasoning_tokens + sum(len(piece.tokens) for piece in thoughts),
            choices=(*running.choices, *(choice for piece in self._pieces for choice in piece.choices)),
        )
        return dataclasses.replace(
            message,
            text=message.text + "".join(piece.text for piece in words),
            reasoning=message.reasoning + "".join(piece.text for piece in thoughts),
            generations=(*message.generations[:-1], grown),
        )

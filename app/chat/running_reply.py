"""A reply while it is written: what has come of it so far."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

from app.chat.pieces import Pieces
from app.chat.recorder import ReplyRecorder
from app.chat.reply_progress import ReplyProgress
from app.chat.turn import TurnSettings
from app.conversation import Generation, Message
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
    progress: ReplyProgress = field(default_factory=ReplyProgress)
    _pieces: Pieces = field(default_factory=Pieces)

    def take(self, event: WorkerEvent) -> None:
        """Keep what the event brings of the reply, and tells of it."""
        self._pieces.take(event)
        self.progress.take(event)

    def added_to(self, message: Message) -> Message:
        """Give `message` with what has come."""
        come = self._pieces
        running = message.generations[-1] if message.generations else Generation(0, 0)
        grown = dataclasses.replace(
            running,
            token_ids=(*running.token_ids, *come.tokens),
            reasoning_tokens=running.reasoning_tokens + come.reasoning_tokens,
            choices=(*running.choices, *come.choices),
        )
        return dataclasses.replace(
            message,
            text=message.text + come.text,
            reasoning=message.reasoning + come.reasoning,
            generations=(*message.generations[:-1], grown),
        )

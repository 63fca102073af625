"""What tests of conversations do again and again: an owner's thread over a real database, and the engine's words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue

from app.chat.open_conversation import OpenConversation
from app.chat.turn import TurnSettings
from app.conversation import (
    Conversation,
    FinishReason,
    Message,
    ModelIdentity,
)
from app.engine.events import GenerationFinished, PieceGenerated, PromptEvaluated
from app.engine.requests import LoadRequest
from app.engine.worker import Job, WorkerEvent
from app.errors import PaddockError
from app.settings.values import LoadSettings, SamplingSettings
from app.storage.conversations import ConversationStore
from tests.fakes import receipt

MODEL = ModelIdentity("Tiny", "ab" * 32, "MIT")
HOW = TurnSettings(MODEL, LoadRequest(Path("tiny.gguf"), LoadSettings()), SamplingSettings())
RECEIPT = receipt(model=ModelIdentity("as the engine calls it"))
FINISHED = GenerationFinished(FinishReason.STOP, tokens=2, receipt=RECEIPT)


class Desk:
    """The owner's thread, the engine's jobs, and everything that was told."""

    def __init__(self, store: ConversationStore) -> None:
        self.store = store
        self.jobs: list[Job] = []
        self.told: list[str] = []
        self.saved: list[Message] = []
        self.unsent: list[str] = []
        self.left_out: list[str] = []
        self._actions: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def submit(self, job: Job) -> None:
        """Take a job as the worker would."""
        self.jobs.append(job)

    def post(self, action: Callable[[], None]) -> None:
        """Hand something over to this thread."""
        self._actions.put(action)

    def open(self, conversation: Conversation | None = None) -> OpenConversation:
        """Open a conversation that tells this desk."""
        branch = self.store.branch(conversation.id) if conversation else ()
        opened = OpenConversation(self.store, self, self._actions.put, conversation, branch)
        opened.listener = self
        return opened

    def work_until(self, condition: Callable[[], bool]) -> None:
        """Do what was handed to this thread until something is so."""
        while not condition():
            self._actions.get(timeout=10)()

    def work_off(self) -> None:
        """Do what has been handed over by now."""
        try:
            while True:
                self._actions.get_nowait()()
        except Empty:
            return

    def job(self, count: int) -> Job:
        """Wait for the job number `count` and give it."""
        self.work_until(lambda: len(self.jobs) == count)
        return self.jobs[-1]

    def message_added(self, message: Message) -> None:
        """Note the role."""
        self.told.append(f"added {message.role}")

    def reply_progressed(self, message_id: str, event: WorkerEvent) -> None:
        """Note the words."""
        if isinstance(event, PieceGenerated):
            self.told.append(f"piece {event.text}")

    def message_changed(self, message: Message) -> None:
        """Note how it ended."""
        self.told.append(f"changed {message.status}")

    def reply_saved(self, message: Message) -> None:
        """Keep what is on the disk."""
        self.saved.append(message)

    def branch_changed(self, messages: Sequence[Message]) -> None:
        """Note the words of the branch."""
        self.told.append("branch " + "|".join(message.text for message in messages))

    def left_out_changed(self, message_ids: Sequence[str]) -> None:
        """Keep what the model does not see."""
        self.left_out = list(message_ids)

    def conversation_changed(self, conversation: Conversation) -> None:
        """Note the title."""
        self.told.append(f"titled {conversation.title}")

    def not_saved(self, error: PaddockError, unsent_text: str) -> None:
        """Keep the words that came back."""
        self.unsent.append(unsent_text)


def say(job: Job, *words: str, end: WorkerEvent = FINISHED) -> None:
    """Let the engine say `words` and end."""
    job.report(PromptEvaluated(tokens=3, reused=0, evaluated=3))
    for word in words:
        job.report(PieceGenerated(word, (1,)))
    job.report(end)

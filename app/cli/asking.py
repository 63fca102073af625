"""One question on its way: from the first word that is sent until the reply is safe, or cannot be."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import Final

from app.chat.idle_work import IdleWork
from app.chat.open_conversation import OpenConversation, written_elsewhere
from app.chat.turn import TurnSettings, TurnStore
from app.cli.ask_output import AskOutput
from app.cli.exit_status import FAILED, STOPPED_BY_USER
from app.cli.interrupt import first_interrupt
from app.conversation import Conversation, FinishReason, Message, MessageStatus
from app.engine.events import GenerationFinished
from app.engine.worker import EngineFailed, LoadCancelled, WorkerEvent
from app.errors import Fault, PaddockError
from app.hardware import battery, may_work_at_idle
from app.parts import Parts
from app.translation import told_apart, tr

DISK_PATIENCE_S: Final = 5.0
"""How long a command waits, behind its last word, for a disk that takes nothing."""
SILENCE_S: Final = 3.0
"""How long it waits without a word for the sha256 of its model's file."""
_SHOWN_CHARACTERS: Final = 40


class NotSavedError(PaddockError):
    """The end of an answer is on the screen, and nowhere else."""

    fault = Fault.MACHINE


class Asking:
    """Drives one open conversation on the main thread until its reply is safe."""

    def __init__(self, parts: Parts, store: TurnStore, conversation: Conversation | None, output: AskOutput) -> None:
        """Ask in `conversation`; None begins one. Raises `ReplyRunningError`."""
        self._parts = parts
        self._actions: SimpleQueue[Callable[[], None]] = SimpleQueue()
        branch = parts.store.branch(conversation.id) if conversation else ()
        if branch and branch[-1].status is MessageStatus.STREAMING:
            raise written_elsewhere()
        summary = parts.store.summary(conversation.id) if conversation else None
        self._open = OpenConversation(store, parts.engine, self._actions.put, conversation, branch, summary)
        self._open.listener = self
        parts.store.on_trouble = lambda trouble: self._actions.put(lambda: self._disk_trouble(trouble))
        self._output = output
        self._trouble: PaddockError | None = None
        self._ended: Message | None = None
        self._gives_up_at: float | None = None
        self._end: GenerationFinished | None = None
        self._is_saved = False
        self._hashed = threading.Event()
        self._kept = threading.Event()
        self._done = False
        self._status = 0

    def run(self, text: str, how: TurnSettings) -> int:
        """Ask and wait. Ctrl-C stops the reply and keeps its words; it cuts no action in half."""
        with first_interrupt(lambda: self._actions.put(self._stop)):
            self._open.send(text, how)
            while not self._done:
                self._act()
            if self._is_saved:
                self._name_file(how)
                is_whole = self._output.ended()
                self._status = self._status or (0 if is_whole else FAILED)
            if (
                self._status == 0
                and not self._kept.is_set()
                and self._parts.settings.settings.idle.prepares
                and may_work_at_idle(battery())
            ):
                self._keep_state(how)
        return self._status

    def _act(self) -> None:
        """Do what comes next. Where the disk takes nothing, the wait for it has an end."""
        try:
            if self._gives_up_at is None:
                action = self._actions.get()
            else:
                action = self._actions.get(timeout=max(0.0, self._gives_up_at - time.monotonic()))
        except Empty:
            self._give_up()
        else:
            action()

    def _stop(self) -> None:
        self._hashed.set()  # whoever is in a hurry need not wait for a receipt that is complete
        if self._done:  # nor until the next command's way is paved
            self._kept.set()
            return
        self._status = STOPPED_BY_USER
        self._open.stop()
        if self._gives_up_at is not None:
            self._give_up()

    def _name_file(self, how: TurnSettings) -> None:
        """Wait for the sha256 of the model's file where the receipt lacks it: a big one is read longer than it wrote.

        What is found is kept by who wrote the reply down, who has asked for it before.
        """
        end, receipt = self._end, self._end and self._end.receipt
        if how.hash_file is None or end is None or receipt is None or receipt.model.sha256 is not None:
            return
        hashing = how.hash_file()
        hashing.add_done_callback(lambda _: self._actions.put(self._hashed.set))
        if not self._is_hashed_within(SILENCE_S):
            self._output.waits(tr("Reading the model's file for the receipt of this reply. Ctrl-C leaves it without."))
            self._is_hashed_within(None)
        if hashing.done() and hashing.exception() is None:
            model = replace(receipt.model, sha256=hashing.result())
            self._output.progressed(replace(end, receipt=replace(receipt, model=model)))

    def _is_hashed_within(self, patience_s: float | None) -> bool:
        until = None if patience_s is None else time.monotonic() + patience_s
        while not self._hashed.is_set():
            try:
                self._actions.get(timeout=None if until is None else max(0.0, until - time.monotonic()))()
            except Empty:
                return False
        return True

    def _keep_state(self, how: TurnSettings) -> None:
        """Let the next command for this conversation go on from what was read."""
        idle = IdleWork(self._parts.engine, self._actions.put, lambda: True)
        idle.keep(self._open, how.load, lambda _is_done: self._kept.set())
        while not self._kept.is_set():
            self._actions.get()()

    def message_added(self, message: Message) -> None:
        """Know the reply's id."""
        self._output.message_added(message)

    def reply_progressed(self, message_id: str, event: WorkerEvent) -> None:
        """Print what streams; the end waits until it is safe."""
        if isinstance(event, EngineFailed):
            self._status = FAILED
        if isinstance(event, GenerationFinished):
            self._end = event
        if isinstance(event, GenerationFinished | LoadCancelled) and self._status == 0:
            cancelled = isinstance(event, LoadCancelled) or event.reason is FinishReason.CANCELLED
            self._status = STOPPED_BY_USER if cancelled else 0
        self._output.progressed(event)

    def message_changed(self, message: Message) -> None:
        """The end has come; what is printed of it waits for `reply_saved`."""
        self._ended = message
        self._mind_the_disk()

    def reply_saved(self, message: Message) -> None:
        """Let the end be printed."""
        self._is_saved = True
        self._done = True

    def branch_changed(self, messages: Sequence[Message]) -> None:
        """A command asks on the branch that is open."""

    def left_out_changed(self, message_ids: Sequence[str]) -> None:
        """The prompt's event says how many they are."""

    def conversation_changed(self, conversation: Conversation) -> None:
        """Know the conversation's id."""
        self._output.conversation_id = conversation.id

    def not_saved(self, error: PaddockError, unsent_text: str) -> None:
        """Say it, and be done."""
        self._output.failed(error)
        self._status = FAILED
        self._done = True

    def _disk_trouble(self, trouble: PaddockError | None) -> None:
        """The disk takes nothing now, or takes everything again. The reply goes on meanwhile: it is seen at least."""
        self._trouble = trouble
        self._mind_the_disk()

    def _mind_the_disk(self) -> None:
        """Behind the last word, begin to lose patience, or stop that."""
        if self._ended is None or self._trouble is None:
            self._gives_up_at = None
        elif self._gives_up_at is None:
            self._gives_up_at = time.monotonic() + DISK_PATIENCE_S

    def _give_up(self) -> None:
        """Say what is on the disk, and promise nothing: this process is about to end."""
        if self._trouble is None or self._ended is None:
            return
        saved = self._saved_words(self._ended.id)
        next_step = "What was saved ends with “…{saved}”." if saved else "No word of it was saved."
        error = NotSavedError(
            "{reason} The end of the answer above could not be saved.",
            next_step=next_step,
            details=self._trouble.details,
            reason=told_apart(self._trouble)[0],
            saved=saved,
        )
        self.not_saved(error, "")

    def _saved_words(self, message_id: str) -> str:
        try:
            text = self._parts.store.message(message_id).text
        except PaddockError:  # it cannot even be read; the sentence is about to say why
            return ""
        return text[-_SHOWN_CHARACTERS:].lstrip()

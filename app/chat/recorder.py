"""Writes down what an engine says, on the engine's own thread, so that a busy window never delays it."""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final, Protocol

from app.conversation import FinishReason, Message, MessageStatus, ModelIdentity, Receipt, Trouble
from app.engine.events import GenerationFinished, PieceGenerated, ReasoningGenerated
from app.engine.worker import EngineFailed, LoadCancelled, WorkerEvent
from app.errors import PaddockError
from app.storage.written import Written
from app.translation import told_apart

_log = logging.getLogger(__name__)

_STATUS_OF: Final = {
    FinishReason.STOP: MessageStatus.COMPLETE,
    FinishReason.LENGTH: MessageStatus.COMPLETE,
    FinishReason.CANCELLED: MessageStatus.CANCELLED,
    FinishReason.ERROR: MessageStatus.ERROR,
}


class Journal(Protocol):
    """Where the pieces of a running reply are kept; `app.storage` has the real one."""

    def append(self, piece: Written) -> None:
        """Keep a piece. Never waits for the disk."""
        ...

    def finish(self, status: MessageStatus, receipt: Receipt | None, trouble: Trouble | None = None) -> Future[Message]:
        """Close the generation; the future is done when it is safe."""
        ...

    def name_file(self, sha256: str) -> Future[Message]:
        """Say afterwards which file wrote the generation that is closed."""
        ...


class ReplyRecorder:
    """Takes the events of one job: pieces go to the journal, the end closes it, and everything is passed on.

    `pass_on` is called on the worker's thread after the journal has the event; `saved` when the end is safe, or could
    not be made so.

    Where the model's sha256 is not known, `hash_file` finds it: from the first word on, which it must not hold up. What
    it finds after the end is put into the receipt that is closed already.
    """

    def __init__(
        self,
        journal: Journal,
        model: ModelIdentity,
        pass_on: Callable[[WorkerEvent], None],
        saved: Callable[[Future[Message]], None],
        hash_file: Callable[[], Future[str]] | None = None,
    ) -> None:
        """Write to `journal`; receipts name `model`, which the library knows better than the engine does."""
        self._journal = journal
        self._model = model
        self._pass_on = pass_on
        self._saved = saved
        self._hash_file = hash_file
        self._hashing: Future[str] | None = None
        self._closing = threading.Event()

    def application_closes(self) -> None:
        """From now on a cancelled reply is one that the closing application interrupted, not one the user stopped."""
        self._closing.set()

    def report(self, event: WorkerEvent) -> None:
        """Take one event, in order."""
        match event:
            case PieceGenerated() | ReasoningGenerated():
                self._begin_hashing()
                is_reasoning = isinstance(event, ReasoningGenerated)
                self._journal.append(Written(event.text, event.tokens, event.choices, is_reasoning=is_reasoning))
                self._pass_on(event)
            case GenerationFinished(reason=reason, receipt=receipt):
                self._begin_hashing()
                named = receipt and dataclasses.replace(receipt, model=self._model_so_far())
                self._pass_on(dataclasses.replace(event, receipt=named))
                self._finish(self._status(reason), named)
            case EngineFailed(error=error):
                self._pass_on(event)
                self._finish(MessageStatus.ERROR, None, trouble_of(error))
            case LoadCancelled():
                self._pass_on(event)
                self._finish(self._status(FinishReason.CANCELLED), None)
            case _:
                self._pass_on(event)

    def _status(self, reason: FinishReason) -> MessageStatus:
        if reason is FinishReason.CANCELLED and self._closing.is_set():
            return MessageStatus.INTERRUPTED
        return status_of(reason)

    def _finish(self, status: MessageStatus, receipt: Receipt | None, trouble: Trouble | None = None) -> None:
        finished = self._journal.finish(status, receipt, trouble)
        if self._hashing is not None and (receipt is None or receipt.model.sha256 is None):
            finished.add_done_callback(self._name_file_later(self._hashing))
        finished.add_done_callback(self._saved)

    def _begin_hashing(self) -> None:
        if self._hashing is None and self._hash_file is not None:
            self._hashing = self._hash_file()

    def _model_so_far(self) -> ModelIdentity:
        if self._hashing is None or not self._hashing.done() or self._hashing.exception() is not None:
            return self._model
        return dataclasses.replace(self._model, sha256=self._hashing.result())

    def _name_file_later(self, hashing: Future[str]) -> Callable[[Future[Message]], None]:
        def name_file(hashed: Future[str]) -> None:
            if (error := hashed.exception()) is not None:
                _log.warning("A receipt stays without the sha256 of its model's file: %s", error)
            else:
                self._journal.name_file(hashed.result())

        def when_it_is_known(finished: Future[Message]) -> None:
            if finished.exception() is None:
                hashing.add_done_callback(name_file)

        return when_it_is_known


def status_of(reason: FinishReason) -> MessageStatus:
    """Give the status of a reply whose generation ended so."""
    return _STATUS_OF[reason]


def trouble_of(error: PaddockError) -> Trouble:
    """Give an error in the words that stay beside the reply, in the language of this moment."""
    sentence, next_step = told_apart(error)
    return Trouble(sentence, next_step, error.details)

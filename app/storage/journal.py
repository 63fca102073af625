"""A reply while it streams: from the engine worker's thread to the disk, without ever waiting for it there."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock
from typing import TypeAlias

from app.conversation import Message, MessageStatus, Receipt, Trouble
from app.storage.errors import DiskError, StorageError, closed, held_in_memory
from app.storage.replies import Ending, append_to_journal, finish_reply, name_file
from app.storage.rows import Clock
from app.storage.writer import Sync, Writer
from app.storage.written import Written

_log = logging.getLogger(__name__)

APPEND_WITHIN_S = 0.05
"""How long pieces are collected before they are written. The promise is 250 ms; the rest is for a slow disk."""

RETRY_AFTER_S = 1.0

TroubleListener: TypeAlias = Callable[[StorageError | None], None]


@dataclass(frozen=True, slots=True)
class JournalParts:
    """What every journal of a store shares. `report` is told when text cannot be saved, and, by None, that it is."""

    writer: Writer
    writer_id: str
    clock: Clock
    report: TroubleListener


class ReplyJournal:
    """Keeps one running generation. What the disk does not take stays in memory and is tried again."""

    def __init__(self, message_id: str, parts: JournalParts) -> None:
        """Be ready for the pieces of the message, which is streaming, or is about to be."""
        self.message_id = message_id
        self._parts = parts
        self._lock = Lock()
        self._pieces: list[Written] = []
        self._is_scheduled = False
        self._is_ended = False
        self._ordinal = 0

    def append(self, piece: Written) -> None:
        """Keep a piece: on disk within 250 ms, usually 50 to 100. Never waits.

        Raises `StorageError` after `finish` and `close`.
        """
        with self._lock:
            if self._is_ended:
                raise StorageError("This reply is finished; nothing can be added to it.", details=self.message_id)
            self._pieces.append(piece)
            if self._is_scheduled:
                return
            self._is_scheduled = True
        if not self._parts.writer.call_later(APPEND_WITHIN_S, self._append):
            raise closed()

    def finish(self, status: MessageStatus, receipt: Receipt | None, trouble: Trouble | None = None) -> Future[Message]:
        """End the generation. The future gives the whole message once it is safe on the disk.

        While the disk does not take it, it is tried again, and the future waits; it fails only if the store is closed
        before that.
        """
        future: Future[Message] = Future()
        future.set_running_or_notify_cancel()
        with self._lock:
            if self._is_ended:
                raise StorageError("This reply is finished already.", details=self.message_id)
            self._is_ended = True
        ending = Ending(status, receipt, trouble)
        if not self._parts.writer.call_later(0, lambda: self._finish(ending, future)):
            future.set_exception(closed())
        return future

    def name_file(self, sha256: str) -> Future[Message]:
        """Say which file wrote the generation that is finished: a big one is hashed for longer than a reply takes."""
        return self._parts.writer.submit(
            lambda connection: name_file(connection, self.message_id, self._ordinal, sha256)
        )

    def _append(self) -> None:
        with self._lock:
            self._is_scheduled = False
        pieces = self._take()
        if not pieces:
            return
        parts = self._parts
        try:
            parts.writer.append(
                lambda connection: append_to_journal(connection, self.message_id, parts.writer_id, pieces)
            )
        except DiskError as error:
            self._put_back(pieces)
            parts.report(held_in_memory(error))
            with self._lock:
                self._is_scheduled = parts.writer.call_later(RETRY_AFTER_S, self._append)
        except StorageError as error:
            self._put_back(pieces)
            with self._lock:
                self._is_scheduled = (
                    True  # trying again would not help; `finish` will fail too, and tell who waits for it
                )
            _log.exception("The journal of a reply cannot be written")
            parts.report(error)
        else:
            parts.report(None)

    def _finish(self, ending: Ending, future: Future[Message]) -> None:
        pieces = self._take()
        parts = self._parts
        try:
            message = parts.writer.commit(lambda connection: self._write_end(connection, pieces, ending), Sync.FULL)
        except DiskError as error:
            self._put_back(pieces)
            parts.report(held_in_memory(error))
            if not parts.writer.call_later(RETRY_AFTER_S, lambda: self._finish(ending, future)):
                future.set_exception(error)
        except Exception as error:  # noqa: BLE001 - it belongs to who waits for the future
            future.set_exception(error)
        else:
            parts.report(None)
            self._ordinal = message.generations[-1].ordinal
            future.set_result(message)

    def _write_end(self, connection: sqlite3.Connection, pieces: list[Written], ending: Ending) -> Message:
        append_to_journal(connection, self.message_id, self._parts.writer_id, pieces)
        return finish_reply(connection, self.message_id, self._parts.writer_id, ending, self._parts.clock())

    def _take(self) -> list[Written]:
        with self._lock:
            pieces, self._pieces = self._pieces, []
        return pieces

    def _put_back(self, pieces: list[Written]) -> None:
        with self._lock:
            self._pieces = pieces + self._pieces

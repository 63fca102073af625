"""The one thread, with the one connection, that writes."""

from __future__ import annotations

import heapq
import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from enum import StrEnum
from itertools import count
from typing import TypeAlias, TypeVar

from app.storage.database import Database
from app.storage.errors import StorageError, closed, explain

_log = logging.getLogger(__name__)

SYNC_EVERY_S = 1.5
"""How long a commit stays unsynced; the rest of the promised two seconds is for the disk itself."""

T = TypeVar("T")
Write: TypeAlias = Callable[[sqlite3.Connection], T]


class Sync(StrEnum):
    """What a commit survives: FULL a power failure, NORMAL the death of every process, without a wait for the disk."""

    FULL = "FULL"
    NORMAL = "NORMAL"


class Writer:
    """Does one write after another, each in a transaction. What fails is told to who asked; the thread goes on."""

    def __init__(self, database: Database) -> None:
        """Open the connection and start the thread. Raises `StorageError`."""
        self._path = database.path
        self._connection = database.connect_writer()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._condition = threading.Condition()
        self._closing = False
        self._has_unsynced = False
        self._thread = threading.Thread(target=self._work, name="storage-writer", daemon=True)
        self._thread.start()

    def submit(self, write: Write[T]) -> Future[T]:
        """Have `write` done in its turn. The future is resolved after the commit, on the writer's thread."""
        future: Future[T] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = self.commit(write, Sync.FULL)
            except Exception as error:  # noqa: BLE001 - it belongs to who asked; the thread must go on
                future.set_exception(error)
            else:
                future.set_result(result)

        if not self.call_later(0, run):
            future.set_exception(closed())
        return future

    def call_later(self, delay_s: float, run: Callable[[], None]) -> bool:
        """Have `run` called on the writer's thread, outside of any transaction. False when the writer is closed."""
        with self._condition:
            if self._closing:
                return False
            heapq.heappush(self._due, (time.monotonic() + delay_s, next(self._order), run))
            self._condition.notify()
        return True

    def commit(self, write: Write[T], sync: Sync) -> T:
        """Do `write` in one transaction, now, on the writer's thread. When it raises, nothing was written."""
        connection = self._connection
        try:
            connection.execute(f"PRAGMA synchronous = {sync}")
            connection.execute("BEGIN IMMEDIATE")
            try:
                result = write(connection)
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            explained = explain(error, self._path)
            if type(explained) is StorageError:
                _log.exception("A write failed in a way that should not be possible")
            raise explained from error
        if sync is Sync.FULL:
            self._has_unsynced = False
        return result

    def append(self, write: Write[T]) -> T:
        """`commit` that waits for the disk later: a power failure takes at most the last two seconds of it."""
        result = self.commit(write, Sync.NORMAL)
        if not self._has_unsynced:
            self._has_unsynced = True
            self.call_later(SYNC_EVERY_S, self._sync)
        return result

    def close(self, last: Callable[[], None]) -> None:
        """Do what was asked for until now, then `last`, and close the connection. May be called twice."""
        with self._condition:
            if self._closing:
                return
            self._closing = True
            heapq.heappush(self._due, (float("inf"), next(self._order), last))
            self._condition.notify()
        self._thread.join()
        self._connection.close()

    def _sync(self) -> None:
        if not self._has_unsynced:
            return
        try:
            self.commit(_advance, Sync.FULL)
        except StorageError as error:
            _log.warning("The journal could not be synced: %s", error.details)
            self.call_later(SYNC_EVERY_S, self._sync)

    def _work(self) -> None:
        while (run := self._next()) is not None:
            try:
                run()
            except Exception:  # noqa: BLE001 - a bug in one task must not cost the others their writer
                _log.exception("A task of the storage writer failed unexpectedly")

    def _next(self) -> Callable[[], None] | None:
        """Wait for the next task. Once the writer closes, none waits for its time any more."""
        with self._condition:
            while True:
                if not self._due:
                    if self._closing:
                        return None
                    self._condition.wait()
                    continue
                wait_s = self._due[0][0] - time.monotonic()
                if wait_s <= 0 or self._closing:
                    return heapq.heappop(self._due)[2]
                self._condition.wait(wait_s)


def _advance(connection: sqlite3.Connection) -> None:
    """Write something, anything: only a commit that has written is waited for by the disk."""
    connection.execute("UPDATE sequence SET last = last + 1")

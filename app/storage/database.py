"""The file with the conversations, and the connections to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

from app.paths import Paths
from app.storage.errors import DiskError, StorageError, explain
from app.storage.migrations import MIGRATIONS, Migration
from app.storage.opening import connect, prepare
from app.storage.rows import Clock, utc_now

__all__ = ["Database", "StorageError"]


class Database:
    """One file in WAL mode: many readers, each with a connection of its own, beside one writer.

    Readers never wait for the writer, and see what was committed when they began.
    """

    def __init__(self, path: Path) -> None:
        """Use the database at `path`, which `open` has prepared."""
        self.path = path
        self._idle: list[sqlite3.Connection] = []
        self._lock = Lock()
        self._closed = False

    @classmethod
    def open(cls, paths: Paths, *, migrations: tuple[Migration, ...] = MIGRATIONS, clock: Clock = utc_now) -> Database:
        """Create the database, or check it and bring it to the present version. Raises `StorageError`."""
        prepare(paths, migrations, clock())
        return cls(paths.database)

    def connect_writer(self) -> sqlite3.Connection:
        """Open the connection that writes. Its owner closes it."""
        try:
            connection = connect(self.path)
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.Error as error:
            raise explain(error, self.path) from error
        if mode != "wal":
            connection.close()
            raise DiskError(
                "The folder {folder} lies on a disk that cannot keep conversations safely.",
                next_step="Choose a folder on this computer, not on the network.",
                folder=self.path.parent,
            )
        return connection

    @contextmanager
    def read(self) -> Generator[sqlite3.Connection]:
        """Lend a connection that only reads, for one look at one state of the database. From any thread."""
        try:
            connection = self._take_reader()
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                self._give_back(connection)
        except sqlite3.Error as error:
            raise explain(error, self.path) from error

    def integrity(self) -> str:
        """Read the whole file and say "ok", or in SQLite's words what is wrong with it."""
        try:
            with self.read() as connection:
                found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(10)")]
                dangling = len(connection.execute("PRAGMA foreign_key_check").fetchall())
        except StorageError as error:
            return error.details or str(error)
        if dangling:
            found = [line for line in found if line != "ok"] + [f"{dangling} rows refer to nothing"]
        return "; ".join(found)

    def close(self) -> None:
        """Close the readers. One that is lent now is closed when it comes back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _take_reader(self) -> sqlite3.Connection:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        connection = connect(self.path)
        connection.execute("PRAGMA query_only = ON")
        return connection

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with suppress(sqlite3.Error):  # where the reading failed, its own error is the one to hear of
            connection.execute("ROLLBACK")
        with self._lock:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()

"""Before conversations are opened: is the file ours, is it of this version, and if it is older, bring it here."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from app.errors import Fault
from app.paths import PRIVATE_FILE, Paths, create_private_folder
from app.storage.errors import DatabaseFileError, DiskError, StorageError, damaged, explain, folder_unusable
from app.storage.migrations import Migration, copy_aside, migrate, migration_failed, user_version
from app.storage.writer_lock import living_writers

_log = logging.getLogger(__name__)

APPLICATION_ID = int.from_bytes(b"Padk", "big")
"""Written into the header of each of our files, so that no other program's database is taken for one."""

_MAGIC = b"SQLite format 3\0"
_HEADER_BYTES = 100
_USER_VERSION = slice(60, 64)
_APPLICATION_ID = slice(68, 72)
_OPENING_TIMEOUT_S = 60


def prepare(paths: Paths, migrations: tuple[Migration, ...], now: datetime) -> None:
    """Make, check or migrate the database. Raises `StorageError`, and then has left it as it was."""
    path = paths.database
    with _one_at_a_time(paths):
        if path.exists():
            _check_header(path, len(migrations))
            _close_to_others(path)
            _bring_up_to_date(paths, migrations, now)
        else:
            _create(path, migrations)


def connect(path: Path) -> sqlite3.Connection:
    """Open a connection to a file that exists; transactions are begun and ended by hand."""
    uri = path.absolute().as_uri()
    if not uri.startswith("file:///"):  # a Windows share, which SQLite takes only without a host name
        uri = uri.replace("file://", "file:////", 1)
    connection = sqlite3.connect(f"{uri}?mode=rw", uri=True, isolation_level=None, check_same_thread=False)
    for pragma in (
        "busy_timeout = 5000",
        "foreign_keys = ON",
        "secure_delete = ON",
        "temp_store = MEMORY",
        "trusted_schema = OFF",
        "cell_size_check = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")
    return connection


@contextmanager
def _one_at_a_time(paths: Paths) -> Generator[None]:
    """Keep other processes from opening, creating or migrating at the same time; put errors into words."""
    try:
        create_private_folder(paths.data)
        create_private_folder(paths.writers)
        with FileLock(paths.data / "opening.lock", mode=PRIVATE_FILE, timeout=_OPENING_TIMEOUT_S):
            yield
    except Timeout as error:
        raise DiskError(
            "Another Paddock has been opening your conversations for a minute.",
            next_step="Close it, then start again.",
        ) from error
    except OSError as error:
        raise folder_unusable(paths.data, str(error)) from error
    except sqlite3.Error as error:
        raise explain(error, paths.database) from error


def _check_header(path: Path, newest: int) -> None:
    """Look at the bytes before SQLite does: a file that is not ours, or is newer, must not be touched by it."""
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
    if len(header) < _HEADER_BYTES or not header.startswith(_MAGIC):
        raise damaged(path)
    if int.from_bytes(header[_APPLICATION_ID], "big") != APPLICATION_ID:
        raise DatabaseFileError(
            "{path} belongs to another program.",
            next_step="Move it elsewhere, then start Paddock again.",
            path=path,
        )
    _check_version(int.from_bytes(header[_USER_VERSION], "big"), newest)


def _check_version(version: int, newest: int) -> None:
    if version > newest:
        raise DatabaseFileError(
            "Your conversations were saved by a newer version of Paddock, and this one cannot read them.",
            next_step="Start the newer version. Nothing was changed.",
            details=f"database version {version}, known up to {newest}",
        )


def _create(path: Path, migrations: tuple[Migration, ...]) -> None:
    """Build a new database aside and put it in place as a whole: whatever lies at `path` is never half of one."""
    remains = path.with_name(path.name + "-wal")
    if remains.exists():
        raise DatabaseFileError(
            "The file with your conversations is missing, but changes to it are still there: {remains}.",
            next_step="Put {path} back. To begin anew, move the other file elsewhere.",
            remains=remains,
            path=path,
        )
    unfinished = path.with_name(path.name + ".new")
    for leftover in (unfinished, unfinished.with_name(unfinished.name + "-journal")):
        leftover.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_FILE))
    with closing(connect(unfinished)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        migrate(connection, migrations)
    unfinished.rename(path)
    _sync_folder(path.parent)


def _bring_up_to_date(paths: Paths, migrations: tuple[Migration, ...], now: datetime) -> None:
    with closing(connect(paths.database)) as connection:
        version = user_version(connection)
        _check_version(version, len(migrations))
        if version == len(migrations):
            return
        if living_writers(paths.writers):
            raise _still_open()
        copy = copy_aside(connection, paths.backups, now)
        _log.info("Kept a copy of the database before migrating it: %s", copy.name)
        try:
            migrate(connection, migrations)
        except sqlite3.Error as error:
            explained = explain(error, paths.database)
            raise (migration_failed(str(error)) if explained.fault is Fault.PADDOCK else explained) from error
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # so that the file's header tells the version by itself


def _still_open() -> StorageError:
    return DiskError(
        "Paddock is still running in its older version.",
        next_step="Close it, then start this one again.",
    )


def _close_to_others(path: Path) -> None:
    """Take away other users' access. SQLite makes the files beside it with the same mode."""
    if os.name != "posix":
        return
    for name in (path.name, path.name + "-wal", path.name + "-shm"):
        file = path.with_name(name)
        if file.exists() and file.stat().st_mode & 0o077:
            file.chmod(PRIVATE_FILE)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

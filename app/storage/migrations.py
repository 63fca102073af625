"""From an older database to the present one, a step at a time, with a copy kept of what was there before."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from app.paths import PRIVATE_FILE, create_private_folder
from app.storage.errors import StorageError, damaged
from app.storage.schema import m001_conversations, m002_what_the_engine_shows

_log = logging.getLogger(__name__)

Migration: TypeAlias = Callable[[sqlite3.Connection], None]

MIGRATIONS: tuple[Migration, ...] = (m001_conversations, m002_what_the_engine_shows)
"""A database of `user_version` n has been through the first n. Each runs in one transaction."""

COPIES_KEPT = 3
_PARTIAL = ".partial"


class MigrationError(StorageError):
    """The database could not be brought to this version of Paddock. It is as it was."""


def user_version(connection: sqlite3.Connection) -> int:
    """How many migrations the database has been through."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def migrate(connection: sqlite3.Connection, migrations: tuple[Migration, ...]) -> None:
    """Run the migrations that the database has not been through; each is kept whole, or leaves no trace."""
    connection.execute(
        "PRAGMA foreign_keys = OFF"
    )  # a migration may rebuild a table that others refer to; checked at its end
    for number in range(user_version(connection) + 1, len(migrations) + 1):
        _log.info("Migrating the database to version %d", number)
        _run(connection, migrations[number - 1], number)


def copy_aside(connection: sqlite3.Connection, folder: Path, now: datetime) -> Path:
    """Keep a verified copy of the database in `folder`, beside the two before it. Raises before anything is changed."""
    create_private_folder(folder)
    for leftover in folder.glob("*" + _PARTIAL):
        leftover.unlink()
    copy = folder / f"conversations-v{user_version(connection):04}-{now:%Y%m%dT%H%M%S%f}.db"
    partial = copy.with_name(copy.name + _PARTIAL)
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_FILE))
    try:
        connection.execute("VACUUM INTO ?", (str(partial),))
        _verify(partial)
        _sync(partial)
        partial.replace(copy)
    finally:
        partial.unlink(missing_ok=True)
    for old in sorted(folder.glob("conversations-v*.db"))[:-COPIES_KEPT]:
        old.unlink()
    return copy


def migration_failed(details: str) -> MigrationError:
    """Nothing was changed, and the fault is ours."""
    return MigrationError(
        "Your conversations could not be brought to this version of Paddock. They are as they were.",
        next_step="Go on with the version you used before, and tell us what the details say.",
        details=details,
    )


def _run(connection: sqlite3.Connection, migration: Migration, number: int) -> None:
    connection.execute("BEGIN EXCLUSIVE")
    try:
        migration(connection)
        _check_references(connection, number)
        connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _check_references(connection: sqlite3.Connection, number: int) -> None:
    if broken := connection.execute("PRAGMA foreign_key_check").fetchall():
        raise migration_failed(f"Migration {number} left {len(broken)} rows without what they refer to.")


def _verify(copy: Path) -> None:
    with closing(sqlite3.connect(f"{copy.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise damaged(copy, str(verdict))


def _sync(file: Path) -> None:
    descriptor = os.open(file, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""An older database becomes the present one, or stays exactly what it was; a copy is kept either way."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.conversation import ConversationOptions, Message
from app.paths import Paths
from app.storage.conversations import ConversationStore, StorageError
from app.storage.database import Database
from app.storage.migrations import MIGRATIONS, Migration, migrate
from app.storage.writer_lock import WriterLock
from tests.storage.stories import turn

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def notes(connection: sqlite3.Connection) -> None:
    """A later version keeps notes."""
    connection.execute("CREATE TABLE note (message_id TEXT NOT NULL REFERENCES message (id)) STRICT")
    connection.execute("ALTER TABLE conversation ADD COLUMN folder TEXT")


def rebuilt_sequence(connection: sqlite3.Connection) -> None:
    """A later version rebuilds a table that others refer to, as SQLite recommends it."""
    connection.execute("CREATE TABLE sequence_2 (last INTEGER NOT NULL, what TEXT) STRICT")
    connection.execute("INSERT INTO sequence_2 SELECT last, 'kept' FROM sequence")
    connection.execute("DROP TABLE sequence")
    connection.execute("ALTER TABLE sequence_2 RENAME TO sequence")


def broken(connection: sqlite3.Connection) -> None:
    """A migration that does much and then fails."""
    connection.execute("DELETE FROM message")
    connection.execute("CREATE TABLE half (x)")
    connection.execute("INSERT INTO nowhere VALUES (1)")


def dangling(connection: sqlite3.Connection) -> None:
    """A migration that forgets what others refer to."""
    connection.execute("DELETE FROM conversation")


PRESENT = len(MIGRATIONS)
LATER: tuple[Migration, ...] = (*MIGRATIONS, notes, rebuilt_sequence)


@pytest.fixture
def saved(paths: Paths) -> list[Message]:
    """The messages of a database of the present version, which is closed."""
    store = ConversationStore(paths)
    started = turn(store)
    tree = store.tree(started.conversation.id)
    store.close()
    return tree


def version_of(file: Path) -> int:
    """The version that a database says it has."""
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def texts_of(file: Path) -> list[str]:
    """The texts of all messages in a file."""
    with closing(sqlite3.connect(file)) as connection:
        return [row[0] for row in connection.execute("SELECT text FROM message ORDER BY sequence")]


def copies(paths: Paths) -> list[Path]:
    """The copies that were kept, the oldest first."""
    return sorted(paths.backups.iterdir()) if paths.backups.exists() else []


def test_a_new_database_goes_the_same_way(paths: Paths) -> None:
    """The schema exists once: a new file runs through all migrations, and there is nothing to copy."""
    Database.open(paths, migrations=LATER).close()
    assert version_of(paths.database) == PRESENT + 2
    assert copies(paths) == []


def test_an_older_database_is_migrated(paths: Paths, saved: list[Message]) -> None:
    """All messages are there afterwards, and a copy of what was before lies in the backups, closed to others."""
    store = ConversationStore(paths, migrations=LATER)
    assert store.tree(saved[0].conversation_id) == saved
    turn(store, "And on")
    assert store.integrity() == "ok"
    store.close()
    (copy,) = copies(paths)
    assert (version_of(paths.database), version_of(copy)) == (PRESENT + 2, PRESENT)
    assert texts_of(copy) == [message.text for message in saved]
    if os.name == "posix":
        assert (copy.stat().st_mode & 0o777, paths.backups.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_database_of_the_first_version(paths: Paths) -> None:
    """What Paddock wrote before it knew of reasoning, pins and options reads as a conversation without them."""
    Database.open(paths, migrations=MIGRATIONS[:1]).close()
    with closing(sqlite3.connect(paths.database)) as connection, connection:
        connection.execute("PRAGMA defer_foreign_keys = ON")
        connection.execute(
            "INSERT INTO conversation (sequence, id, title, leaf_id, changed, created_at, updated_at) "
            "VALUES (1, 'c', 'Old', 'm', 1, '2025-01-01T00:00:00+00:00', '2025-01-01T00:00:00+00:00')"
        )
        connection.execute(
            "INSERT INTO message (sequence, id, conversation_id, role, status, text, writer, created_at) "
            "VALUES (2, 'm', 'c', 'assistant', 'streaming', 'Half ', 'dead', '2025-01-01T00:00:00+00:00')"
        )
        connection.execute("INSERT INTO generation (message_id, ordinal, first_character) VALUES ('m', 0, 0)")
        connection.execute(
            "INSERT INTO journal (message_id, ordinal, text, token_ids) VALUES ('m', 0, 'a word', x'07000000')"
        )
    store = ConversationStore(paths)
    (message,) = store.branch("c")
    assert (message.text, message.reasoning, message.pinned) == ("Half a word", "", False)
    assert [(part.token_ids, part.reasoning_tokens) for part in message.generations] == [((7,), 0)]
    assert store.conversation("c").options == ConversationOptions()
    store.close()


def test_a_copy_is_a_whole_database(paths: Paths, saved: list[Message]) -> None:
    """Put in the place of the migrated file, the copy opens as if nothing had happened."""
    Database.open(paths, migrations=LATER).close()
    (copy,) = copies(paths)
    copy.replace(paths.database)
    store = ConversationStore(paths)
    assert store.tree(saved[0].conversation_id) == saved
    assert [hit.message_id for hit in store.search("hello")] == [saved[0].id]
    store.close()


@pytest.mark.parametrize("failing", [broken, dangling])
def test_a_failing_migration_leaves_no_trace(paths: Paths, saved: list[Message], failing: Migration) -> None:
    """The migration before it holds, the failing one is taken back whole, and the user is told what to do."""
    with pytest.raises(StorageError, match="could not be brought to this version") as caught:
        Database.open(paths, migrations=(*MIGRATIONS, failing))
    assert caught.value.details
    store = ConversationStore(paths)
    assert store.tree(saved[0].conversation_id) == saved
    store.close()
    assert version_of(paths.database) == PRESENT
    assert len(copies(paths)) == 1
    with pytest.raises(StorageError):
        Database.open(paths, migrations=(*MIGRATIONS, notes, failing))
    assert version_of(paths.database) == PRESENT + 1


@pytest.mark.parametrize("statement", range(4))
def test_killed_while_migrating(paths: Paths, saved: list[Message], statement: int) -> None:
    """After `kill -9` between any two statements the old version opens, and the next start migrates."""
    program = (
        "import os, signal, sys\n"
        "from app.paths import find_paths\n"
        "from app.storage.database import Database\n"
        "from app.storage.migrations import MIGRATIONS\n"
        "def dying(connection):\n"
        "    for number in range(4):\n"
        "        if number == int(sys.argv[1]): os.kill(os.getpid(), signal.SIGKILL)\n"
        "        connection.execute(f'CREATE TABLE new_{number} (x)')\n"
        "Database.open(find_paths(), migrations=(*MIGRATIONS, dying))\n"
    )
    assert subprocess.run([sys.executable, "-c", program, str(statement)], check=False).returncode == -9
    store = ConversationStore(paths)
    assert store.tree(saved[0].conversation_id) == saved
    store.close()
    Database.open(paths, migrations=LATER).close()
    assert version_of(paths.database) == PRESENT + 2
    assert [texts_of(copy) for copy in copies(paths)] == [[message.text for message in saved]] * 2


def test_the_last_three_copies_are_kept(paths: Paths, saved: list[Message]) -> None:
    """Each step up keeps a copy; of many only the newest stay, and what a dead process left half done goes."""
    steps: tuple[Migration, ...] = MIGRATIONS
    for days in range(5):
        (paths.backups / "x.partial").write_bytes(b"half") if days else None
        steps = (*steps, lambda connection: None)
        Database.open(paths, migrations=steps, clock=lambda: NOW - timedelta(days=days)).close()  # noqa: B023 - called at once
    assert [version_of(copy) for copy in copies(paths)] == [PRESENT + 2, PRESENT + 3, PRESENT + 4]


def test_no_copy_no_migration(paths: Paths, saved: list[Message]) -> None:
    """When the copy cannot be made, nothing is migrated."""
    paths.backups.write_text("not a folder")
    with pytest.raises(StorageError, match="cannot write"):
        Database.open(paths, migrations=LATER)
    assert version_of(paths.database) == PRESENT


def test_a_damaged_database_is_not_migrated(paths: Paths, saved: list[Message]) -> None:
    """A file that cannot be copied whole is not changed either."""
    pages = paths.database.stat().st_size // 4096
    with paths.database.open("r+b") as file:
        for page in range(2, pages):
            file.seek(page * 4096)
            file.write(b"\xff" * 100)
    before = paths.database.read_bytes()
    with pytest.raises(StorageError, match="damaged"):
        Database.open(paths, migrations=LATER)
    assert paths.database.read_bytes() == before
    assert copies(paths) == []


def test_an_older_paddock_that_still_runs(paths: Paths, saved: list[Message]) -> None:
    """Nothing is migrated under a process that has the file open; once it is closed, it is."""
    running = WriterLock(paths.writers)
    with pytest.raises(StorageError, match="still running"):
        Database.open(paths, migrations=LATER)
    assert version_of(paths.database) == PRESENT
    running.release()
    Database.open(paths, migrations=LATER).close()
    assert version_of(paths.database) == PRESENT + 2


def test_each_migration_is_one_transaction() -> None:
    """A migration finds a transaction open that holds everything, with foreign keys checked only at its end."""
    seen: list[tuple[bool, int]] = []

    def look(connection: sqlite3.Connection) -> None:
        seen.append((connection.in_transaction, connection.execute("PRAGMA foreign_keys").fetchone()[0]))

    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection, (look, look))
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    assert seen == [(True, 0), (True, 0)]

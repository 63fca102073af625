"""The tables. A migration that has been released is never changed: what comes later is another migration."""

from __future__ import annotations

import sqlite3

# SQLite takes pictographs younger than its own tables for letters, and would glue them to the word that follows.
_PICTOGRAPHS = "".join(map(chr, range(0x1F000, 0x1FB00)))

_CONVERSATIONS = (
    # One number for every change in this file: what is newer is decided by it, never by the clock.
    "CREATE TABLE sequence (last INTEGER NOT NULL) STRICT",
    "INSERT INTO sequence (last) VALUES (0)",
    """
    CREATE TABLE conversation (
        sequence INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        title TEXT NOT NULL,
        model TEXT,
        draft TEXT NOT NULL DEFAULT '',
        leaf_id TEXT,
        changed INTEGER NOT NULL UNIQUE,
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL,
        deleted_at TEXT,
        FOREIGN KEY (id, leaf_id) REFERENCES message (conversation_id, id) DEFERRABLE INITIALLY DEFERRED
    ) STRICT
    """,
    # A message's parent is of the same conversation. While a reply streams, `writer` names the process that writes it.
    """
    CREATE TABLE message (
        sequence INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        conversation_id TEXT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
        parent_id TEXT,
        role TEXT NOT NULL,
        status TEXT NOT NULL,
        text TEXT NOT NULL,
        model_name TEXT,
        trouble TEXT,
        writer TEXT,
        created_at TEXT NOT NULL,
        UNIQUE (conversation_id, id),
        FOREIGN KEY (conversation_id, parent_id) REFERENCES message (conversation_id, id) DEFERRABLE INITIALLY DEFERRED,
        CHECK ((status = 'streaming') = (writer IS NOT NULL))
    ) STRICT
    """,
    "CREATE INDEX message_by_parent ON message (conversation_id, parent_id)",
    "CREATE INDEX message_by_writer ON message (writer) WHERE writer IS NOT NULL",
    # Token ids are little-endian 32-bit integers in a row; receipt and trouble are JSON.
    """
    CREATE TABLE generation (
        message_id TEXT NOT NULL REFERENCES message (id) ON DELETE CASCADE,
        ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
        first_character INTEGER NOT NULL CHECK (first_character >= 0),
        token_ids BLOB NOT NULL DEFAULT x'',
        model_sha256 TEXT,
        receipt TEXT,
        PRIMARY KEY (message_id, ordinal)
    ) STRICT
    """,
    # What was generated since the message's text was last written; emptied when the generation ends.
    """
    CREATE TABLE journal (
        sequence INTEGER PRIMARY KEY,
        message_id TEXT NOT NULL,
        ordinal INTEGER NOT NULL,
        text TEXT NOT NULL,
        token_ids BLOB NOT NULL,
        FOREIGN KEY (message_id, ordinal) REFERENCES generation (message_id, ordinal) ON DELETE CASCADE
    ) STRICT
    """,
    "CREATE INDEX journal_by_message ON journal (message_id, ordinal)",
    # Filled by search.py and not by triggers: a schema that is not trusted may not touch a virtual table.
    f"""
    CREATE VIRTUAL TABLE message_search USING fts5 (
        text, content='message', content_rowid='sequence', prefix='2 3',
        tokenize="unicode61 remove_diacritics 2 separators '{_PICTOGRAPHS}'"
    )
    """,
)


def m001_conversations(connection: sqlite3.Connection) -> None:
    """Conversations as trees of messages, what was generated for them, the journal of a running reply, and search."""
    for statement in _CONVERSATIONS:
        connection.execute(statement)


_WHAT_THE_ENGINE_SHOWS = (
    "ALTER TABLE message ADD COLUMN reasoning TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE message ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1))",
    # The first so many ids of a generation are its reasoning. Choices are msgpack, each run of them behind its length.
    "ALTER TABLE generation ADD COLUMN reasoning_tokens INTEGER NOT NULL DEFAULT 0 CHECK (reasoning_tokens >= 0)",
    "ALTER TABLE generation ADD COLUMN choices BLOB NOT NULL DEFAULT x''",
    "ALTER TABLE journal ADD COLUMN is_reasoning INTEGER NOT NULL DEFAULT 0 CHECK (is_reasoning IN (0, 1))",
    "ALTER TABLE journal ADD COLUMN choices BLOB NOT NULL DEFAULT x''",
    "ALTER TABLE conversation ADD COLUMN options TEXT NOT NULL DEFAULT '{}'",
    # Stands for the messages of a branch from its root to `last_message_id`.
    """
    CREATE TABLE summary (
        conversation_id TEXT NOT NULL,
        last_message_id TEXT NOT NULL,
        text TEXT NOT NULL,
        PRIMARY KEY (conversation_id, last_message_id),
        FOREIGN KEY (conversation_id, last_message_id) REFERENCES message (conversation_id, id) ON DELETE CASCADE
    ) STRICT
    """,
)


def m002_what_the_engine_shows(connection: sqlite3.Connection) -> None:
    """Reasoning beside the text, tokens' probabilities, pinned messages, summaries, and options of a conversation."""
    for statement in _WHAT_THE_ENGINE_SHOWS:
        connection.execute(statement)

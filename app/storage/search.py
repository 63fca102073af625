"""Finding messages by their words."""

from __future__ import annotations

import sqlite3

from app.conversation import SearchHit
from app.given_text import whole_characters

_MAX_WORDS = 32
_MAX_HITS = 500
_SNIPPET_TOKENS = 16


def add_to_index(connection: sqlite3.Connection, sequence: int, text: str) -> None:
    """Make a new message findable. Each message has exactly one entry, also while it is empty."""
    connection.execute("INSERT INTO message_search (rowid, text) VALUES (?, ?)", (sequence, text))


def take_from_index(connection: sqlite3.Connection, sequence: int, text: str) -> None:
    """Forget a message's words, before they change. `text` is what was indexed."""
    connection.execute(
        "INSERT INTO message_search (message_search, rowid, text) VALUES ('delete', ?, ?)", (sequence, text)
    )


def find(connection: sqlite3.Connection, words: str) -> list[SearchHit]:
    """Give the messages that hold every one of `words`, or words that begin like them; the newest first."""
    query = _query(words)
    if not query:
        return []
    found = connection.execute(
        """
        SELECT message.conversation_id, message.id, conversation.title,
               snippet(message_search, 0, '', '', '…', ?)
        FROM message_search
        JOIN message ON message.sequence = message_search.rowid
        JOIN conversation ON conversation.id = message.conversation_id
        WHERE message_search MATCH ? AND conversation.deleted_at IS NULL
        ORDER BY message_search.rowid DESC
        LIMIT ?
        """,
        (_SNIPPET_TOKENS, query, _MAX_HITS),
    )
    return [SearchHit(conversation, message, title, _one_line(text)) for conversation, message, title, text in found]


def _query(words: str) -> str:
    """Put what the user typed into the search's own language, in which nothing but words is left of it."""
    plain = whole_characters(words).replace("\0", " ").replace('"', " ")
    return " ".join(f'"{word}"*' for word in plain.split()[:_MAX_WORDS])


def _one_line(text: str) -> str:
    return " ".join(text.split())

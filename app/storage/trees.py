"""Reading conversations and the trees of their messages."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable

import msgspec

from app.conversation import Conversation, Generation, Message, Summary
from app.given_text import whole_characters
from app.storage.errors import NotFoundError
from app.storage.rows import (
    SELECT_CONVERSATION,
    SELECT_MESSAGE,
    MessageRow,
    conversation_from,
    generation_from,
    message_from,
    unpack_tokens,
)
from app.storage.written import Written, unpack_choices

_AFTER_ANY_CHARACTER = "\U0010ffff"


def find_conversation_id(connection: sqlite3.Connection, wanted: str) -> str:
    """Complete an id, or the beginning of one that fits no other. Raises `NotFoundError`."""
    found = connection.execute(
        "SELECT id FROM conversation WHERE id >= ? AND id < ? ORDER BY id LIMIT 2", _range(wanted)
    )
    ids = [str(row[0]) for row in found]
    if not ids or not wanted:
        raise NotFoundError(
            "There is no conversation {id}.", next_step="Look for it in the list, or in the bin.", id=wanted
        )
    if len(ids) > 1 and ids[0] != wanted:
        raise NotFoundError(
            "More than one conversation has an id that begins with {id}.", next_step="Give more of it.", id=wanted
        )
    return ids[0]


def find_message_id(connection: sqlite3.Connection, wanted: str) -> str:
    """The same for a message."""
    found = connection.execute("SELECT id FROM message WHERE id >= ? AND id < ? ORDER BY id LIMIT 2", _range(wanted))
    ids = [str(row[0]) for row in found]
    if not ids or not wanted:
        raise NotFoundError("There is no message {id}.", next_step="Look for it in its conversation's tree.", id=wanted)
    if len(ids) > 1 and ids[0] != wanted:
        raise NotFoundError(
            "More than one message has an id that begins with {id}.", next_step="Give more of it.", id=wanted
        )
    return ids[0]


def read_conversations(connection: sqlite3.Connection, *, in_bin: bool) -> list[Conversation]:
    """Those in the list, or those in the bin; the last changed first."""
    rows = connection.execute(
        SELECT_CONVERSATION + "WHERE (deleted_at IS NOT NULL) = ? ORDER BY changed DESC", (in_bin,)
    )
    return [conversation_from(row) for row in rows]


def read_conversation(connection: sqlite3.Connection, conversation_id: str) -> Conversation:
    """One, by an id that is known to exist."""
    return conversation_from(connection.execute(SELECT_CONVERSATION + "WHERE id = ?", (conversation_id,)).fetchone())


def read_branch(connection: sqlite3.Connection, conversation_id: str) -> list[Message]:
    """From the root to the current leaf."""
    rows = connection.execute(
        """
        WITH RECURSIVE branch (branch_id, height) AS (
            SELECT leaf_id, 0 FROM conversation WHERE id = ? AND leaf_id IS NOT NULL
            UNION ALL
            SELECT message.parent_id, height + 1 FROM branch JOIN message ON message.id = branch_id
            WHERE message.parent_id IS NOT NULL
        )
        """  # noqa: S608 - both parts are our own
        + SELECT_MESSAGE
        + "JOIN branch ON message.id = branch_id ORDER BY height DESC",
        (conversation_id,),
    )
    return _with_generations(connection, rows.fetchall())


def read_tree(connection: sqlite3.Connection, conversation_id: str) -> list[Message]:
    """All messages, in the order in which they were made."""
    rows = connection.execute(
        SELECT_MESSAGE + "WHERE conversation_id = ? ORDER BY message.sequence", (conversation_id,)
    )
    return _with_generations(connection, rows.fetchall())


def read_message(connection: sqlite3.Connection, message_id: str) -> Message:
    """One, by an id that is known to exist."""
    rows = connection.execute(SELECT_MESSAGE + "WHERE message.id = ?", (message_id,))
    (message,) = _with_generations(connection, rows.fetchall())
    return message


def _with_generations(connection: sqlite3.Connection, rows: list[MessageRow]) -> list[Message]:
    ids = msgspec.json.encode([row[0] for row in rows]).decode()
    journalled = _journalled(connection, ids)
    generations: defaultdict[str, list[Generation]] = defaultdict(list)
    found = connection.execute(
        """
        SELECT message_id, ordinal, first_character, token_ids, model_sha256, receipt, reasoning_tokens, choices
        FROM generation WHERE message_id IN (SELECT value FROM json_each(?)) ORDER BY message_id, ordinal
        """,
        (ids,),
    )
    running: dict[str, list[Written]] = {}
    for row in found:
        running[row[0]] = journalled.get((row[0], row[1]), [])
        generations[row[0]].append(generation_from(row, running[row[0]]))
    return [message_from(row, tuple(generations[row[0]]), running.get(row[0], ())) for row in rows]


def _journalled(connection: sqlite3.Connection, ids: str) -> dict[tuple[str, int], list[Written]]:
    """What running generations have written to the journal. A message has one at most: its last."""
    written: defaultdict[tuple[str, int], list[Written]] = defaultdict(list)
    found: Iterable[tuple[str, int, str, bytes, bytes, int]] = connection.execute(
        """
        SELECT message_id, ordinal, text, token_ids, choices, is_reasoning FROM journal
        WHERE message_id IN (SELECT value FROM json_each(?)) ORDER BY sequence
        """,
        (ids,),
    )
    for message_id, ordinal, text, token_ids, choices, is_reasoning in found:
        piece = Written(text, unpack_tokens(token_ids), unpack_choices(choices), is_reasoning=bool(is_reasoning))
        written[message_id, ordinal].append(piece)
    return written


def read_summary(connection: sqlite3.Connection, conversation_id: str) -> Summary | None:
    """The summary that reaches furthest down the conversation's branch, if there is one."""
    places = {message.id: place for place, message in enumerate(read_branch(connection, conversation_id))}
    found: Iterable[tuple[str, str]] = connection.execute(
        "SELECT last_message_id, text FROM summary WHERE conversation_id = ?", (conversation_id,)
    )
    summaries = [Summary(*row) for row in found if row[0] in places]
    return max(summaries, key=lambda summary: places[summary.last_message_id], default=None)


def _range(prefix: str) -> tuple[str, str]:
    beginning = whole_characters(prefix)
    return beginning, beginning + _AFTER_ANY_CHARACTER

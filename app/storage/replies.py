"""What is written as a turn begins, streams and ends. Every function runs inside one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from app.conversation import Message, MessageStatus, Receipt, Role, Summary, Trouble
from app.given_text import whole_characters
from app.storage.errors import StorageError
from app.storage.rows import json_from, pack_tokens, time_text
from app.storage.search import add_to_index, take_from_index
from app.storage.trees import find_conversation_id, find_message_id, read_conversation, read_message
from app.storage.turns import NewTurn, StartedTurn
from app.storage.written import Written, joined, pack_choices


@dataclass(frozen=True, slots=True)
class NewReply:
    """A reply that is about to be written to the message `parent_id`, beside those that are there already."""

    id: str
    parent_id: str
    model_name: str | None
    model_sha256: str | None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a generation ended."""

    status: MessageStatus
    receipt: Receipt | None = None
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class _NewMessage:
    id: str
    conversation_id: str
    parent_id: str | None
    role: Role
    text: str = ""
    model_name: str | None = None
    writer_id: str | None = None

    @property
    def status(self) -> MessageStatus:
        return MessageStatus.COMPLETE if self.writer_id is None else MessageStatus.STREAMING


def insert_conversation(connection: sqlite3.Connection, id_: str, title: str, model: str | None, now: datetime) -> None:
    """Make a conversation without messages."""
    number, at = _next_sequence(connection), time_text(now)
    connection.execute(
        """
        INSERT INTO conversation (sequence, changed, id, title, model, created_at, updated_at)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
        (number, number, id_, whole_characters(title), None if model is None else whole_characters(model), at, at),
    )


def insert_turn(connection: sqlite3.Connection, turn: NewTurn, writer_id: str, now: datetime) -> StartedTurn:
    """Save a user message and the empty reply to it, with the conversation and the system message that are new."""
    if turn.conversation_id is not None:
        conversation_id = find_conversation_id(connection, turn.conversation_id)
    else:
        conversation_id = turn.new_conversation_id
        insert_conversation(connection, conversation_id, turn.title, turn.model_name, now)
        connection.execute(
            "UPDATE conversation SET options = ? WHERE id = ?", (json_from(turn.options), conversation_id)
        )
    system, parent_id = None, None
    if turn.parent_id is not None:
        parent_id = find_message_id(connection, turn.parent_id)
    elif turn.system_prompt is not None:
        parent_id = turn.system_message_id
        new = _NewMessage(parent_id, conversation_id, None, Role.SYSTEM, turn.system_prompt)
        system = _insert_message(connection, new, now)
    user = _insert_message(
        connection, _NewMessage(turn.user_message_id, conversation_id, parent_id, Role.USER, turn.text), now
    )
    reply = insert_reply(
        connection, NewReply(turn.reply_id, turn.user_message_id, turn.model_name, turn.model_sha256), writer_id, now
    )
    connection.execute(
        "UPDATE conversation SET title = ? WHERE id = ? AND title = ''", (whole_characters(turn.title), conversation_id)
    )
    return StartedTurn(read_conversation(connection, conversation_id), system, user, reply)


def insert_reply(connection: sqlite3.Connection, new: NewReply, writer_id: str, now: datetime) -> Message:
    """Save an empty streaming reply with its first generation, and make it the leaf. Earlier replies stay beside it."""
    parent = read_message(connection, find_message_id(connection, new.parent_id))
    conversation_id = parent.conversation_id
    _insert_message(
        connection,
        _NewMessage(new.id, conversation_id, parent.id, Role.ASSISTANT, model_name=new.model_name, writer_id=writer_id),
        now,
    )
    _insert_generation(connection, new.id, 0, new.model_sha256)
    connection.execute(
        "UPDATE conversation SET leaf_id = ?, model = coalesce(?, model) WHERE id = ?",
        (new.id, new.model_name, conversation_id),
    )
    _touch(connection, conversation_id, now)
    return read_message(connection, new.id)


def reopen_reply(
    connection: sqlite3.Connection, message_id: str, model_sha256: str | None, writer_id: str, now: datetime
) -> Message:
    """Add a generation to a reply that has ended: it streams again, behind the text it has."""
    message = read_message(connection, find_message_id(connection, message_id))
    if message.role is not Role.ASSISTANT or message.status is MessageStatus.STREAMING:
        raise StorageError("Only a reply that has ended can be continued.", details=f"{message.role}, {message.status}")
    _insert_generation(connection, message.id, len(message.text), model_sha256)
    connection.execute(
        "UPDATE message SET status = ?, writer = ?, trouble = NULL WHERE id = ?",
        (MessageStatus.STREAMING, writer_id, message.id),
    )
    _touch(connection, message.conversation_id, now)
    return read_message(connection, message.id)


def append_to_journal(
    connection: sqlite3.Connection, message_id: str, writer_id: str, pieces: Sequence[Written]
) -> None:
    """Keep what was just generated, in rows of its own: the growing message is never written again."""
    for piece in joined(pieces):
        appended = connection.execute(
            """
            INSERT INTO journal (message_id, ordinal, text, token_ids, choices, is_reasoning)
            SELECT message_id, max(ordinal), ?, ?, ?, ? FROM generation
            JOIN message ON message.id = message_id
            WHERE message_id = ? AND writer = ?
            GROUP BY message_id
            """,
            (
                whole_characters(piece.text),
                pack_tokens(piece.tokens),
                pack_choices(piece.choices),
                piece.is_reasoning,
                message_id,
                writer_id,
            ),
        )
        if appended.rowcount != 1:
            raise _not_being_written(message_id)


def end_generation(connection: sqlite3.Connection, message_id: str, ending: Ending) -> Message:
    """Join the journal to the message's text and its tokens to the generation. The message has no writer any more."""
    message = read_message(connection, message_id)
    ((sequence, text_before),) = connection.execute(
        "SELECT sequence, text FROM message WHERE id = ?", (message_id,)
    ).fetchall()
    take_from_index(connection, sequence, text_before)
    add_to_index(connection, sequence, message.text)
    connection.execute(
        "UPDATE message SET text = ?, reasoning = ?, status = ?, trouble = ?, writer = NULL WHERE id = ?",
        (message.text, message.reasoning, ending.status, json_from(ending.trouble), message_id),
    )
    running = message.generations[-1]
    connection.execute(
        """
        UPDATE generation SET token_ids = ?, reasoning_tokens = ?, choices = ?, receipt = ?,
            model_sha256 = coalesce(?, model_sha256)
        WHERE message_id = ? AND ordinal = ?
        """,
        (
            pack_tokens(running.token_ids),
            running.reasoning_tokens,
            pack_choices(running.choices),
            json_from(ending.receipt),
            ending.receipt.model.sha256 if ending.receipt else None,
            message_id,
            running.ordinal,
        ),
    )
    connection.execute("DELETE FROM journal WHERE message_id = ?", (message_id,))
    return read_message(connection, message_id)


def finish_reply(
    connection: sqlite3.Connection, message_id: str, writer_id: str, ending: Ending, now: datetime
) -> Message:
    """End a generation as its writer does."""
    if not connection.execute("SELECT 1 FROM message WHERE id = ? AND writer = ?", (message_id, writer_id)).fetchall():
        raise _not_being_written(message_id)
    message = end_generation(connection, message_id, ending)
    _touch(connection, message.conversation_id, now)
    return message


def name_file(connection: sqlite3.Connection, message_id: str, ordinal: int, sha256: str) -> Message:
    """Say of a generation that has ended which file wrote it, where nothing says that yet."""
    connection.execute(
        """
        UPDATE generation SET model_sha256 = ?1, receipt = json_set(receipt, '$.model.sha256', ?1)
        WHERE message_id = ?2 AND ordinal = ?3 AND model_sha256 IS NULL
        """,
        (sha256, message_id, ordinal),
    )
    return read_message(connection, message_id)


def write_summary(connection: sqlite3.Connection, conversation_id: str, summary: Summary) -> None:
    """Save a summary in place of the one that reaches as far, if there is one, and of those that reach further.

    These were made from what stood for the same messages before.
    """
    last_message_id = find_message_id(connection, summary.last_message_id)
    connection.execute(
        """
        DELETE FROM summary WHERE conversation_id = ?1 AND last_message_id IN (
            WITH RECURSIVE below (id) AS (
                SELECT id FROM message WHERE conversation_id = ?1 AND parent_id = ?2
                UNION ALL
                SELECT message.id FROM message JOIN below ON conversation_id = ?1 AND parent_id = below.id
            ) SELECT id FROM below
        )
        """,
        (conversation_id, last_message_id),
    )
    connection.execute(
        """
        INSERT INTO summary (conversation_id, last_message_id, text) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET text = excluded.text
        """,
        (conversation_id, last_message_id, whole_characters(summary.text)),
    )


def interrupt_replies(connection: sqlite3.Connection, writer_ids: Collection[str]) -> tuple[str, ...]:
    """End what these processes were writing; they cannot any more. Gives the messages' ids."""
    found = connection.execute(
        "SELECT id FROM message WHERE writer IN (SELECT value FROM json_each(?)) ORDER BY sequence",
        (msgspec.json.encode(sorted(writer_ids)).decode(),),
    )
    ids = tuple(str(row[0]) for row in found.fetchall())
    for message_id in ids:
        end_generation(connection, message_id, Ending(MessageStatus.INTERRUPTED))
    return ids


def writers_of_replies(connection: sqlite3.Connection) -> frozenset[str]:
    """The processes that a streaming reply names, alive or not."""
    found = connection.execute("SELECT DISTINCT writer FROM message WHERE writer IS NOT NULL")
    return frozenset(str(row[0]) for row in found)


def _insert_message(connection: sqlite3.Connection, new: _NewMessage, now: datetime) -> Message:
    sequence, text = _next_sequence(connection), whole_characters(new.text)
    model_name = None if new.model_name is None else whole_characters(new.model_name)
    connection.execute(
        """
        INSERT INTO message
            (sequence, id, conversation_id, parent_id, role, status, text, model_name, writer, created_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (
            sequence,
            new.id,
            new.conversation_id,
            new.parent_id,
            new.role,
            new.status,
            text,
            model_name,
            new.writer_id,
            time_text(now),
        ),
    )
    add_to_index(connection, sequence, text)
    return read_message(connection, new.id)


def _insert_generation(
    connection: sqlite3.Connection, message_id: str, first_character: int, model_sha256: str | None
) -> None:
    connection.execute(
        """
        INSERT INTO generation (message_id, ordinal, first_character, model_sha256)
        SELECT ?, count(*), ?, ? FROM generation WHERE message_id = ?
        """,
        (message_id, first_character, model_sha256, message_id),
    )


def _touch(connection: sqlite3.Connection, conversation_id: str, now: datetime) -> None:
    """Put the conversation at the head of the list: something was said in it."""
    connection.execute(
        "UPDATE conversation SET changed = ?, updated_at = ? WHERE id = ?",
        (_next_sequence(connection), time_text(now), conversation_id),
    )


def _next_sequence(connection: sqlite3.Connection) -> int:
    """The number of this change; every later one is higher, whatever the clock does."""
    ((number,),) = connection.execute("UPDATE sequence SET last = last + 1 RETURNING last").fetchall()
    return int(number)


def _not_being_written(message_id: str) -> StorageError:
    return StorageError("This reply is not being written.", details=f"message {message_id}")

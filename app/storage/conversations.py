"""Conversations on disk: what the rest of Paddock reads them with and saves them by."""

from __future__ import annotations

import logging
import sqlite3
from concurrent.futures import Future

from app.conversation import Conversation, ConversationOptions, Message, SearchHit, Summary
from app.given_text import whole_characters
from app.paths import Paths
from app.storage import replies, search, trees
from app.storage.database import Database
from app.storage.errors import StorageError, folder_unusable
from app.storage.journal import JournalParts, ReplyJournal, TroubleListener
from app.storage.migrations import MIGRATIONS, Migration
from app.storage.rows import Clock, json_from, time_text, utc_now
from app.storage.turns import NewTurn, StartedTurn, make_id
from app.storage.writer import Sync, Writer
from app.storage.writer_lock import WriterLock, living_writers

__all__ = ["ConversationStore", "NewTurn", "ReplyJournal", "StartedTurn", "StorageError", "make_id"]

_log = logging.getLogger(__name__)


class ConversationStore:
    """The conversations of one user, shared by every process that has them open.

    Reading answers at once, on the thread that asks; where an id is wanted, its unique beginning will do. Writing is
    queued and answers by a future, resolved after the commit on the writer's thread, in the order of the calls.
    Both raise `StorageError`.
    """

    def __init__(self, paths: Paths, *, clock: Clock = utc_now, migrations: tuple[Migration, ...] = MIGRATIONS) -> None:
        """Open the database, or create it, and end what a process that died was writing. Raises `StorageError`."""
        self._folder = paths.writers
        self._clock = clock
        self._trouble: StorageError | None = None
        self.on_trouble: TroubleListener | None = None
        self._database = Database.open(paths, migrations=migrations, clock=clock)
        try:
            self._lock = WriterLock(paths.writers)
        except OSError as error:
            raise folder_unusable(paths.writers, str(error)) from error
        try:
            self._writer = Writer(self._database)
        except StorageError:
            self._lock.release()
            raise
        self._journals = JournalParts(self._writer, self._lock.writer_id, clock, self._report)
        self._recover_at_start()

    @classmethod
    def open(cls, paths: Paths) -> ConversationStore:
        """Open them with the clock of this computer and the migrations of this version."""
        return cls(paths)

    @property
    def trouble(self) -> StorageError | None:
        """Why text of a streaming reply is held in memory and not yet saved; None when all is on the disk.

        `on_trouble` is called with it, or with None when it has passed: on the writer's thread, only when it changes.
        """
        return self._trouble

    def conversations(self, *, in_bin: bool = False) -> list[Conversation]:
        """Those in the list, or those in the bin; the one in which something was said last comes first."""
        with self._database.read() as connection:
            return trees.read_conversations(connection, in_bin=in_bin)

    def conversation(self, conversation_id: str) -> Conversation:
        """One, also from the bin."""
        with self._database.read() as connection:
            return trees.read_conversation(connection, trees.find_conversation_id(connection, conversation_id))

    def branch(self, conversation_id: str) -> list[Message]:
        """Messages from the root to the current leaf. A streaming reply has the text that is on the disk so far."""
        with self._database.read() as connection:
            return trees.read_branch(connection, trees.find_conversation_id(connection, conversation_id))

    def tree(self, conversation_id: str) -> list[Message]:
        """All messages, in the order in which they were made."""
        with self._database.read() as connection:
            return trees.read_tree(connection, trees.find_conversation_id(connection, conversation_id))

    def message(self, message_id: str) -> Message:
        """One message, wherever it is."""
        with self._database.read() as connection:
            return trees.read_message(connection, trees.find_message_id(connection, message_id))

    def summary(self, conversation_id: str) -> Summary | None:
        """What stands for the beginning of the open branch; None when nothing does."""
        with self._database.read() as connection:
            return trees.read_summary(connection, trees.find_conversation_id(connection, conversation_id))

    def search(self, words: str) -> list[SearchHit]:
        """Messages that hold all of `words`, or words beginning so; the newest first. The bin is not searched."""
        with self._database.read() as connection:
            return search.find(connection, words)

    def integrity(self) -> str:
        """Read the whole file, and say "ok" or what is wrong with it. Takes a while."""
        return self._database.integrity()

    def create(
        self, *, title: str, model: str | None = None, conversation_id: str | None = None
    ) -> Future[Conversation]:
        """Make a conversation without messages."""
        id_ = conversation_id or make_id()

        def write(connection: sqlite3.Connection) -> Conversation:
            replies.insert_conversation(connection, id_, title, model, self._clock())
            return trees.read_conversation(connection, id_)

        return self._writer.submit(write)

    def begin_turn(self, turn: NewTurn) -> Future[StartedTurn]:
        """Save the user message and an empty reply that streams, all or nothing; the reply becomes the leaf."""
        return self._writer.submit(
            lambda connection: replies.insert_turn(connection, turn, self._lock.writer_id, self._clock())
        )

    def begin_reply(
        self,
        user_message_id: str,
        *,
        model_name: str | None = None,
        model_sha256: str | None = None,
        reply_id: str | None = None,
    ) -> Future[Message]:
        """Save another empty reply to a user message, beside those that are there; it streams, and becomes the leaf."""
        new = replies.NewReply(reply_id or make_id(), user_message_id, model_name, model_sha256)
        return self._writer.submit(
            lambda connection: replies.insert_reply(connection, new, self._lock.writer_id, self._clock())
        )

    def continue_reply(self, message_id: str, *, model_sha256: str | None = None) -> Future[Message]:
        """Add a generation to a reply that has ended. It streams again, behind the text it has."""
        return self._writer.submit(
            lambda connection: replies.reopen_reply(
                connection, message_id, model_sha256, self._lock.writer_id, self._clock()
            )
        )

    def journal(self, message_id: str) -> ReplyJournal:
        """Take down what is generated for a reply that this store has begun or continued."""
        return ReplyJournal(message_id, self._journals)

    def recover_interrupted(self) -> Future[tuple[str, ...]]:
        """Mark what dead processes were writing as interrupted, with all that is on the disk. Gives the ids."""
        return self._writer.submit(self._interrupt_dead)

    def rename(self, conversation_id: str, title: str) -> Future[Conversation]:
        """Give it another title; its place in the list stays."""
        return self._update("UPDATE conversation SET title = ? WHERE id = ?", conversation_id, whole_characters(title))

    def set_draft(self, conversation_id: str, draft: str) -> Future[Conversation]:
        """Keep what stands in the prompt editor."""
        return self._update("UPDATE conversation SET draft = ? WHERE id = ?", conversation_id, whole_characters(draft))

    def set_model(self, conversation_id: str, model: str | None) -> Future[Conversation]:
        """Choose the model for its next turn."""
        value = None if model is None else whole_characters(model)
        return self._update("UPDATE conversation SET model = ? WHERE id = ?", conversation_id, value)

    def set_options(self, conversation_id: str, options: ConversationOptions) -> Future[Conversation]:
        """Set what holds for this conversation only."""
        return self._update("UPDATE conversation SET options = ? WHERE id = ?", conversation_id, json_from(options))

    def set_pinned(self, message_id: str, *, pinned: bool) -> Future[Message]:
        """Let a message stay in the context window when others fall out, or no longer."""

        def write(connection: sqlite3.Connection) -> Message:
            id_ = trees.find_message_id(connection, message_id)
            connection.execute("UPDATE message SET pinned = ? WHERE id = ?", (pinned, id_))
            return trees.read_message(connection, id_)

        return self._writer.submit(write)

    def set_summary(self, conversation_id: str, summary: Summary) -> Future[Summary]:
        """Keep what stands for the messages up to its last one, in place of what stood for them and for more."""

        def write(connection: sqlite3.Connection) -> Summary:
            replies.write_summary(connection, trees.find_conversation_id(connection, conversation_id), summary)
            return summary

        return self._writer.submit(write)

    def set_leaf(self, conversation_id: str, message_id: str | None) -> Future[Conversation]:
        """Open the branch that ends at one of its messages; None is the empty branch before any root."""

        def write(connection: sqlite3.Connection) -> Conversation:
            leaf_id = None if message_id is None else trees.find_message_id(connection, message_id)
            return _update(connection, "UPDATE conversation SET leaf_id = ? WHERE id = ?", conversation_id, leaf_id)

        return self._writer.submit(write)

    def move_to_bin(self, conversation_id: str) -> Future[Conversation]:
        """Take it out of the list and the search. Nothing of it is lost."""
        return self._update(
            "UPDATE conversation SET deleted_at = coalesce(deleted_at, ?) WHERE id = ?",
            conversation_id,
            time_text(self._clock()),
        )

    def restore(self, conversation_id: str) -> Future[Conversation]:
        """Bring it back from the bin."""
        return self._update("UPDATE conversation SET deleted_at = ? WHERE id = ?", conversation_id, None)

    def close(self) -> None:
        """Save what was asked for; end the replies that still stream as interrupted. May be called twice."""
        self._database.close()
        self._writer.close(self._interrupt_own)
        self._lock.release()

    def _update(self, statement: str, conversation_id: str, value: str | None) -> Future[Conversation]:
        return self._writer.submit(lambda connection: _update(connection, statement, conversation_id, value))

    def _recover_at_start(self) -> None:
        try:
            self.recover_interrupted().result()
        except StorageError as error:
            # A full disk must not keep anybody from reading; these replies wait for the next start.
            _log.warning("Interrupted replies could not be recovered: %s", error.details)

    def _interrupt_dead(self, connection: sqlite3.Connection) -> tuple[str, ...]:
        # In this order: a process takes its lock before it names itself in a row, so whoever is named and free is dead.
        named = replies.writers_of_replies(connection)
        return replies.interrupt_replies(connection, named - living_writers(self._folder))

    def _interrupt_own(self) -> None:
        own = (self._lock.writer_id,)
        try:
            self._writer.commit(lambda connection: replies.interrupt_replies(connection, own), Sync.FULL)
        except StorageError as error:
            _log.warning("A streaming reply could not be ended; the next start does it: %s", error.details)

    def _report(self, trouble: StorageError | None) -> None:
        if trouble is None and self._trouble is None:
            return
        is_news = self._trouble is None or trouble is None
        self._trouble = trouble
        if is_news and self.on_trouble is not None:
            self.on_trouble(trouble)


def _update(connection: sqlite3.Connection, statement: str, conversation_id: str, value: str | None) -> Conversation:
    id_ = trees.find_conversation_id(connection, conversation_id)
    connection.execute(statement, (value, id_))
    return trees.read_conversation(connection, id_)

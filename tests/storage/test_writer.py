"""The thread that writes outlives whatever goes wrong, and holds no text back for long."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing

import pytest

from app.conversation import MessageStatus
from app.errors import Fault
from app.paths import Paths
from app.storage.conversations import ConversationStore, StorageError
from app.storage.written import Written
from tests.storage.conftest import Ask
from tests.storage.stories import begin, turn, wait_until, writer_of

LONG = "word " * 40_000


def test_a_streaming_reply_is_synced_every_two_seconds(store: ConversationStore) -> None:
    """Appends do not wait for the disk; a commit that does follows by itself."""
    reply = begin(store).reply
    statements: list[str] = []
    writer_of(store).submit(lambda connection: connection.set_trace_callback(statements.append)).result()
    statements.clear()
    store.journal(reply.id).append(Written("one", (1,)))
    wait_until(lambda: "PRAGMA synchronous = NORMAL" in statements, timeout_s=1)
    wait_until(lambda: "PRAGMA synchronous = FULL" in statements, timeout_s=2)
    wait_until(lambda: statements[-1] == "COMMIT")
    assert statements[-2].startswith("UPDATE")


def test_a_user_message_waits_for_the_disk(store: ConversationStore) -> None:
    """What the user wrote, and the end of a reply, are committed so that a power failure does not take them."""
    statements: list[str] = []
    writer_of(store).submit(lambda connection: connection.set_trace_callback(statements.append)).result()
    statements.clear()
    turn(store)
    assert "PRAGMA synchronous = FULL" in statements
    assert "PRAGMA synchronous = NORMAL" not in statements


def test_a_full_disk_loses_no_word_of_a_reply(store: ConversationStore, set_limit: Callable[[int], None]) -> None:
    """While the disk is full the reply goes on in memory; the window is told once; all is saved when there is room."""
    told: list[StorageError | None] = []
    store.on_trouble = told.append
    reply = begin(store).reply
    journal = store.journal(reply.id)
    journal.append(Written("Before. ", (1,)))
    wait_until(lambda: store.message(reply.id).text == "Before. ")
    set_limit(1)
    journal.append(Written(LONG, (2,)))
    wait_until(lambda: len(told) == 1)
    journal.append(Written("After.", (3,)))
    finished = journal.finish(MessageStatus.COMPLETE, None)
    with pytest.raises(StorageError, match="The disk is full") as caught:
        begin(store, LONG)
    assert caught.value.fault is Fault.MACHINE
    assert not finished.done()
    assert store.trouble is not None
    assert str(told[0]) == (
        "The disk is full. Your text is held in memory and will be saved as soon as there is room: 20 MB are enough."
    )
    set_limit(1_000_000)
    assert finished.result(timeout=10).text == "Before. " + LONG + "After."
    assert finished.result().generations[0].token_ids == (1, 2, 3)
    assert (told[1:], store.trouble) == ([None], None)
    assert begin(store, LONG).user.text == LONG
    assert store.integrity() == "ok"


@pytest.mark.skipif(os.name != "posix", reason="the limit is POSIX's")
def test_a_disk_that_refuses_to_write(store: ConversationStore, paths: Paths) -> None:
    """When the operating system takes no more bytes, the reply waits in memory too."""
    import resource

    reply = begin(store).reply
    written = paths.database.with_name(paths.database.name + "-wal").stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (written + 8192, hard))
    try:
        store.journal(reply.id).append(Written(LONG, (1,)))
        wait_until(lambda: store.trouble is not None)
        with pytest.raises(StorageError, match="disk"):
            begin(store, LONG)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    wait_until(lambda: store.message(reply.id).text == LONG)
    wait_until(lambda: store.trouble is None)
    assert store.integrity() == "ok"


def test_closing_on_a_full_disk_says_so(paths: Paths) -> None:
    """A reply that could not be saved until the end is not called saved; what was on the disk before is recovered."""
    store = ConversationStore(paths)
    reply = begin(store).reply
    journal = store.journal(reply.id)
    journal.append(Written("Before.", (1,)))
    wait_until(lambda: store.message(reply.id).text == "Before.")
    limit(store, 1)
    journal.append(Written(LONG, (2,)))
    finished = journal.finish(MessageStatus.COMPLETE, None)
    store.close()
    with pytest.raises(StorageError, match="The disk is full"):
        finished.result(timeout=0)
    store = ConversationStore(paths)
    assert (store.message(reply.id).text, store.message(reply.id).status) == ("Before.", MessageStatus.INTERRUPTED)
    store.close()


def test_another_program_holds_the_file_for_a_while(store: ConversationStore, paths: Paths) -> None:
    """Writes wait for a program that has locked the file, and reading goes on meanwhile."""
    started = begin(store)
    with closing(sqlite3.connect(paths.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        journal = store.journal(started.reply.id)
        journal.append(Written("Patience", (1,)))
        finished = journal.finish(MessageStatus.COMPLETE, None)
        assert store.message(started.user.id).text == "Hello"
        assert not finished.done()
        other.execute("COMMIT")
    assert finished.result().text == "Patience"


def test_a_program_that_never_lets_go_is_named(store: ConversationStore, paths: Paths) -> None:
    """The user hears why nothing is saved; the text is not lost."""
    writer_of(store).submit(lambda connection: connection.execute("PRAGMA busy_timeout = 50").fetchall()).result()
    told: list[StorageError | None] = []
    store.on_trouble = told.append
    started = begin(store)
    with closing(sqlite3.connect(paths.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        renamed = store.rename(started.conversation.id, "New name")
        store.journal(started.reply.id).append(Written("Patience", (1,)))
        with pytest.raises(StorageError, match="Another program holds the file"):
            renamed.result()
        wait_until(lambda: len(told) == 1)
        assert "held in memory" in str(told[0])
        other.execute("ROLLBACK")
    wait_until(lambda: store.message(started.reply.id).text == "Patience")
    wait_until(lambda: store.trouble is None)


def test_a_failed_write_leaves_the_thread_alive(store: ConversationStore, ask: Ask) -> None:
    """A bug in one write reaches who asked for it, takes its transaction back, and the next write is done."""

    def broken(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM message")
        raise KeyError("bug")

    def broken_task() -> None:
        raise KeyError("another bug")

    started = turn(store)
    with pytest.raises(KeyError):
        writer_of(store).submit(broken).result()
    writer_of(store).call_later(0, broken_task)
    store.rename(started.conversation.id, "Still here").result()
    assert ask("SELECT title FROM conversation") == [("Still here",)]
    assert len(store.tree(started.conversation.id)) == 2


def test_writes_are_done_in_the_order_of_the_calls(store: ConversationStore) -> None:
    """The last of many renames is the one that stays, and every future is answered after its commit."""
    id_ = turn(store).conversation.id
    seen: list[str] = []
    futures = [store.rename(id_, str(number)) for number in range(100)]
    for future in futures:
        future.add_done_callback(lambda done: seen.append(done.result().title))
    futures[-1].result()
    assert store.conversation(id_).title == "99"
    wait_until(lambda: len(seen) == 100)


def test_a_cancelled_write_is_not_done(store: ConversationStore) -> None:
    """A write that nobody wants any more before its turn came leaves no trace."""
    id_ = turn(store, title="Old").conversation.id
    gate: Future[None] = Future()
    writer_of(store).call_later(0, gate.result)
    unwanted = store.rename(id_, "New")
    assert unwanted.cancel()
    gate.set_result(None)
    assert store.set_draft(id_, "d").result().title == "Old"


@pytest.fixture
def set_limit(store: ConversationStore) -> Callable[[int], None]:
    """Give the database at most so many pages."""
    return lambda pages: limit(store, pages)


def limit(store: ConversationStore, pages: int) -> None:
    """Let the writing connection find the disk full beyond so many pages; it never takes pages away."""
    writer_of(store).submit(
        lambda connection: connection.execute(f"PRAGMA max_page_count = {pages}").fetchall()
    ).result()

"""A reply is on the disk while it streams, and what is there survives the death of the application."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from app.conversation import Alternative, MessageStatus, ModelIdentity, TokenChoice, Trouble
from app.paths import Paths
from app.storage.conversations import ConversationStore, StorageError
from app.storage.written import Written, pack_choices, unpack_choices
from tests.conftest import Campaign
from tests.storage.conftest import Ask
from tests.storage.stories import RECEIPT, begin, say, wait_until
from tests.storage.streaming_process import ANSWER

PROMISED_S = 0.25


@contextmanager
def another_process(task: str) -> Generator[subprocess.Popen[str]]:
    """Paddock, once more; it is dead when the block ends."""
    command = [sys.executable, "-m", "tests.storage.streaming_process", task]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def line_of(process: subprocess.Popen[str]) -> str:
    """The next thing that the process says."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def rest_of(process: subprocess.Popen[str]) -> list[str]:
    """All that a dead process had still said, without a line that was cut off."""
    assert process.stdout is not None
    return [line.strip() for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]


def test_a_piece_is_on_the_disk_in_time(store: ConversationStore, ask: Ask) -> None:
    """A second connection sees what was handed over within 250 ms, while the message's own row stays as it is."""
    reply = begin(store).reply
    journal = store.journal(reply.id)
    for number in range(20):
        handed_over = time.monotonic()
        journal.append(Written(f"{number} ", (number,)))
        wait_until(lambda: len(store.message(reply.id).generations[0].token_ids) == number + 1)  # noqa: B023 - called at once
        assert time.monotonic() - handed_over < PROMISED_S
    assert ask("SELECT text, status FROM message WHERE id = ?", reply.id) == [("", "streaming")]
    assert store.message(reply.id).text == "".join(f"{number} " for number in range(20))


def test_finishing_empties_the_journal(store: ConversationStore, ask: Ask) -> None:
    """What ended well lies in the message alone; how it ended is kept with it."""
    started = begin(store)
    journal = store.journal(started.reply.id)
    journal.append(Written("Half a", (1, 2)))
    trouble = Trouble("The engine stopped.", "Load it again.", "exit code -6")
    finished = journal.finish(MessageStatus.ERROR, None, trouble).result()
    assert (finished.text, finished.status, finished.trouble) == ("Half a", MessageStatus.ERROR, trouble)
    assert store.message(started.reply.id) == finished
    assert ask("SELECT count(*) FROM journal") == [(0,)]
    assert ask("SELECT count(*) FROM message WHERE writer IS NOT NULL") == [(0,)]


def test_a_finished_reply_takes_nothing_more(store: ConversationStore) -> None:
    """A piece that comes too late, or a second end, is an error and no change."""
    reply = begin(store).reply
    journal = store.journal(reply.id)
    journal.finish(MessageStatus.CANCELLED, None).result()
    with pytest.raises(StorageError, match="finished"):
        journal.append(Written("late", (1,)))
    with pytest.raises(StorageError, match="finished"):
        journal.finish(MessageStatus.COMPLETE, None)
    with pytest.raises(StorageError, match="not being written"):
        store.journal(reply.id).finish(MessageStatus.COMPLETE, None).result()
    assert store.message(reply.id).status is MessageStatus.CANCELLED


def test_a_finished_reply_is_told_later_which_file_wrote_it(store: ConversationStore) -> None:
    """Only the generation that was written then: another file may have gone on, and what is known stays."""
    reply = begin(store).reply
    unnamed = replace(RECEIPT, model=ModelIdentity("Tiny", None, "MIT"))
    first, second = store.journal(reply.id), store.journal(reply.id)
    first.finish(MessageStatus.CANCELLED, unnamed).result()
    store.continue_reply(reply.id).result()
    second.finish(MessageStatus.COMPLETE, unnamed).result()
    assert first.name_file("ab" * 32).result() == store.message(reply.id)
    named, later = store.message(reply.id).generations
    assert named.receipt == replace(RECEIPT, model=ModelIdentity("Tiny", "ab" * 32, "MIT"))
    assert (named.model_sha256, later.model_sha256, later.receipt) == ("ab" * 32, None, unnamed)
    first.name_file("cd" * 32).result()
    assert store.message(reply.id).generations[0].model_sha256 == "ab" * 32


def test_a_reply_without_a_receipt_gets_none(store: ConversationStore) -> None:
    """Where the engine died nothing tells how it was written; which file did is known all the same."""
    reply = begin(store).reply
    journal = store.journal(reply.id)
    journal.finish(MessageStatus.ERROR, None).result()
    (generation,) = journal.name_file("ab" * 32).result().generations
    assert (generation.model_sha256, generation.receipt) == ("ab" * 32, None)


def test_a_journal_may_begin_before_its_turn_is_saved(store: ConversationStore) -> None:
    """Pieces wait behind the turn that makes their reply."""
    started = begin(store)
    saved = store.continue_reply(say(store, started.reply, "One").id)
    journal = store.journal(started.reply.id)
    journal.append(Written(" two", (1,)))
    assert journal.finish(MessageStatus.COMPLETE, None).result().text == "One two"
    assert saved.result().status is MessageStatus.STREAMING


def test_closing_in_the_middle_of_a_reply(paths: Paths) -> None:
    """Quitting while a reply streams keeps every piece and marks it as interrupted."""
    store = ConversationStore(paths)
    reply = begin(store).reply
    journal = store.journal(reply.id)
    journal.append(Written("Once upon", (1,)))
    store.close()
    store.close()
    with pytest.raises(StorageError, match="closed"):
        journal.append(Written(" a time", (2,)))
    with pytest.raises(StorageError, match="closed"):
        begin(store)
    store = ConversationStore(paths)
    assert (store.message(reply.id).text, store.message(reply.id).status) == ("Once upon", MessageStatus.INTERRUPTED)
    assert [hit.message_id for hit in store.search("upon")] == [reply.id]
    store.close()


@pytest.mark.campaign
def test_killed_while_streaming(paths: Paths, campaign: Campaign) -> None:
    """After `kill -9` at any moment, at most the last 250 ms are missing, and "Continue" goes on from there."""
    for number in range(campaign.rounds(sample=5, full=100)):
        with another_process("stream") as process:
            reply_id = line_of(process)
            first = line_of(process)
            time.sleep(number * 0.618 % 1.0)  # the moment of death is what is tried: spread over a second
            killed_at = time.monotonic()
            process.kill()
            appended = [float(moment) for moment in [first, *rest_of(process)]]
        assert process.returncode == -9
        store = ConversationStore(paths)
        reply = store.message(reply_id)
        kept = len(reply.generations[0].token_ids)
        assert reply.status is MessageStatus.INTERRUPTED
        assert reply.text == "".join(f"{number} " for number in range(kept))
        assert reply.generations[0].token_ids == tuple(range(kept))
        assert kept >= sum(moment < killed_at - PROMISED_S for moment in appended)
        assert store.message(reply.parent_id or "").text == "Count"
        finished = say(store, store.continue_reply(reply_id).result(), "and on")
        assert finished.text == reply.text + "and on"
        assert finished.generations[1].first_character == len(reply.text)
        assert store.integrity() == "ok"
        store.close()
        assert list(paths.writers.iterdir()) == []


@pytest.mark.campaign
def test_killed_while_finishing(paths: Paths, ask: Ask, campaign: Campaign) -> None:
    """After `kill -9` around the end of a reply it is interrupted or whole; what was called safe is whole."""
    for number in range(campaign.rounds(sample=3, full=50)):
        with another_process("finish") as process:
            safe = [line_of(process)]
            time.sleep(number * 0.0618 % 0.1)  # the moment of death is what is tried
            process.kill()
            safe += rest_of(process)
        store = ConversationStore(paths)
        for reply_id in safe:
            reply = store.message(reply_id)
            assert (reply.text, reply.status) == ("".join(ANSWER), MessageStatus.COMPLETE)
        for message in store.tree(store.conversations()[0].id)[1:]:
            assert message.status in {MessageStatus.COMPLETE, MessageStatus.INTERRUPTED}
            assert message.text == "".join(ANSWER[: len(message.generations[0].token_ids)])
        assert ask("SELECT count(*) FROM journal") == [(0,)]
        assert store.integrity() == "ok"
        store.close()


def test_a_reply_that_another_process_writes_is_left_alone(store: ConversationStore) -> None:
    """Beside a living window a command sees the reply grow and writes its own; it recovers only what is dead."""
    with another_process("stream") as process:
        reply_id = line_of(process)
        wait_until(lambda: len(store.message(reply_id).text) > 0)
        assert store.recover_interrupted().result() == ()
        own = begin(store, "Me too")
        journal = store.journal(own.reply.id)
        for number in range(50):
            journal.append(Written(f"{number} ", (number,)))
            seen = store.message(reply_id)
            assert seen.status is MessageStatus.STREAMING
            wait_until(lambda: len(store.message(reply_id).text) > len(seen.text))  # noqa: B023 - called at once
        assert journal.finish(MessageStatus.COMPLETE, None).result().generations[0].token_ids == tuple(range(50))
        with pytest.raises(StorageError, match="not being written"):
            store.journal(reply_id).finish(MessageStatus.COMPLETE, None).result()
        process.kill()
        process.wait()
        assert store.recover_interrupted().result() == (reply_id,)
    assert store.message(reply_id).status is MessageStatus.INTERRUPTED


def test_reasoning_is_kept_beside_the_text(store: ConversationStore) -> None:
    """Both grow while the reply streams; the tokens stand in their order, and how many of them were reasoning."""
    choice = TokenChoice(5, " b", 0.5, (Alternative(5, " b", 0.5), Alternative(6, " c", 0.25)))
    reply = begin(store).reply
    journal = store.journal(reply.id)
    journal.append(Written("Let me", (1, 2), is_reasoning=True))
    journal.append(Written(" see.", (3,), is_reasoning=True))
    journal.append(Written("A", (4,)))
    wait_until(lambda: store.message(reply.id).text == "A")
    journal.append(Written(" b", (5,), (choice,)))
    ended = journal.finish(MessageStatus.COMPLETE, RECEIPT).result()
    assert (ended.reasoning, ended.text) == ("Let me see.", "A b")
    (generation,) = ended.generations
    assert (generation.token_ids, generation.reasoning_tokens, generation.choices) == ((1, 2, 3, 4, 5), 3, (choice,))
    assert store.message(reply.id) == ended


def test_choices_that_were_packed_apart_are_read_together() -> None:
    """The bytes of two runs, one behind the other, are the choices of both."""
    first, second = TokenChoice(1, "ä", 0.1), TokenChoice(2, "b", 1.0)
    assert unpack_choices(pack_choices([first]) + pack_choices([]) + pack_choices([second])) == (first, second)

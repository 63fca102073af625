"""Messages are found by their words, whatever is asked."""

from __future__ import annotations

import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.conversation import MessageStatus
from app.storage.conversations import ConversationStore
from app.storage.written import Written
from tests.storage.conftest import Ask
from tests.storage.stories import begin, say, turn

LETTERS = string.ascii_letters + string.digits + "äöüßéèñçŁøÅåαβγΩжяЁ漢字かな한글אבج"
BETWEEN = " \t\n\0.,;:!?'\"*^()[]{}<>+-=/\\|&%$#@~`…—„“🦙"

words = st.text(LETTERS, min_size=1, max_size=12)


@pytest.mark.campaign
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(st.characters()), st.text('"*()^:+-{} \0ANDORNETlama', max_size=40)))
def test_no_question_is_an_error(store: ConversationStore, question: str) -> None:
    """Quotes, operators, nothing at all, half a character: search answers."""
    if not store.conversations():
        turn(store, "lama AND alpaca", "NOT NEAR(text)")
    for hit in store.search(question):
        assert hit.snippet


@pytest.mark.campaign
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(words, st.text(BETWEEN, min_size=1, max_size=3)), min_size=1, max_size=8))
def test_a_message_is_found_by_each_of_its_words(store: ConversationStore, said: list[tuple[str, str]]) -> None:
    """Any word of a message finds it, also by its beginning and in other case, whatever stands between the words."""
    started = begin(store, "".join(word + between for word, between in said))
    for word, _ in said:
        for asked in (word, word[: len(word) // 2 + 1], word.swapcase() if word.isascii() else word):
            assert store.search(asked)[0].message_id == started.user.id, asked
    assert store.search(" ".join(word for word, _ in said))[0].message_id == started.user.id
    assert store.search(started.user.text.replace("\0", " "))[0].message_id == started.user.id


def test_the_newest_comes_first(store: ConversationStore) -> None:
    """Among the messages that hold all the words, the last written is the first shown; titles stand beside them."""
    old = turn(store, "a green lease", title="Old")
    new = turn(store, "the lease of a green house", title="New")
    turn(store, "green only")
    hits = store.search("LEASE green")
    assert [(hit.message_id, hit.title) for hit in hits] == [(new.user.id, "New"), (old.user.id, "Old")]
    assert hits[0].conversation_id == new.conversation.id


def test_accents_may_be_left_out(store: ConversationStore) -> None:
    """Who types without accents finds words that have them, and the other way round."""
    started = turn(store, "Die Überraschung im Café")
    for asked in ("uberraschung", "CAFÉ", "cafe", "über caf"):
        assert [hit.message_id for hit in store.search(asked)] == [started.user.id]


def test_a_snippet_is_plain_text_around_the_words(store: ConversationStore) -> None:
    """No markup is added, what looks like markup stays text, and a long message is cut."""
    turn(store, "far " * 100 + "<b>the\n\nneedle</b>" + " away" * 100)
    (hit,) = store.search("needle")
    assert "<b>the needle</b>" in hit.snippet
    assert "\n" not in hit.snippet
    assert len(hit.snippet) < 200


def test_a_reply_is_found_when_it_has_ended(store: ConversationStore) -> None:
    """A reply is found by the words it ended with, and after "Continue" by all of them, once."""
    started = begin(store, "Hello")
    say(store, started.reply, "alp", "aca")
    assert [hit.message_id for hit in store.search("alpaca")] == [started.reply.id]
    journal = store.journal(store.continue_reply(started.reply.id).result().id)
    journal.append(Written(" vicuña", (1,)))
    journal.finish(MessageStatus.CANCELLED, None).result()
    for asked in ("alpaca", "vicuna"):
        assert [hit.message_id for hit in store.search(asked)] == [started.reply.id]


def test_the_index_agrees_with_the_messages(store: ConversationStore, ask: Ask) -> None:
    """After turns, continued and recovered replies SQLite finds the index to hold exactly the messages."""
    started = turn(store, "one\0two", "three")
    say(store, store.continue_reply(started.reply.id).result(), " four")
    begin(store, "")
    ask("INSERT INTO message_search (message_search, rank) VALUES ('integrity-check', 1)")
    assert store.integrity() == "ok"

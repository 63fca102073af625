"""Conversations are trees, nothing in them is overwritten, and the clock decides nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.conversation import ConversationOptions, MessageStatus, Role, Summary, UsedAdapter
from app.errors import Fault
from app.paths import Paths
from app.storage.conversations import ConversationStore, NewTurn, StorageError, make_id
from tests.storage.conftest import Ask
from tests.storage.stories import RECEIPT, begin, say, turn


def test_a_first_turn_is_saved_whole(store: ConversationStore) -> None:
    """System message, user message and an empty reply that streams are there before any engine runs."""
    wanted = NewTurn("What is a llama?", title="Llamas", system_prompt="Be kind.", model_name="starter")
    started = store.begin_turn(wanted).result()
    assert started.conversation.id == wanted.new_conversation_id
    assert (started.conversation.title, started.conversation.model) == ("Llamas", "starter")
    assert started.conversation.leaf_id == started.reply.id == wanted.reply_id
    assert [started.system, started.user, started.reply] == store.branch(started.conversation.id)
    assert [m.role for m in store.branch(started.conversation.id)] == [Role.SYSTEM, Role.USER, Role.ASSISTANT]
    assert [m.status for m in store.branch(started.conversation.id)] == ["complete", "complete", "streaming"]
    assert [(g.ordinal, g.first_character, g.token_ids) for g in started.reply.generations] == [(0, 0, ())]


def test_everything_comes_back_after_a_restart(paths: Paths) -> None:
    """Text, tokens, receipt, model and title are the same when the application is opened again."""
    store = ConversationStore(paths)
    started = begin(store, "Grüße, 世界 🦙", title="T", model_name="starter")
    finished = say(store, started.reply, "One ", "two", " three")
    store.close()
    store = ConversationStore(paths)
    reply = store.message(started.reply.id)
    assert reply == finished
    assert (reply.text, reply.status, reply.receipt) == ("One two three", MessageStatus.COMPLETE, RECEIPT)
    assert reply.generations[0].token_ids == (4, 3, 6)
    assert reply.generations[0].model_sha256 == RECEIPT.model.sha256
    assert store.message(started.user.id).text == "Grüße, 世界 🦙"
    store.close()


def test_editing_makes_a_sibling(store: ConversationStore) -> None:
    """The edited message stands beside the first one; the first branch is all there, and can be opened again."""
    first = turn(store, "Tell me of llamas", "They spit.", system_prompt="Be kind.")
    assert first.system is not None
    edited = turn(
        store, "Tell me of alpacas", "They hum.", conversation_id=first.conversation.id, parent_id=first.system.id
    )
    texts = [m.text for m in store.branch(first.conversation.id)]
    assert texts == ["Be kind.", "Tell me of alpacas", "They hum."]
    assert [m.text for m in store.tree(first.conversation.id)] == [
        "Be kind.",
        "Tell me of llamas",
        "They spit.",
        "Tell me of alpacas",
        "They hum.",
    ]
    assert edited.user.parent_id == first.user.parent_id
    store.set_leaf(first.conversation.id, first.reply.id).result()
    assert [m.text for m in store.branch(first.conversation.id)] == ["Be kind.", "Tell me of llamas", "They spit."]


def test_regenerating_makes_a_sibling(store: ConversationStore) -> None:
    """Another reply to the same message leaves the first as it was, and is the one that is open."""
    started = turn(store, "Hello", "Hi")
    second = store.begin_reply(started.user.id, model_name="other").result()
    say(store, second, "Good day")
    replies = [m for m in store.tree(started.conversation.id) if m.role is Role.ASSISTANT]
    assert [(m.text, m.parent_id) for m in replies] == [("Hi", started.user.id), ("Good day", started.user.id)]
    conversation = store.conversation(started.conversation.id)
    assert (conversation.leaf_id, conversation.model) == (second.id, "other")


def test_continuing_appends_a_generation(store: ConversationStore) -> None:
    """The text before stays; the new generation knows where its own words begin, counted in characters."""
    started = begin(store)
    say(store, started.reply, "🦙🦙 and")
    again = store.continue_reply(started.reply.id).result()
    assert (again.status, again.text) == (MessageStatus.STREAMING, "🦙🦙 and")
    finished = say(store, again, " more")
    assert finished.text == "🦙🦙 and more"
    assert [(g.ordinal, g.first_character, g.token_ids) for g in finished.generations] == [(0, 0, (6,)), (1, 6, (5,))]


def test_only_a_reply_that_has_ended_can_be_continued(store: ConversationStore) -> None:
    """A user message, or a reply that streams already, is refused, and nothing changes."""
    started = begin(store)
    before = store.tree(started.conversation.id)
    for message in (started.user, started.reply):
        with pytest.raises(StorageError, match="Only a reply that has ended"):
            store.continue_reply(message.id).result()
    assert store.tree(started.conversation.id) == before


def test_a_turn_is_all_or_nothing(store: ConversationStore, ask: Ask) -> None:
    """When its last row cannot be saved, the first ones are not there either."""
    other = turn(store)
    taken = NewTurn("Lost?", title="New", system_prompt="S", reply_id=other.reply.id)
    before = [ask(f"SELECT * FROM {table}") for table in ("conversation", "message", "generation", "sequence")]  # noqa: S608 - our own names
    with pytest.raises(StorageError):
        store.begin_turn(taken).result()
    after = [ask(f"SELECT * FROM {table}") for table in ("conversation", "message", "generation", "sequence")]  # noqa: S608 - our own names
    assert after == before
    assert store.search("Lost") == []


def test_a_message_cannot_move_to_another_conversation(store: ConversationStore) -> None:
    """Neither a parent nor a leaf may come from another tree."""
    one, other = turn(store), turn(store)
    with pytest.raises(StorageError):
        begin(store, conversation_id=one.conversation.id, parent_id=other.reply.id)
    with pytest.raises(StorageError):
        store.set_leaf(one.conversation.id, other.reply.id).result()
    assert store.conversation(one.conversation.id).leaf_id == one.reply.id
    assert len(store.tree(one.conversation.id)) == 2


def test_order_does_not_follow_the_clock(paths: Paths) -> None:
    """With a clock that runs backwards, the last conversation that was talked in is still the first in the list."""
    moment = datetime(2030, 1, 1, tzinfo=UTC)

    def backwards() -> datetime:
        nonlocal moment
        moment -= timedelta(days=1)
        return moment

    store = ConversationStore(paths, clock=backwards)
    first, second = turn(store, title="first"), turn(store, title="second")
    assert [c.title for c in store.conversations()] == ["second", "first"]
    turn(store, "Again", conversation_id=first.conversation.id, parent_id=first.reply.id)
    assert [c.title for c in store.conversations()] == ["first", "second"]
    tree = store.tree(first.conversation.id)
    assert [m.text for m in tree] == ["Hello", "Hi there", "Again", "Hi there"]
    assert [m.text for m in store.branch(first.conversation.id)] == [m.text for m in tree]
    assert tree[0].created_at > tree[-1].created_at
    assert store.conversation(second.conversation.id).updated_at.tzinfo == UTC
    store.close()


def test_small_changes_do_not_reorder_the_list(store: ConversationStore) -> None:
    """A title, a draft, a model, another leaf: the list stays as it is under the user's hand."""
    first, _ = turn(store, title="first"), turn(store, title="second")
    id_ = first.conversation.id
    store.rename(id_, "renamed").result()
    store.set_draft(id_, "half a thought").result()
    store.set_model(id_, "other").result()
    changed = store.set_leaf(id_, None).result()
    assert [c.title for c in store.conversations()] == ["second", "renamed"]
    assert (changed.draft, changed.model, changed.leaf_id) == ("half a thought", "other", None)
    assert store.branch(id_) == []
    assert changed.updated_at == store.conversation(id_).updated_at


def test_the_bin_keeps_everything(store: ConversationStore) -> None:
    """A deleted conversation leaves the list and the search, and comes back as it was."""
    started = turn(store, "Where is my lease?", title="Lease")
    whole = store.tree(started.conversation.id)
    binned = store.move_to_bin(started.conversation.id).result()
    assert binned.deleted_at is not None
    assert store.move_to_bin(started.conversation.id).result() == binned
    assert (store.conversations(), store.search("lease")) == ([], [])
    assert [c.id for c in store.conversations(in_bin=True)] == [started.conversation.id]
    assert store.restore(started.conversation.id).result().deleted_at is None
    assert [c.id for c in store.conversations()] == [started.conversation.id]
    assert store.tree(started.conversation.id) == whole
    assert [hit.message_id for hit in store.search("lease")] == [started.user.id]


def test_the_beginning_of_an_id_will_do(store: ConversationStore) -> None:
    """An id can be shortened while it is the only one that begins so; otherwise the user is told."""
    for id_ in ("lama-1", "lama-12", "alpaca"):
        store.create(title=id_, conversation_id=id_).result()
    assert store.conversation("alp").title == "alpaca"
    assert store.conversation("lama-1").title == "lama-1"
    started = turn(store, title="t")
    assert store.message(started.user.id[:-1]).id == started.user.id
    for wanted in ("lam", "", "camel", "%", "\ud800"):
        with pytest.raises(StorageError) as caught:
            store.conversation(wanted)
        assert caught.value.fault is Fault.USER
        assert str(caught.value)
    with pytest.raises(StorageError, match="There is no message"):
        store.message("camel")


def test_a_conversation_without_title_takes_that_of_its_first_turn(store: ConversationStore) -> None:
    """A title that is there already is not replaced."""
    empty = store.create(title="").result()
    started = turn(store, conversation_id=empty.id, title="Named")
    assert store.conversation(empty.id).title == "Named"
    turn(store, conversation_id=empty.id, parent_id=started.reply.id, title="Other")
    assert store.conversation(empty.id).title == "Named"


def test_ids_are_version_seven() -> None:
    """Ids are UUIDs of the version that the design names, each another."""
    ids = [make_id() for _ in range(100)]
    assert len(set(ids)) == 100
    assert all(id_[14] == "7" and len(id_) == 36 for id_ in ids)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters()), st.lists(st.text(st.characters()), max_size=4))
def test_any_text_is_kept_exactly(store: ConversationStore, said: str, pieces: list[str]) -> None:
    """Every character comes back, NUL included; half a surrogate pair, which no file can hold, becomes U+FFFD."""
    started = begin(store, said)
    finished = say(store, started.reply, *pieces)
    assert store.message(started.user.id).text == without_surrogates(said)
    assert finished.text == store.message(started.reply.id).text == without_surrogates("".join(pieces))


def test_an_unknown_receipt_does_not_hide_the_reply(
    store: ConversationStore, paths: Paths, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    """A receipt in a form that is not known is left out, noted in the log, and stays as it is in the file."""
    started = turn(store)
    with closing(sqlite3.connect(paths.database)) as later, later:
        later.execute("UPDATE generation SET receipt = ?", ('{"from": "the future"}',))
    reply = store.message(started.reply.id)
    assert (reply.text, reply.receipt) == ("Hi there", None)
    assert "does not know" in caplog.text
    assert ask("SELECT receipt FROM generation") == [('{"from": "the future"}',)]


def without_surrogates(text: str) -> str:
    """What a file can hold of a text."""
    return "".join("\ufffd" if 0xD800 <= ord(character) < 0xE000 else character for character in text)


def test_options_pins_and_summaries_stay(store: ConversationStore) -> None:
    """What is set for one conversation is there again; a summary holds on the branch that it sums up, and no other."""
    first = turn(store)
    place = first.conversation.id
    options = ConversationOptions(private=True, adapters=(UsedAdapter("/a.gguf", 0.5),))
    assert store.set_options(place, options).result().options == options
    assert store.conversation(place).options == options
    assert store.set_pinned(first.user.id, pinned=True).result().pinned
    second = turn(store, "More", conversation_id=place, parent_id=first.reply.id)
    store.set_summary(place, Summary(first.reply.id, "They greeted.")).result()
    store.set_summary(place, Summary(second.reply.id, "They greeted, twice.")).result()
    store.set_summary(place, Summary(second.reply.id, "They greeted twice.")).result()
    assert store.summary(place) == Summary(second.reply.id, "They greeted twice.")
    store.set_leaf(place, first.reply.id).result()
    assert store.summary(place) == Summary(first.reply.id, "They greeted.")
    store.set_leaf(place, first.user.id).result()
    assert store.summary(place) is None


def test_what_was_made_of_other_words_does_not_stay(store: ConversationStore) -> None:
    """A summary that reaches further was made of the one that is rewritten; those of other branches were not."""
    first = turn(store)
    place = first.conversation.id
    second = turn(store, "More", conversation_id=place, parent_id=first.reply.id)
    third = turn(store, "And?", conversation_id=place, parent_id=second.reply.id)
    store.set_summary(place, Summary(first.user.id, "A greeting.")).result()
    store.set_summary(place, Summary(first.reply.id, "They greeted.")).result()
    store.set_summary(place, Summary(third.reply.id, "They greeted, and more.")).result()
    store.set_summary(place, Summary(first.reply.id, "As I wrote.")).result()
    assert store.summary(place) == Summary(first.reply.id, "As I wrote.")
    store.set_leaf(place, first.user.id).result()
    assert store.summary(place) == Summary(first.user.id, "A greeting.")

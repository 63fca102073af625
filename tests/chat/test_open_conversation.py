"""An open conversation over a real database, with an engine whose words the test decides."""

from __future__ import annotations

import dataclasses
from concurrent.futures import Future

import pytest

from app.chat.branches import choices_before
from app.chat.open_conversation import ReplyRunningError
from app.chat.turn import TurnSettings
from app.conversation import (
    Alternative,
    Conversation,
    ConversationOptions,
    FinishReason,
    MessageStatus,
    ModelIdentity,
    Role,
    Summary,
    TokenChoice,
)
from app.engine.engine import EngineDiedError
from app.engine.events import GenerationFinished, PieceGenerated, PromptEvaluated, ReasoningGenerated
from app.engine.requests import BranchPoint, GenerationRequest
from app.engine.worker import EngineFailed
from app.models.hashes import HashError
from app.settings.values import SamplingSettings
from app.storage.errors import DiskError
from app.storage.turns import NewTurn, StartedTurn
from tests.chat.stories import FINISHED, HOW, MODEL, RECEIPT, Desk, say


def test_a_turn_from_the_first_word_to_the_disk(desk: Desk) -> None:
    """The question is shown at once, the reply grows, both are kept; receipts name the model as the library does."""
    opened = desk.open()
    opened.send("Hello there", HOW)
    assert [message.text for message in opened.messages] == ["Hello there", ""]
    say(desk.job(1), "Hi", "!")
    desk.work_until(lambda: bool(desk.saved))
    assert desk.told == [
        "added user", "added assistant", "titled Hello there", "piece Hi", "piece !", "changed complete",
    ]  # fmt: skip
    assert desk.saved[0].text == "Hi!"
    assert desk.saved[0].receipt is not None
    assert desk.saved[0].receipt.model == MODEL
    assert not opened.is_replying
    kept = desk.store.branch(desk.store.conversations()[0].id)
    assert [(message.role, message.text) for message in kept] == [(Role.USER, "Hello there"), (Role.ASSISTANT, "Hi!")]
    assert [message.text for message in opened.messages] == ["Hello there", "Hi!"]


def test_the_system_prompt_stands_at_the_root(desk: Desk) -> None:
    """It is kept with the conversation and given to the model, once."""
    opened = desk.open()
    how = TurnSettings(MODEL, HOW.load, HOW.sampling, "Be brief.")
    opened.send("One", how)
    say(desk.job(1), "1")
    desk.work_until(lambda: not opened.is_replying)
    opened.send("Two", how)
    prompt = desk.job(2).task
    assert isinstance(prompt, GenerationRequest)
    assert [message.content for message in prompt.messages] == ["Be brief.", "One", "1", "Two"]


def test_stop_before_the_engine_has_begun_is_not_lost(desk: Desk) -> None:
    """The job comes to the engine already cancelled."""
    opened = desk.open()
    opened.send("Hello", HOW)
    opened.stop()
    assert desk.job(1).interruption.requested


def test_one_reply_at_a_time(desk: Desk) -> None:
    """A second message waits until the first has its answer."""
    opened = desk.open()
    opened.send("Hello", HOW)
    with pytest.raises(ReplyRunningError):
        opened.send("Again", HOW)


def test_the_engine_dies_in_the_middle(desk: Desk) -> None:
    """The words stay, the trouble stands beside them, and the next message goes out with them."""
    opened = desk.open()
    opened.send("Hello", HOW)
    death = EngineFailed(EngineDiedError("The engine stopped.", details="signal 9"), while_loading=False)
    say(desk.job(1), "Half a", end=death)
    desk.work_until(lambda: bool(desk.saved))
    broken = desk.saved[0]
    assert (broken.status, broken.text) == (MessageStatus.ERROR, "Half a")
    assert broken.trouble is not None
    assert (broken.trouble.sentence, broken.trouble.details) == ("The engine stopped.", "signal 9")
    opened.send("Go on", HOW)
    prompt = desk.job(2).task
    assert isinstance(prompt, GenerationRequest)
    assert [message.content for message in prompt.messages] == ["Hello", "Half a", "Go on"]


def test_continue_goes_on_behind_the_words(desk: Desk) -> None:
    """The earlier text stays as it is, a second generation is added to the same message."""
    opened = desk.open()
    opened.send("Count", HOW)
    say(desk.job(1), "One, ", end=GenerationFinished(FinishReason.CANCELLED, 1, RECEIPT))
    desk.work_until(lambda: bool(desk.saved))
    opened.continue_reply(HOW)
    job = desk.job(2)
    assert isinstance(job.task, GenerationRequest)
    assert job.task.continues_reply
    say(job, "two.")
    desk.work_until(lambda: len(desk.saved) == 2)
    kept = desk.saved[1]
    assert (kept.text, kept.status) == ("One, two.", MessageStatus.COMPLETE)
    assert [generation.first_character for generation in kept.generations] == [0, 5]
    assert opened.messages[-1].text == "One, two."


def test_a_reply_goes_on_while_nobody_looks(desk: Desk) -> None:
    """Without a listener everything is kept all the same, and is there when somebody looks again."""
    opened = desk.open()
    opened.send("Hello", HOW)
    job = desk.job(1)
    opened.listener = None
    job.report(PieceGenerated("Still ", (1,)))
    desk.work_off()
    assert opened.messages[-1].text == "Still "
    job.report(PieceGenerated("here", (2,)))
    job.report(FINISHED)
    desk.work_until(lambda: not opened.is_replying)
    assert opened.messages[-1].text == "Still here"


def test_closing_the_application_marks_the_reply_as_interrupted(desk: Desk) -> None:
    """What the user did not stop can be continued."""
    opened = desk.open()
    opened.send("Hello", HOW)
    job = desk.job(1)
    job.report(PieceGenerated("Half", (1,)))
    opened.application_closes()
    job.report(GenerationFinished(FinishReason.CANCELLED, 1, RECEIPT))
    desk.work_until(lambda: bool(desk.saved))
    assert desk.saved[0].status is MessageStatus.INTERRUPTED


def test_words_that_could_not_be_kept_come_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk takes the turn back: nothing is shown as sent that is not safe."""

    def refuse(turn: NewTurn) -> Future[StartedTurn]:
        future: Future[StartedTurn] = Future()
        future.set_exception(DiskError("The disk is full."))
        return future

    monkeypatch.setattr(desk.store, "begin_turn", refuse)
    opened = desk.open()
    opened.send("Precious words", TurnSettings(MODEL, HOW.load, HOW.sampling, "Be brief."))
    desk.work_until(lambda: bool(desk.unsent))
    assert desk.unsent == ["Precious words"]
    assert opened.messages == ()
    assert not opened.is_replying
    assert desk.jobs == []


def test_a_conversation_is_opened_where_it_was(desk: Desk) -> None:
    """After a restart the next message goes below the last one."""
    first = desk.open()
    first.send("Hello", HOW)
    say(desk.job(1), "Hi")
    desk.work_until(lambda: bool(desk.saved))
    again = desk.open(desk.store.conversations()[0])
    again.send("And now?", HOW)
    prompt = desk.job(2).task
    assert isinstance(prompt, GenerationRequest)
    assert [message.content for message in prompt.messages] == ["Hello", "Hi", "And now?"]


def test_a_conversation_is_settled_when_its_end_is_safe(desk: Desk) -> None:
    """Between the last word and the disk, what is on the disk is not all there is."""
    opened = desk.open()
    assert opened.is_settled
    opened.send("Hello", HOW)
    job = desk.job(1)
    job.report(PieceGenerated("Hi", (1,)))
    job.report(FINISHED)
    desk.work_until(lambda: not opened.is_replying)
    assert not opened.is_settled
    desk.work_until(lambda: bool(desk.saved))
    assert opened.is_settled


def test_what_was_generated_goes_with_the_next_prompt(desk: Desk) -> None:
    """The ids of a reply stand beside its words, its reasoning apart: nothing has to be read again."""
    opened = desk.open()
    opened.send("Hello", HOW)
    job = desk.job(1)
    job.report(ReasoningGenerated("Well.", (1, 2)))
    say(job, "Hi", " you")
    desk.work_until(lambda: bool(desk.saved))
    assert (desk.saved[0].reasoning, desk.saved[0].text) == ("Well.", "Hi you")
    opened.send("And now?", HOW)
    task = desk.job(2).task
    assert isinstance(task, GenerationRequest)
    reply = task.messages[1]
    assert (reply.content, reply.tokens, reply.reasoning_tokens) == ("Hi you", (1, 1), (1, 2))
    assert (task.prompt.conversation, task.prompt.private) == (desk.saved[0].conversation_id, False)
    other = dataclasses.replace(HOW, model=ModelIdentity("Another"))
    assert [message.tokens for message in opened.prompt(other).messages] == [(), (), ()]


def test_a_branch_from_another_token_is_a_sibling(desk: Desk) -> None:
    """The old reply stays beside the new one, which is told where it leaves it."""
    opened = desk.open()
    opened.send("Hello", HOW)
    say(desk.job(1), "Hi", " you")
    desk.work_until(lambda: bool(desk.saved))
    opened.branch_from(1, 99, HOW)
    assert opened.is_replying
    task = desk.job(2).task
    assert isinstance(task, GenerationRequest)
    assert task.branch == BranchPoint(1, 99)
    assert [message.content for message in task.messages] == ["Hello", "Hi you"]
    say(desk.jobs[-1], "Hi", " there")
    desk.work_until(lambda: len(desk.saved) == 2)
    assert "branch Hello|" in desk.told
    assert [message.text for message in opened.messages] == ["Hello", "Hi there"]
    texts = {message.text for message in desk.store.tree(desk.saved[0].conversation_id)}
    assert texts == {"Hello", "Hi you", "Hi there"}


def test_what_the_model_does_not_see_is_told(desk: Desk) -> None:
    """The engine names messages by their place in the prompt; the window hears which these are."""
    opened = desk.open()
    opened.send("Hello", HOW)
    say(desk.job(1), "Hi")
    desk.work_until(lambda: bool(desk.saved))
    opened.send("More", HOW)
    desk.job(2).report(PromptEvaluated(3, 0, 3, left_out=(0, 1)))
    desk.work_off()
    assert desk.left_out == [message.id for message in opened.messages[:2]]


def test_a_private_conversation_is_one_for_the_engine_too(desk: Desk) -> None:
    """Options of the conversation go with the request; so does what stands for its beginning."""
    opened = desk.open()
    opened.send("Hello", HOW)
    say(desk.job(1), "Hi")
    desk.work_until(lambda: bool(desk.saved))
    opened.set_options(ConversationOptions(private=True, keeps_choices=True, summarises=True))
    opened.summarised(Summary(opened.messages[0].id, "A greeting."))
    opened.send("More", HOW)
    task = desk.job(2).task
    assert isinstance(task, GenerationRequest)
    assert (task.prompt.private, task.prompt.summary, task.alternatives > 0) == (True, "A greeting.", True)
    opened.set_options(ConversationOptions())
    assert opened.prompt(HOW).summary == "", "nobody wants summaries any more"


def test_as_much_room_is_kept_ahead_as_the_reply_will_have(desk: Desk) -> None:
    """What is counted and read ahead leaves out what the reply's prompt does."""
    opened, how = desk.open(), dataclasses.replace(HOW, sampling=SamplingSettings(max_tokens=64))
    assert opened.prompt(how, "Hello").max_tokens == 64
    opened.send("Hello", how)
    task = desk.job(1).task
    assert isinstance(task, GenerationRequest)
    assert task.prompt.max_tokens == 64


def test_options_are_chosen_before_the_first_message(desk: Desk) -> None:
    """A conversation that is to be private is so from its first word on."""
    opened, options = desk.open(), ConversationOptions(private=True, effort="low")
    opened.set_options(options)
    assert opened.options == options
    opened.send("Between us", HOW)
    request = desk.job(1).task
    assert isinstance(request, GenerationRequest)
    assert request.prompt.private
    assert request.prompt.conversation
    assert desk.store.conversations()[0].options == options
    opened.set_options(ConversationOptions())
    assert opened.conversation is not None
    assert opened.conversation.options == ConversationOptions()
    assert not opened.prompt(HOW).private


def test_options_set_right_after_send_hold(desk: Desk) -> None:
    """They reach the disk and this very prompt, for a new conversation and for one that is there."""
    opened, private = desk.open(), ConversationOptions(private=True)
    opened.send("Hello", HOW)
    opened.set_options(private)
    job = desk.job(1)
    assert isinstance(job.task, GenerationRequest)
    assert job.task.prompt.private
    desk.work_until(lambda: desk.store.conversations()[0].options == private)
    say(job, "Hi")
    desk.work_until(lambda: bool(desk.saved))
    opened.send("In the open", HOW)
    opened.set_options(ConversationOptions())
    task = desk.job(2).task
    assert isinstance(task, GenerationRequest)
    assert not task.prompt.private
    desk.work_until(lambda: desk.store.conversations()[0].options == ConversationOptions())


def test_an_older_title_brings_no_older_options(desk: Desk) -> None:
    """What was read from the disk before they were set comes in after that."""
    opened, private = desk.open(), ConversationOptions(private=True)
    opened.send("Hello", HOW)
    say(desk.job(1), "Hi")
    desk.work_until(lambda: bool(desk.saved))
    renamed = desk.store.rename(desk.saved[0].conversation_id, "A greeting").result()
    opened.set_options(private)
    opened.renamed(renamed)
    assert opened.conversation is not None
    assert (opened.conversation.title, opened.conversation.options) == ("A greeting", private)
    assert opened.options == private


def test_options_that_could_not_be_kept_are_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """They hold as long as the conversation is open."""

    def refuse(conversation_id: str, options: ConversationOptions) -> Future[Conversation]:
        future: Future[Conversation] = Future()
        future.set_exception(DiskError("The disk is full."))
        return future

    opened, private = desk.open(), ConversationOptions(private=True)
    opened.send("Hello", HOW)
    say(desk.job(1), "Hi")
    desk.work_until(lambda: bool(desk.saved))
    monkeypatch.setattr(desk.store, "set_options", refuse)
    opened.set_options(private)
    desk.work_until(lambda: bool(desk.unsent))
    assert desk.unsent == [""]
    opened.send("More", HOW)
    desk.job(2)
    assert opened.options == private


def test_a_pin_reaches_the_next_prompt(desk: Desk) -> None:
    """The message is shown as pinned, and goes to the engine so; the words of a running reply are not touched."""
    opened = desk.open()
    opened.send("Remember 42", HOW)
    job = desk.job(1)
    job.report(PieceGenerated("I ", (1,)))
    desk.work_until(lambda: "piece I " in desk.told)
    opened.pinned(opened.messages[0].id, pinned=True)
    opened.pinned(opened.messages[1].id, pinned=True)
    opened.pinned("nobody", pinned=True)
    say(job, "will")
    desk.work_until(lambda: bool(desk.saved))
    assert [(message.text, message.pinned) for message in opened.messages] == [("Remember 42", True), ("I will", True)]
    assert [message.pinned for message in opened.prompt(HOW).messages] == [True, True]


def test_a_branch_keeps_the_probabilities_of_its_beginning(desk: Desk) -> None:
    """Each token of the new reply has its choice, or none has: what stays brings its own along."""
    others = (Alternative(1, "Hi", 0.6), Alternative(9, "Ho", 0.3))
    choices = (TokenChoice(1, "Hi", 0.6, others), TokenChoice(2, "!", 0.9, (Alternative(2, "!", 0.9),)))
    opened = desk.open()
    opened.send("Hello", HOW)
    job = desk.job(1)
    job.report(PieceGenerated("Hi!", (1, 2), choices))
    say(job)
    desk.work_until(lambda: bool(desk.saved))
    opened.set_options(ConversationOptions(keeps_choices=True))
    assert choices_before(desk.saved[0], 1, 7) == ()
    opened.branch_from(0, 9, HOW)
    task = desk.job(2).task
    assert isinstance(task, GenerationRequest)
    assert task.branch == BranchPoint(0, 9, (TokenChoice(9, "Ho", 0.3, others),))
    assert task.alternatives > 0


def test_a_receipt_names_the_file_that_was_hashed_beside_the_reply(desk: Desk) -> None:
    """Reading it begins with the first word, which it does not hold up."""
    hashing, asked = Future[str](), list[str]()

    def hash_file() -> Future[str]:
        asked.append("")
        return hashing

    opened = desk.open()
    unnamed = ModelIdentity("Tiny", None, "MIT")
    opened.send("Hello", dataclasses.replace(HOW, model=unnamed, hash_file=hash_file))
    job = desk.job(1)
    job.report(PromptEvaluated(tokens=3, reused=0, evaluated=3))
    assert asked == []
    job.report(PieceGenerated("Hi", (1,)))
    hashing.set_result("cd" * 32)
    job.report(FINISHED)
    desk.work_until(lambda: bool(desk.saved))
    assert asked == [""]
    assert desk.saved[0].receipt is not None
    assert desk.saved[0].receipt.model == dataclasses.replace(unnamed, sha256="cd" * 32)
    assert opened.messages[-1].receipt == desk.saved[0].receipt


@pytest.mark.parametrize("found", ["cd" * 32, None])
def test_a_receipt_is_told_later_what_a_long_reading_found(desk: Desk, found: str | None) -> None:
    """A short reply does not wait for the gigabytes that wrote it; where they cannot be read, it stays as it is."""
    hashing = Future[str]()
    opened = desk.open()
    unnamed = ModelIdentity("Tiny")
    opened.send("Hello", dataclasses.replace(HOW, model=unnamed, hash_file=lambda: hashing))
    say(desk.job(1), "Hi")
    desk.work_until(lambda: bool(desk.saved))
    assert desk.saved[0].receipt is not None
    assert desk.saved[0].receipt.model == unnamed
    if found is None:
        hashing.set_exception(HashError("It could not be read."))
    else:
        hashing.set_result(found)
    desk.store.create(title="whatever is written next").result()
    (generation,) = desk.store.message(desk.saved[0].id).generations
    assert generation.receipt == dataclasses.replace(RECEIPT, model=ModelIdentity("Tiny", found))
    assert generation.model_sha256 == found

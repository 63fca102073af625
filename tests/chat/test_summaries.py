"""What falls out of the window is summed up by the model, once, and the user's words about it stay."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.chat.open_conversation import OpenConversation
from app.chat.summaries import Summariser
from app.conversation import ConversationOptions, FinishReason, Summary
from app.engine.engine import EngineError, PromptTooLongError
from app.engine.events import GenerationFinished, PieceGenerated, PromptDescription
from app.engine.requests import GenerationRequest
from app.engine.worker import EngineFailed, Job, WorkerEvent
from tests.chat.stories import FINISHED, HOW, Desk, say

CANCELLED = GenerationFinished(FinishReason.CANCELLED, 0, None)


class Told:
    """Who is told of summaries."""

    def __init__(self) -> None:
        self.summaries: list[Summary] = []

    def take(self, opened: OpenConversation, summary: Summary) -> None:
        """Keep it."""
        self.summaries.append(summary)


def two_turns(desk: Desk, *, summarises: bool = True) -> OpenConversation:
    """A conversation whose first turn has fallen out of the window."""
    opened = desk.open()
    for count, text in enumerate(("My name is Ada.", "And now?"), start=1):
        opened.send(text, HOW)
        say(desk.job(count), "Noted.")
        desk.work_until(lambda count=count: len(desk.saved) == count)
    assert opened.conversation is not None
    options = ConversationOptions(summarises=summarises)
    opened.set_options(options)
    fall_out(opened, 2)
    desk.jobs.clear()
    return opened


def fall_out(opened: OpenConversation, count: int) -> None:
    """Let the first messages not fit any more."""
    opened.looked_at(PromptDescription("", (), (), tuple(range(count)), 256, 64))


def write(desk: Desk, job: Job, *words: str, end: WorkerEvent = FINISHED) -> None:
    """Let the model write a summary."""
    for word in words:
        job.report(PieceGenerated(word, (1,)))
    job.report(end)
    desk.work_off()


def test_what_fell_out_is_summed_up_and_kept(desk: Desk) -> None:
    """At idle, from the fallen messages only; the next prompt has it, and so has the next start."""
    opened, told = two_turns(desk), Told()
    summariser = Summariser(desk.store, desk, desk.post, told.take)
    summariser.look(opened, HOW)
    summariser.look(opened, HOW)
    (job,) = desk.jobs
    assert job.at_idle
    assert isinstance(job.task, GenerationRequest)
    assert "Ada" in job.task.messages[0].content
    assert "And now" not in job.task.messages[0].content
    assert job.task.prompt.conversation == ""
    write(desk, job, " Ada said", " her name.")
    desk.work_until(lambda: bool(told.summaries))
    expected = Summary(opened.messages[1].id, "Ada said her name.")
    assert told.summaries == [expected]
    assert opened.prompt(HOW).summary == expected.text
    assert opened.conversation is not None
    assert desk.store.summary(opened.conversation.id) == expected
    summariser.look(opened, HOW)
    assert len(desk.jobs) == 1


def test_one_that_reached_its_length_is_seen_to_be_unfinished(desk: Desk) -> None:
    """In the middle of a sentence a reader, and the model too, would take the last word for the end."""
    opened, told = two_turns(desk), Told()
    Summariser(desk.store, desk, desk.post, told.take).look(opened, HOW)
    job = desk.jobs[0]
    assert isinstance(job.task, GenerationRequest)
    longest = job.task.sampling.max_tokens or 0
    write(desk, job, " Ada said her", end=replace(FINISHED, reason=FinishReason.LENGTH, tokens=longest))
    assert opened.summary == Summary(opened.messages[1].id, "Ada said her…")


def test_one_that_gave_way_is_begun_again(desk: Desk) -> None:
    """Somebody sent a message meanwhile: half a summary is no summary."""
    opened, told = two_turns(desk), Told()
    summariser = Summariser(desk.store, desk, desk.post, told.take)
    summariser.look(opened, HOW)
    write(desk, desk.jobs[0], "Ada", end=CANCELLED)
    assert opened.summary is None
    summariser.look(opened, HOW)
    assert len(desk.jobs) == 2


def test_one_that_is_no_longer_allowed_is_ended(desk: Desk) -> None:
    """On a low battery, for one; it is begun again by whoever may."""
    opened, told = two_turns(desk), Told()
    summariser = Summariser(desk.store, desk, desk.post, told.take)
    summariser.stop()
    summariser.look(opened, HOW)
    summariser.stop()
    assert desk.jobs[0].interruption.requested
    write(desk, desk.jobs[0], "Ada", end=CANCELLED)
    summariser.look(opened, HOW)
    assert len(desk.jobs) == 2


def test_the_next_summary_goes_on_from_the_last(desk: Desk) -> None:
    """What the user made of it is what the model goes on with."""
    opened, told = two_turns(desk), Told()
    opened.summarised(Summary(opened.messages[1].id, "She is Ada, as I wrote."))
    fall_out(opened, 4)
    Summariser(desk.store, desk, desk.post, told.take).look(opened, HOW)
    task = desk.jobs[0].task
    assert isinstance(task, GenerationRequest)
    assert "as I wrote" in task.messages[0].content
    assert "My name" not in task.messages[0].content


def test_only_where_it_is_wanted(desk: Desk) -> None:
    """A conversation that does not want summaries gets none."""
    opened = two_turns(desk, summarises=False)
    Summariser(desk.store, desk, desk.post, Told().take).look(opened, HOW)
    assert desk.jobs == []


def told(desk: Desk, opened: OpenConversation, summariser: Summariser) -> str:
    """What the model is told for the summary that is wanted now."""
    desk.jobs.clear()
    summariser.look(opened, HOW)
    (job,) = desk.jobs
    assert isinstance(job.task, GenerationRequest)
    return job.task.messages[0].content


def long_talk(desk: Desk, *texts: str) -> OpenConversation:
    """A conversation whose turns have fallen out of the window, all but the last."""
    opened = desk.open()
    opened.set_options(ConversationOptions(summarises=True))
    for count, text in enumerate((*texts, "And now?"), start=1):
        opened.send(text, HOW)
        say(desk.job(count), "Noted.")
        desk.work_until(lambda count=count: len(desk.saved) == count)
    fall_out(opened, 2 * len(texts))
    return opened


def test_what_is_too_much_at_once_is_summed_up_in_steps(desk: Desk) -> None:
    """The last summary is whole in each; what a step did not take is taken by the next, and nothing lies between."""
    opened = long_talk(desk, *(f"Part {number}. {'word ' * 500}" for number in range(6)))
    summariser = Summariser(desk.store, desk, desk.post, Told().take)
    seen, step = "", 0
    while opened.summary is None or opened.summary.last_message_id != opened.messages[11].id:
        content = told(desk, opened, summariser)
        assert step == 0 or f"As step {step} told." in content
        seen, step = seen + content, step + 1
        assert step < 10
        write(desk, desk.jobs[0], f"As step {step} told.")
    assert step > 1
    assert [seen.count(f"User: Part {number}.") for number in range(6)] == [1] * 6
    assert seen.count("Assistant: Noted.") == 6


def test_one_message_that_is_too_long_is_told_by_its_beginning_and_its_end(desk: Desk) -> None:
    """The summary of before stays whole beside it, however long that is."""
    opened = long_talk(desk, "Short.", f"Begin {'word ' * 10_000}end.")
    before = "My own words. " * 300
    opened.summarised(Summary(opened.messages[1].id, before))
    content = told(desk, opened, Summariser(desk.store, desk, desk.post, Told().take))
    assert before in content
    assert "User: Begin word" in content
    assert content.endswith("word end.")
    assert len(content) < 4096 * 2


@pytest.mark.parametrize(
    "end",
    [
        EngineFailed(PromptTooLongError("Your message is too long."), while_loading=False),
        replace(FINISHED, reason=FinishReason.LENGTH, tokens=3),
    ],
    ids=["refused", "no room for the summary"],
)
def test_what_does_not_fit_is_tried_with_less(desk: Desk, end: WorkerEvent) -> None:
    """Some scripts take more tokens; half a summary in place of the user's words would be none."""
    opened = long_talk(desk, "字" * 3000, "字" * 3000)
    opened.summarised(Summary(opened.messages[1].id, "As I wrote."))
    summariser = Summariser(desk.store, desk, desk.post, Told().take)
    sizes: list[int] = []
    for _ in range(3):
        sizes.append(len(told(desk, opened, summariser)))
        write(desk, desk.jobs[0], "The", end=end)
        assert opened.summary is not None
        assert opened.summary.text == "As I wrote."
    assert sizes[0] > sizes[1] > sizes[2]


@pytest.mark.parametrize(
    "end",
    [EngineFailed(EngineError("The chat template is broken."), while_loading=False), FINISHED],
    ids=["failed", "wrote nothing"],
)
def test_what_failed_is_not_tried_again_and_again(desk: Desk, end: WorkerEvent) -> None:
    """Only when something else is to be summed up."""
    opened, summariser = two_turns(desk), Summariser(desk.store, desk, desk.post, Told().take)
    summariser.look(opened, HOW)
    write(desk, desk.jobs[0], end=end)
    summariser.look(opened, HOW)
    assert len(desk.jobs) == 1
    fall_out(opened, 4)
    summariser.look(opened, HOW)
    assert len(desk.jobs) == 2


def test_words_that_are_changed_meanwhile_stay(desk: Desk) -> None:
    """A summary that was made of the old ones is dropped, and made of the new ones; so is one not wanted any more."""
    opened, listener = two_turns(desk), Told()
    opened.summarised(Summary(opened.messages[1].id, "The model's."))
    fall_out(opened, 4)
    summariser = Summariser(desk.store, desk, desk.post, listener.take)
    assert "The model's." in told(desk, opened, summariser)
    mine = Summary(opened.messages[1].id, "Mine.")
    opened.summarised(mine)
    write(desk, desk.jobs[0], "Of the old words.")
    assert opened.summary == mine
    assert "Mine." in told(desk, opened, summariser)
    opened.set_options(ConversationOptions())
    write(desk, desk.jobs[0], "Not wanted.")
    opened.set_options(ConversationOptions(summarises=True))
    assert opened.summary == mine
    assert listener.summaries == []


def test_what_a_summary_tells_of_is_not_summed_up_again(desk: Desk) -> None:
    """Neither where its last message is pinned, and so in sight again, nor where less has fallen out than then."""
    opened, summariser = two_turns(desk), Summariser(desk.store, desk, desk.post, Told().take)
    opened.summarised(Summary(opened.messages[1].id, "She is Ada, as I wrote."))
    for left_out in ((0,), (), (0, 1)):
        opened.looked_at(PromptDescription("", (), (), left_out, 256, 64))
        summariser.look(opened, HOW)
        assert desk.jobs == []
    opened.looked_at(PromptDescription("", (), (), (0, 2, 3), 256, 64))
    content = told(desk, opened, summariser)
    assert "as I wrote" in content
    assert "My name" not in content
    assert "And now?" in content

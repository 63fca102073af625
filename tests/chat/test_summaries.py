"""What falls out of the window is summed up by the model, once, and the user's words about it stay."""

from __future__ import annotations

from app.chat.open_conversation import OpenConversation
from app.chat.summaries import Summariser
from app.conversation import ConversationOptions, FinishReason, Summary
from app.engine.events import GenerationFinished, PieceGenerated, PromptDescription
from app.engine.requests import GenerationRequest
from app.engine.worker import Job, WorkerEvent
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


def test_one_that_gave_way_is_begun_again(desk: Desk) -> None:
    """Somebody sent a message meanwhile: half a summary is no summary."""
    opened, told = two_turns(desk), Told()
    summariser = Summariser(desk.store, desk, desk.post, told.take)
    summariser.look(opened, HOW)
    write(desk, desk.jobs[0], "Ada", end=CANCELLED)
    assert opened.summary is None
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

"""What is done while nobody waits: read ahead, counted, kept; and when not."""

from __future__ import annotations

from app.chat.idle_work import IdleWork
from app.chat.open_conversation import OpenConversation
from app.conversation import ConversationOptions
from app.engine.engine import EngineError
from app.engine.events import PromptDescription, PromptEvaluated
from app.engine.worker import EngineFailed, Inspection, Keeping, Task, TaskEnded, Warming
from tests.chat.stories import HOW, Desk, say

DESCRIPTION = PromptDescription("Hello", (1, 2), (), (), 256, 64)


def after_one_turn(desk: Desk) -> OpenConversation:
    """A conversation with one whole turn."""
    opened = desk.open()
    opened.send("Hello", HOW)
    say(desk.job(1), "Hi")
    desk.work_until(lambda: bool(desk.saved))
    desk.jobs.clear()
    return opened


def tasks(desk: Desk) -> list[Task | None]:
    """What the engine is asked for."""
    return [job.task for job in desk.jobs]


def test_each_edit_takes_the_place_of_the_last(desk: Desk) -> None:
    """One draft is read at a time, at idle, and the same one is not begun twice."""
    opened, idle = after_one_turn(desk), IdleWork(desk, desk.post, lambda: True)
    for draft in ("", "And", "And", "But now"):
        idle.read_ahead(opened, HOW, draft)
    assert tasks(desk) == [Warming(opened.prompt(HOW, draft)) for draft in ("", "And", "But now")]
    assert all(job.at_idle for job in desk.jobs)
    assert [job.interruption.requested for job in desk.jobs] == [True, True, False]
    assert [message.content for message in opened.prompt(HOW, "But now").messages] == ["Hello", "Hi", "But now"]


def test_who_types_on_does_not_cut_the_reading_short(desk: Desk) -> None:
    """What is being read is part of the longer draft too; the newest is read when that has ended, and none between."""
    opened, idle = after_one_turn(desk), IdleWork(desk, desk.post, lambda: True)
    for draft in ("And", "And n", "And no", "And now"):
        idle.read_ahead(opened, HOW, draft)
    (job,) = desk.jobs
    assert not job.interruption.requested
    job.report(PromptEvaluated(3, 1, 2))
    job.report(TaskEnded(is_done=True))
    assert idle.is_reading
    desk.work_off()
    assert tasks(desk) == [Warming(opened.prompt(HOW, draft)) for draft in ("And", "And now")]
    desk.jobs[1].report(TaskEnded(is_done=False))
    desk.work_off()
    assert not idle.is_reading
    idle.read_ahead(opened, HOW, "And now")
    idle.read_ahead(opened, HOW, "And now, what")
    idle.rest()
    desk.jobs[2].report(TaskEnded(is_done=False))
    desk.work_off()
    assert len(desk.jobs) == 3


def test_nothing_is_read_ahead_without_permission(desk: Desk) -> None:
    """Not on a low battery, not when switched off; what runs then is ended. Counting costs nothing."""
    permissions = [True, False, False]
    opened, idle = after_one_turn(desk), IdleWork(desk, desk.post, lambda: permissions.pop(0))
    idle.read_ahead(opened, HOW, "a")
    idle.read_ahead(opened, HOW, "b")
    idle.keep(opened, HOW.load)
    idle.count(opened.prompt(HOW, "b"), HOW.load, lambda _: None)
    assert [type(task) for task in tasks(desk)] == [Warming, Inspection]
    assert desk.jobs[0].interruption.requested


def test_a_running_reply_is_left_alone(desk: Desk) -> None:
    """While a reply is written there is nothing to read ahead: its words belong to the next prompt."""
    opened, idle = after_one_turn(desk), IdleWork(desk, desk.post, lambda: True)
    opened.send("More", HOW)
    idle.read_ahead(opened, HOW, "And")
    assert not any(isinstance(task, Warming) for task in tasks(desk))


def test_only_the_last_count_is_told(desk: Desk) -> None:
    """The tokens of a draft that has changed meanwhile interest nobody."""
    opened, idle = after_one_turn(desk), IdleWork(desk, desk.post, lambda: True)
    counted: list[str] = []
    idle.count(opened.prompt(HOW, "a"), HOW.load, lambda _: counted.append("a"))
    idle.count(opened.prompt(HOW, "b"), HOW.load, lambda _: counted.append("b"))
    for job in desk.jobs:
        job.report(DESCRIPTION)
    desk.work_off()
    assert counted == ["b"]


def test_a_private_conversation_is_not_kept(desk: Desk) -> None:
    """Its state stays in memory."""
    opened, idle = after_one_turn(desk), IdleWork(desk, desk.post, lambda: True)
    assert opened.conversation is not None
    idle.keep(opened, HOW.load)
    options = ConversationOptions(private=True)
    opened.set_options(options)
    idle.keep(opened, HOW.load)
    assert tasks(desk) == [Keeping(opened.conversation.id)]


def test_what_gave_way_is_read_on(desk: Desk) -> None:
    """Reading that something else cut short goes on with the next call; what was read whole, or cannot be, does not."""
    opened, idle = after_one_turn(desk), IdleWork(desk, desk.post, lambda: True)
    idle.read_ahead(opened, HOW, "And")
    desk.jobs[0].report(TaskEnded(is_done=False))
    desk.work_off()
    assert not idle.is_reading
    idle.read_ahead(opened, HOW, "And")
    desk.jobs[1].report(PromptEvaluated(3, 1, 2))
    desk.jobs[1].report(TaskEnded(is_done=True))
    desk.work_off()
    assert not idle.is_reading
    idle.read_ahead(opened, HOW, "And")
    idle.read_ahead(opened, HOW, "And too long")
    desk.jobs[2].report(EngineFailed(EngineError("Too long."), while_loading=False))
    desk.work_off()
    idle.read_ahead(opened, HOW, "And too long")
    assert len(desk.jobs) == 3


def test_a_question_for_the_count_is_always_answered(desk: Desk) -> None:
    """With the description, with the reason why there is none, or with nothing when it was put off."""
    opened, idle = after_one_turn(desk), IdleWork(desk, desk.post, lambda: True)
    answers: list[object] = []
    refused = EngineError("Your message is too long.")
    for event in (DESCRIPTION, EngineFailed(refused, while_loading=False), TaskEnded(is_done=False)):
        idle.count(opened.prompt(HOW, "a"), HOW.load, answers.append)
        desk.jobs[-1].report(event)
        desk.work_off()
    assert answers == [DESCRIPTION, refused, None]


def test_the_end_of_keeping_is_told(desk: Desk) -> None:
    """Done also where there is nothing to keep, or it cannot be; put off where it was cut short, or is not allowed."""
    opened = after_one_turn(desk)
    ends: list[tuple[str, bool]] = []
    idle = IdleWork(desk, desk.post, lambda: True)
    idle.keep(desk.open(), HOW.load, lambda is_done: ends.append(("new", is_done)))
    IdleWork(desk, desk.post, lambda: False).keep(
        opened, HOW.load, lambda is_done: ends.append(("not allowed", is_done))
    )
    failed = EngineFailed(EngineError("The disk is on fire."), while_loading=False)
    for name, event in {"kept": TaskEnded(is_done=True), "cut": TaskEnded(is_done=False), "failed": failed}.items():
        idle.keep(opened, HOW.load, lambda is_done, name=name: ends.append((name, is_done)))
        assert idle.is_keeping
        desk.jobs[-1].report(event)
        desk.work_off()
        assert not idle.is_keeping
    assert ends == [("new", True), ("not allowed", False), ("kept", True), ("cut", False), ("failed", True)]


def test_what_is_to_be_forgotten_is_not_written_meanwhile(desk: Desk) -> None:
    """Whoever removes the state of a conversation waits for the end of its writing, and only for that."""
    opened, idle = after_one_turn(desk), IdleWork(desk, desk.post, lambda: True)
    assert opened.conversation is not None
    told: list[str] = []
    idle.keep(opened, HOW.load, lambda is_done: told.append("kept" if is_done else "put off"))
    idle.stop_keeping("another", lambda: told.append("another"))
    idle.stop_keeping(opened.conversation.id, lambda: told.append("stopped"))
    assert told == ["another"]
    assert desk.jobs[-1].interruption.requested
    desk.jobs[-1].report(TaskEnded(is_done=False))
    desk.work_off()
    assert told == ["another", "put off", "stopped"]


def test_what_is_no_longer_allowed_is_ended(desk: Desk) -> None:
    """Reading and keeping both: the one is not gone on with, the other is put off."""
    opened, idle = after_one_turn(desk), IdleWork(desk, desk.post, lambda: True)
    idle.read_ahead(opened, HOW, "And")
    idle.read_ahead(opened, HOW, "And more")
    idle.keep(opened, HOW.load)
    idle.stop()
    assert [job.interruption.requested for job in desk.jobs] == [True, True]
    for job in desk.jobs:
        job.report(TaskEnded(is_done=False))
    desk.work_off()
    assert len(desk.jobs) == 2


def test_what_was_deleted_is_not_read(desk: Desk) -> None:
    """Neither what was to be read behind the words that are left, nor, where none are left, anything."""
    opened, idle = after_one_turn(desk), IdleWork(desk, desk.post, lambda: True)
    for draft in ("And", "And more", "And"):
        idle.read_ahead(opened, HOW, draft)
    desk.jobs[0].report(PromptEvaluated(3, 1, 2))
    desk.jobs[0].report(TaskEnded(is_done=True))
    desk.work_off()
    assert idle.has_read
    assert tasks(desk) == [Warming(opened.prompt(HOW, "And"))]
    new = desk.open()
    idle.read_ahead(new, HOW, "Hello")
    idle.read_ahead(new, HOW, "")
    assert len(desk.jobs) == 2
    assert desk.jobs[-1].interruption.requested

"""What the engine does for a conversation while nobody waits for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from app.chat.open_conversation import OpenConversation
from app.chat.turn import JobQueue, Post, TurnSettings
from app.conversation import Role
from app.engine.engine import EngineError
from app.engine.events import PromptDescription, PromptEvaluated
from app.engine.requests import LoadRequest, PromptRequest
from app.engine.worker import EngineFailed, Inspection, Job, Keeping, Task, TaskEnded, Warming, WorkerEvent

Counted: TypeAlias = "PromptDescription | EngineError | None"
"""What came of counting; None when it was put off."""


@dataclass(slots=True)
class _Reading:
    """What is being read ahead, or was read whole."""

    prompt: PromptRequest
    job: Job
    is_done: bool = False

    def goes_on_in(self, prompt: PromptRequest, load: LoadRequest) -> bool:
        """Whether `prompt` only has more at its end: what is being read now is no less a part of it."""
        mine, others = self.prompt.messages, prompt.messages
        if self.is_done or self.job.load != load or len(mine) != len(others) or not mine:
            return False
        longer = others[-1].role is Role.USER and others[-1].content.startswith(mine[-1].content)
        return longer and replace(self.prompt, messages=(*mine[:-1], others[-1])) == prompt


class IdleWork:
    """Reads ahead, counts tokens, and writes states to the disk. Belongs to one thread, as `OpenConversation` does.

    Every job gives way to what somebody waits for, and none loads a model. Reading ahead and keeping need a permission:
    `may_work` is asked each time, and says no on a low battery, and where the user has switched it off.
    """

    def __init__(self, jobs: JobQueue, post: Post, may_work: Callable[[], bool]) -> None:
        """Give work to `jobs`; what comes of it is handed over by `post`."""
        self._jobs = jobs
        self._post = post
        self._may_work = may_work
        self._reading: _Reading | None = None
        self._read_next: Callable[[], None] | None = None
        self._counting: Job | None = None
        self._keeping: tuple[str, Job] | None = None
        self._when_kept: list[Callable[[], None]] = []

    @property
    def is_reading(self) -> bool:
        """Whether something is being read ahead, and not all of it is read."""
        return self._reading is not None and not self.has_read

    @property
    def is_keeping(self) -> bool:
        """Whether something is being written to the disk, or about to be."""
        return self._keeping is not None

    @property
    def has_read(self) -> bool:
        """Whether all was read that was to be."""
        return self._reading is not None and self._reading.is_done and self._read_next is None

    def read_ahead(self, opened: OpenConversation, how: TurnSettings, draft: str) -> None:
        """Read what the next prompt begins with, in place of what was being read. What was read already stays.

        Where the draft has only become longer the reading is not cut short: the rest follows. What gave way to
        something else is read on by the next call.
        """
        prompt = opened.prompt(how, draft)
        if opened.is_replying or not prompt.messages or not self._may_work():
            self.rest()
            return
        if self._reading is not None and self._reading.prompt == prompt and self._reading.job.load == how.load:
            self._read_next = None
            return
        if self._reading is not None and self._reading.goes_on_in(prompt, how.load):
            self._read_next = lambda: self._read(prompt, how)
        else:
            self.rest()
            self._read(prompt, how)

    def _read(self, prompt: PromptRequest, how: TurnSettings) -> None:
        def note(event: WorkerEvent) -> None:
            if self._reading is not reading:
                return
            if isinstance(event, PromptEvaluated | EngineFailed):
                reading.is_done = True  # what cannot be read is not tried again either
            if isinstance(event, TaskEnded | EngineFailed):
                self._reading = reading if reading.is_done else None
                self._go_on()

        self._reading = reading = _Reading(prompt, self._submit(how.load, Warming(prompt), note))

    def _go_on(self) -> None:
        read_next, self._read_next = self._read_next, None
        if read_next is not None:
            read_next()

    def rest(self) -> None:
        """Read no further."""
        self._read_next = None
        if self._reading is not None:
            self._reading.job.cancel()
            self._reading = None

    def stop(self) -> None:
        """Read no further, and write nothing more: what was being kept is put off."""
        self.rest()
        if self._keeping is not None:
            self._keeping[1].cancel()

    def count(self, prompt: PromptRequest, load: LoadRequest, then: Callable[[Counted], None]) -> None:
        """Have `then` told what becomes of `prompt`, or why nothing can. An older question is dropped."""
        if self._counting is not None:
            self._counting.cancel()

        def answer(event: WorkerEvent) -> None:
            if self._counting is not job:
                return
            match event:
                case PromptDescription():
                    then(event)
                case EngineFailed(error=error):
                    then(error)
                case TaskEnded():
                    then(None)
                case _:
                    pass

        self._counting = job = self._submit(load, Inspection(prompt), answer)

    def keep(
        self, opened: OpenConversation, load: LoadRequest, then: Callable[[bool], None] = lambda _is_done: None
    ) -> None:
        """Write what the model of `load` has read of a conversation to the disk, unless it is private.

        `then` is told whether that is done, as far as it can be; if not, it was put off.
        """
        conversation = opened.conversation
        if conversation is None or conversation.options.private:
            then(True)
            return
        if not self._may_work():
            then(False)
            return

        def note(event: WorkerEvent) -> None:
            if isinstance(event, TaskEnded | EngineFailed):
                self._keeping = None
                waiting, self._when_kept = self._when_kept, []
                then(isinstance(event, EngineFailed) or event.is_done)
                for stopped in waiting:
                    stopped()

        self._keeping = conversation.id, self._submit(load, Keeping(conversation.id), note)

    def stop_keeping(self, conversation_id: str, then: Callable[[], None]) -> None:
        """Call `then` as soon as nothing of a conversation is being written to the disk, and that has been told."""
        if self._keeping is not None and self._keeping[0] == conversation_id:
            self._keeping[1].cancel()
            self._when_kept.append(then)
        else:
            then()

    def _submit(self, load: LoadRequest, task: Task, report: Callable[[WorkerEvent], None]) -> Job:
        job = Job(load, lambda event: self._post(lambda: report(event)), task, at_idle=True)
        self._jobs.submit(job)
        return job

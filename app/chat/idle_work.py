"""What the engine does for a conversation while nobody waits for it."""

from __future__ import annotations

from collections.abc import Callable

from app.chat.open_conversation import OpenConversation
from app.chat.turn import JobQueue, Post, TurnSettings
from app.engine.events import PromptDescription
from app.engine.requests import PromptRequest
from app.engine.worker import Inspection, Job, Keeping, Task, Warming, WorkerEvent


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
        self._reading: tuple[PromptRequest, Job] | None = None
        self._counting: Job | None = None

    def read_ahead(self, opened: OpenConversation, how: TurnSettings, draft: str) -> None:
        """Read what the next prompt begins with, in place of what was being read. What was read already stays."""
        prompt = opened.prompt(how, draft)
        if opened.is_replying or not self._may_work():
            self.rest()
            return
        if self._reading is not None and self._reading[0] == prompt and self._reading[1].load == how.load:
            return
        self.rest()
        self._reading = (prompt, self._submit(how, Warming(prompt), lambda _event: None))

    def rest(self) -> None:
        """Read no further."""
        if self._reading is not None:
            self._reading[1].cancel()
            self._reading = None

    def count(
        self, opened: OpenConversation, how: TurnSettings, draft: str, then: Callable[[PromptDescription], None]
    ) -> None:
        """Have `then` told what the prompt would be. An older question that waits is dropped."""
        if self._counting is not None:
            self._counting.cancel()

        def answer(event: WorkerEvent) -> None:
            if isinstance(event, PromptDescription) and not job.interruption.requested:
                then(event)

        self._counting = job = self._submit(how, Inspection(opened.prompt(how, draft)), answer)

    def keep(self, opened: OpenConversation, how: TurnSettings) -> None:
        """Write what was read of a conversation to the disk, unless it is private."""
        conversation = opened.conversation
        if conversation is not None and not conversation.options.private and self._may_work():
            self._submit(how, Keeping(conversation.id), lambda _event: None)

    def _submit(self, how: TurnSettings, task: Task, report: Callable[[WorkerEvent], None]) -> Job:
        job = Job(how.load, lambda event: self._post(lambda: report(event)), task, at_idle=True)
        self._jobs.submit(job)
        return job

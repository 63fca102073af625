"""Summaries of what falls out of the context window, written by the model itself while nobody waits for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Final, Protocol

from app.chat.open_conversation import OpenConversation
from app.chat.turn import JobQueue, Post, TurnSettings
from app.conversation import FinishReason, Message, Role, Summary
from app.engine.events import GenerationFinished, PieceGenerated
from app.engine.requests import GenerationRequest, PromptMessage, PromptRequest
from app.engine.worker import EngineFailed, Job, LoadCancelled, TaskEnded, WorkerEvent
from app.errors import PaddockError
from app.settings.values import ReasoningSettings

_CHARACTERS_PER_TOKEN: Final = 2
"""So many are at least to be expected of a token: what is longer is cut at its beginning."""
_LONGEST_TOKENS: Final = 400
_INSTRUCTION: Final = (
    "Summarise the conversation below in a few sentences, for somebody who goes on with it: who wants what, what was"
    " found out and decided, names and numbers. Write the summary only, in the language of the conversation."
)
_SPEAKERS: Final = {Role.SYSTEM: "System", Role.USER: "User", Role.ASSISTANT: "Assistant"}


class SummaryStore(Protocol):
    """What is asked of storage."""

    def set_summary(self, conversation_id: str, summary: Summary) -> Future[Summary]:
        """Keep a summary."""
        ...


class Summariser:
    """Writes one summary at a time, at idle. One that gave way to something else is begun again by the next `look`."""

    def __init__(
        self, store: SummaryStore, jobs: JobQueue, post: Post, told: Callable[[OpenConversation, Summary], None]
    ) -> None:
        """Call `told` on the owner's thread when there is a new summary, and it is safe."""
        self._store = store
        self._jobs = jobs
        self._post = post
        self._told = told
        self._writing: Job | None = None

    def look(self, opened: OpenConversation, how: TurnSettings) -> None:
        """Summarise what fell out of the window and is in no summary yet, if the conversation wants that."""
        conversation = opened.conversation
        if self._writing is not None or conversation is None or not conversation.options.summarises:
            return
        fallen = _not_summarised(opened)
        if fallen:
            self._write(opened, how, fallen)

    def stop(self) -> None:
        """Write no further; the next `look` begins again."""
        if self._writing is not None:
            self._writing.cancel()

    def _write(self, opened: OpenConversation, how: TurnSettings, fallen: Sequence[Message]) -> None:
        pieces: list[str] = []

        def take(event: WorkerEvent) -> None:
            match event:
                case PieceGenerated(text=text):
                    pieces.append(text)
                case GenerationFinished(reason=FinishReason.STOP | FinishReason.LENGTH):
                    self._writing = None
                    self._keep(opened, Summary(fallen[-1].id, "".join(pieces).strip()))
                case GenerationFinished() | EngineFailed() | LoadCancelled() | TaskEnded():
                    self._writing = None
                case _:
                    pass

        request = _request(opened, how, fallen)
        self._writing = Job(how.load, lambda event: self._post(lambda: take(event)), request, at_idle=True)
        self._jobs.submit(self._writing)

    def _keep(self, opened: OpenConversation, summary: Summary) -> None:
        conversation = opened.conversation
        if conversation is None or not summary.text:
            return
        opened.summarised(summary)
        saved = self._store.set_summary(conversation.id, summary)
        saved.add_done_callback(lambda future: self._post(lambda: self._saved(opened, future)))

    def _saved(self, opened: OpenConversation, saved: Future[Summary]) -> None:
        try:
            self._told(opened, saved.result())
        except PaddockError as error:
            if opened.listener is not None:
                opened.listener.not_saved(error, "")


def _not_summarised(opened: OpenConversation) -> list[Message]:
    """Give the messages that fell out and that the last summary does not speak of."""
    fallen = [message for message in opened.messages if message.id in opened.left_out]
    covered = opened.summary.last_message_id if opened.summary else None
    ids = [message.id for message in fallen]
    return fallen[ids.index(covered) + 1 :] if covered in ids else fallen


def _request(opened: OpenConversation, how: TurnSettings, fallen: Sequence[Message]) -> GenerationRequest:
    before = [f"What was said before: {opened.summary.text}"] if opened.summary else []
    said = "\n\n".join([*before, *(f"{_SPEAKERS[message.role]}: {message.text}" for message in fallen)])
    longest = how.load.settings.context * _CHARACTERS_PER_TOKEN // 2
    prompt = PromptRequest(
        (PromptMessage(Role.USER, f"{_INSTRUCTION}\n\n{said[-longest:]}"),), reasoning=ReasoningSettings(effort="off")
    )
    return GenerationRequest(prompt, replace(how.sampling, temperature=0.3, max_tokens=_LONGEST_TOKENS))

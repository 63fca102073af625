"""Summaries of what falls out of the context window, written by the model itself while nobody waits for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Final, Protocol

from app.chat.open_conversation import OpenConversation
from app.chat.turn import JobQueue, Post, TurnSettings
from app.conversation import FinishReason, Message, Role, Summary
from app.engine.engine import PromptTooLongError
from app.engine.events import GenerationFinished, PieceGenerated
from app.engine.requests import GenerationRequest, LoadRequest, PromptMessage, PromptRequest
from app.engine.worker import EngineFailed, Job, LoadCancelled, TaskEnded, WorkerEvent
from app.errors import PaddockError
from app.settings.values import ReasoningSettings

_CHARACTERS_PER_TOKEN: Final = 2.0
"""How many to expect of a token at first; half as many where that was too many."""
_FEWEST_CHARACTERS_PER_TOKEN: Final = 0.25
"""A token has one byte at least, and a character four at most."""
_LONGEST_TOKENS: Final = 400
_INSTRUCTION_TOKENS: Final = 100
"""What the instruction takes, with what a template writes around it."""
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


@dataclass(frozen=True, slots=True)
class _Order:
    """A summary to be written: of what `before` says, and of the messages behind it up to `last_message_id`."""

    load: LoadRequest
    request: GenerationRequest
    before: Summary | None
    last_message_id: str


class Summariser:
    """Writes one summary at a time, at idle. One that gave way to something else is begun again by the next `look`.

    What cannot be written is not tried again until something else is to be.
    """

    def __init__(
        self, store: SummaryStore, jobs: JobQueue, post: Post, told: Callable[[OpenConversation, Summary], None]
    ) -> None:
        """Call `told` on the owner's thread when there is a new summary, and it is safe."""
        self._store = store
        self._jobs = jobs
        self._post = post
        self._told = told
        self._writing: Job | None = None
        self._failed: _Order | None = None
        self._characters_per_token = _CHARACTERS_PER_TOKEN

    def look(self, opened: OpenConversation, how: TurnSettings) -> None:
        """Summarise what fell out of the window and is in no summary yet, if the conversation wants that.

        Where that is more than the model can read at once, the next `look` goes on with the rest.
        """
        if self._writing is not None or opened.conversation is None or not opened.options.summarises:
            return
        fallen = _not_summarised(opened)
        order = _order(fallen, opened.summary, how, self._characters_per_token) if fallen else None
        if order is not None and order != self._failed:
            self._write(opened, order)

    def stop(self) -> None:
        """Write no further; the next `look` begins again."""
        if self._writing is not None:
            self._writing.cancel()

    def _write(self, opened: OpenConversation, order: _Order) -> None:
        pieces: list[str] = []

        def take(event: WorkerEvent) -> None:
            match event:
                case PieceGenerated(text=text):
                    pieces.append(text)
                case GenerationFinished(reason=FinishReason.STOP | FinishReason.LENGTH):
                    self._writing = None
                    self._finish(opened, order, "".join(pieces).strip(), event)
                case EngineFailed(error=error):
                    self._writing = None
                    self._fail(order, was_too_long=isinstance(error, PromptTooLongError))
                case GenerationFinished() | LoadCancelled() | TaskEnded():
                    self._writing = None
                case _:
                    pass

        self._writing = Job(order.load, lambda event: self._post(lambda: take(event)), order.request, at_idle=True)
        self._jobs.submit(self._writing)

    def _finish(self, opened: OpenConversation, order: _Order, text: str, end: GenerationFinished) -> None:
        """Take a summary over, unless its end was the window's, or there is none."""
        is_cut = end.reason is FinishReason.LENGTH and end.tokens < (order.request.sampling.max_tokens or 0)
        if is_cut or not text:
            self._fail(order, was_too_long=is_cut)
        elif opened.options.summarises and opened.summary == order.before:  # else the user has changed it meanwhile
            is_unfinished = end.reason is FinishReason.LENGTH
            self._keep(opened, Summary(order.last_message_id, f"{text}…" if is_unfinished else text))

    def _fail(self, order: _Order, *, was_too_long: bool) -> None:
        self._failed = order
        if was_too_long:
            too_many = len(order.request.messages[0].content) / order.load.settings.context
            fewer = min(too_many, self._characters_per_token) / 2
            self._characters_per_token = max(_FEWEST_CHARACTERS_PER_TOKEN, fewer)

    def _keep(self, opened: OpenConversation, summary: Summary) -> None:
        conversation = opened.conversation
        if conversation is None:
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
    """Give the messages that fell out and lie behind those that the last summary speaks of."""
    places = {message.id: place for place, message in enumerate(opened.messages)}
    covered = places.get(opened.summary.last_message_id, -1) if opened.summary else -1
    return [message for message in opened.messages[covered + 1 :] if message.id in opened.left_out]


def _order(fallen: Sequence[Message], before: Summary | None, how: TurnSettings, characters_per_token: float) -> _Order:
    """Have as many of the oldest fallen messages summed up as the model can read at once, and what it knows already."""
    window = how.load.settings.context
    longest = min(_LONGEST_TOKENS, window // 4)
    room = int(max(window - longest - _INSTRUCTION_TOKENS, window // 4) * characters_per_token)
    known = [f"What was said before: {before.text}"] if before else []
    said = _said(fallen, max(room - sum(map(len, known)), room // 4))
    content = "\n\n".join([_INSTRUCTION, *known, *said])
    prompt = PromptRequest(
        (PromptMessage(Role.USER, content),), reasoning=ReasoningSettings(effort="off"), max_tokens=longest
    )
    request = GenerationRequest(prompt, replace(how.sampling, temperature=0.3, max_tokens=longest))
    return _Order(how.load, request, before, fallen[len(said) - 1].id)


def _said(messages: Sequence[Message], room: int) -> list[str]:
    """Write down the first of `messages` that fit in `room` characters; one at least, if need be without its middle."""
    said: list[str] = []
    for message in messages:
        text = f"{_SPEAKERS[message.role]}: {message.text}"
        if len(text) > room:
            return said or [f"{text[: room // 2]} […] {text[len(text) - room // 2 :]}"]
        said.append(text)
        room -= len(text)
    return said

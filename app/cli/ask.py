"""`ask`: one question, its answer as it is written."""

from __future__ import annotations

import argparse
import contextlib
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from app.chat.idle_work import IdleWork
from app.chat.model_choice import model_for, settings_for
from app.chat.open_conversation import OpenConversation, written_elsewhere
from app.chat.turn import TurnSettings, TurnStore
from app.chat.turn_settings import turn_settings
from app.chat.unsaved import UnsavedTurns
from app.cli.ask_output import AskOutput, JsonOutput, TextOutput
from app.cli.replay import replay
from app.cli.schema_file import grammar_from_file
from app.conversation import Conversation, ConversationOptions, FinishReason, Message, MessageStatus
from app.engine.events import GenerationFinished
from app.engine.worker import EngineFailed, LoadCancelled, WorkerEvent
from app.errors import Fault, PaddockError
from app.hardware import battery, may_work_at_idle
from app.parts import Parts
from app.settings.arguments import settings_from_arguments

CANCELLED: Final = 130
LONGEST_QUESTION_MB: Final = 8
FAILED: Final = 1


class QuestionError(PaddockError):
    """What was asked cannot be asked."""

    fault = Fault.USER


def ask(parts: Parts, arguments: argparse.Namespace) -> int:
    """Send the question, print what comes, and give the exit status."""
    if arguments.replay is not None:
        return replay(parts, arguments)
    text = _question(arguments.text)
    conversation = parts.store.conversation(arguments.conversation) if arguments.conversation else None
    wanted: str | None = arguments.model
    model = model_for(parts.models, parts.store, conversation) if wanted is None else parts.models.find(wanted)
    settings = settings_from_arguments(arguments, settings_for(model, parts.settings))
    schema: Path | None = arguments.schema
    options = conversation.options if conversation else ConversationOptions()
    states = None if arguments.no_save else parts.paths.states
    how = turn_settings(model, parts.hashes, settings, options, states, parts.models.draft_for(model))
    how = replace(
        how,
        reasoning=settings.reasoning if "reasoning.effort" in arguments else how.reasoning,
        system_prompt=how.system_prompt if arguments.system is None else arguments.system,
        grammar=None if schema is None else grammar_from_file(schema),
    )
    store: TurnStore = UnsavedTurns() if arguments.no_save else parts.store
    parts.engine.start()
    output = JsonOutput(named=not arguments.no_save) if arguments.json else TextOutput()
    return _Asking(parts, store, conversation, output).run(text, how)


class _Asking:
    """Drives one open conversation on the main thread until its reply is safe."""

    def __init__(self, parts: Parts, store: TurnStore, conversation: Conversation | None, output: AskOutput) -> None:
        self._parts = parts
        self._actions: SimpleQueue[Callable[[], None]] = SimpleQueue()
        branch = parts.store.branch(conversation.id) if conversation else ()
        if branch and branch[-1].status is MessageStatus.STREAMING:
            raise written_elsewhere()
        summary = parts.store.summary(conversation.id) if conversation else None
        self._open = OpenConversation(store, parts.engine, self._actions.put, conversation, branch, summary)
        self._open.listener = self
        parts.store.on_trouble = lambda trouble: self._actions.put(lambda: self._disk_trouble(trouble))
        self._output = output
        self._done = False
        self._status = 0

    def run(self, text: str, how: TurnSettings) -> int:
        """Ask and wait. Ctrl-C stops the reply and keeps its words."""
        self._open.send(text, how)
        while not self._done:
            try:
                self._actions.get()()
            except KeyboardInterrupt:
                self._status = CANCELLED
                self._open.stop()
        if self._status == 0 and self._parts.settings.settings.idle.prepares and may_work_at_idle(battery()):
            self._keep_state(how)
        return self._status

    def _keep_state(self, how: TurnSettings) -> None:
        """Let the next command for this conversation go on from what was read. Whoever is in a hurry can end it."""
        kept = threading.Event()
        IdleWork(self._parts.engine, self._actions.put, lambda: True).keep(self._open, how, kept.set)
        with contextlib.suppress(KeyboardInterrupt):
            while not kept.is_set():
                self._actions.get()()

    def message_added(self, message: Message) -> None:
        """Know the reply's id."""
        self._output.message_added(message)

    def reply_progressed(self, message_id: str, event: WorkerEvent) -> None:
        """Print what streams; the end waits until it is safe."""
        if isinstance(event, EngineFailed):
            self._status = FAILED
        if isinstance(event, GenerationFinished | LoadCancelled) and self._status == 0:
            cancelled = isinstance(event, LoadCancelled) or event.reason is FinishReason.CANCELLED
            self._status = CANCELLED if cancelled else 0
        self._output.progressed(event)

    def message_changed(self, message: Message) -> None:
        """The end has come; what is printed of it waits for `reply_saved`."""

    def reply_saved(self, message: Message) -> None:
        """Print the end."""
        self._output.ended()
        self._done = True

    def branch_changed(self, messages: Sequence[Message]) -> None:
        """A command asks on the branch that is open."""

    def left_out_changed(self, message_ids: Sequence[str]) -> None:
        """The prompt's event says how many they are."""

    def conversation_changed(self, conversation: Conversation) -> None:
        """Know the conversation's id."""
        self._output.conversation_id = conversation.id

    def _disk_trouble(self, trouble: PaddockError | None) -> None:
        """The disk takes nothing now. Somebody at a terminal should not wait for what may never come."""
        if trouble is not None:
            self.not_saved(trouble, "")

    def not_saved(self, error: PaddockError, unsent_text: str) -> None:
        """Say it, and be done."""
        self._output.failed(error)
        self._status = FAILED
        self._done = True


def _question(text: str) -> str:
    given = _standard_input() if text == "-" else text
    # A terminal in another encoding leaves halves of characters behind that no file can hold.
    question = given.encode("utf-8", "replace").decode("utf-8")
    if not question.strip():
        raise QuestionError("There is nothing to ask.", next_step="Write the question behind “ask”.")
    return question


def _standard_input() -> str:
    if sys.stdin is None:  # pyright: ignore[reportUnnecessaryComparison] - it is, when whoever started us closed it
        return ""
    longest = LONGEST_QUESTION_MB * 1_000_000
    given = sys.stdin.buffer.read(longest + 1)
    if len(given) > longest:
        raise QuestionError(
            "The question is more than {size} MB long; a model reads at most a few pages.",
            next_step="Ask about a part of it.",
            size=LONGEST_QUESTION_MB,
        )
    return given.decode("utf-8", "replace")

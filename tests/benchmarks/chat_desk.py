"""Paddock without a window, for benchmarks: worker, engine process, database and conversations."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Self

from app.application import built_parts
from app.chat.idle_work import IdleWork
from app.chat.open_conversation import OpenConversation
from app.chat.turn import TurnSettings
from app.conversation import Conversation, Message, ModelIdentity
from app.engine.events import GenerationFinished, ModelLoaded, PieceGenerated, PromptEvaluated
from app.engine.requests import GenerationRequest, LoadRequest, PromptRequest
from app.engine.worker import EngineFailed, Job, Keeping, TaskEnded, WorkerEvent
from app.errors import PaddockError
from app.models.starter import find_starter
from app.paths import find_paths
from app.settings.values import LoadSettings, SamplingSettings


class ChatDesk:
    """Sends messages as the window does and notes when what happened. Use it as a context."""

    def __init__(self, home: Path, *, context: int, max_tokens: int = 24) -> None:
        """Keep everything under `home`; replies have at most `max_tokens` tokens, always the likeliest ones."""
        paths = find_paths(home)
        paths.create()
        starter = find_starter()
        assert starter is not None, "the starter model is not installed"
        self._parts_context = built_parts(paths)
        self.how = TurnSettings(
            ModelIdentity("starter"),
            LoadRequest(starter.path, LoadSettings(context=context), state_folder=paths.states),
            SamplingSettings(temperature=0.0, max_tokens=max_tokens),
        )
        self._actions: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.prompt: PromptEvaluated | None = None
        self.first_word_s = 0.0
        self._sent_at = 0.0
        self._is_saved = False

    def __enter__(self) -> Self:
        """Start the engine and load the model."""
        self.parts = self._parts_context.__enter__()
        self.parts.engine.start()
        self.idle = IdleWork(self.parts.engine, self._actions.put, lambda: True)
        self.wait_for(None, ModelLoaded)
        return self

    def __exit__(self, *_: object) -> None:
        """End the engine."""
        self._parts_context.__exit__(None, None, None)

    def open(self, conversation: Conversation | None = None) -> OpenConversation:
        """Open a conversation, or begin one."""
        branch = self.parts.store.branch(conversation.id) if conversation else ()
        opened = OpenConversation(self.parts.store, self.parts.engine, self._actions.put, conversation, branch)
        opened.listener = self
        return opened

    def send(self, opened: OpenConversation, text: str) -> float:
        """Send a message, wait for the reply's end, and give the seconds until its first word."""
        self.prompt, self.first_word_s, self._is_saved = None, 0.0, False
        self._sent_at = time.monotonic()
        opened.send(text, self.how)
        while not self._is_saved:
            self._actions.get(timeout=600)()
        return self.first_word_s

    def read_ahead(self, opened: OpenConversation, draft: str) -> None:
        """Tell the engine what stands in the composer now, as the window does after each key."""
        self.idle.read_ahead(opened, self.how, draft)

    def first_word_of(self, prompt: PromptRequest) -> float:
        """Seconds to the first word of a reply to `prompt`, which is nobody's conversation."""
        events: SimpleQueue[tuple[float, WorkerEvent]] = SimpleQueue()
        request = GenerationRequest(replace(prompt, conversation=""), self.how.sampling)
        began, first = time.monotonic(), 0.0
        self.parts.engine.submit(Job(self.how.load, lambda event: events.put((time.monotonic(), event)), request))
        while True:
            at, event = events.get(timeout=600)
            match event:
                case PromptEvaluated():
                    self.prompt = event
                case PieceGenerated() if not first:
                    first = at - began
                case GenerationFinished():
                    return first
                case EngineFailed(error=error):
                    raise error
                case _:
                    pass

    def keep(self, opened: OpenConversation) -> None:
        """Have the conversation's state written to the disk, and wait until it is."""
        assert opened.conversation is not None
        self.wait_for(Keeping(opened.conversation.id), TaskEnded)

    def wait_for(self, task: Keeping | None, last: type[WorkerEvent]) -> None:
        """Have something done, and wait for its last event."""
        events: SimpleQueue[WorkerEvent] = SimpleQueue()
        self.parts.engine.submit(Job(self.how.load, events.put, task))
        while not isinstance(event := events.get(timeout=600), last):
            if isinstance(event, EngineFailed):
                raise event.error

    # What the open conversation tells

    def message_added(self, message: Message) -> None:
        """Nothing to note."""

    def reply_progressed(self, message_id: str, event: WorkerEvent) -> None:
        """Note the prompt and the first word."""
        if isinstance(event, PromptEvaluated):
            self.prompt = event
        if isinstance(event, PieceGenerated) and not self.first_word_s:
            self.first_word_s = time.monotonic() - self._sent_at
        if isinstance(event, EngineFailed):
            raise event.error

    def message_changed(self, message: Message) -> None:
        """Nothing to note."""

    def reply_saved(self, message: Message) -> None:
        """The turn is over."""
        self._is_saved = True

    def branch_changed(self, messages: Sequence[Message]) -> None:
        """Nothing to note."""

    def left_out_changed(self, message_ids: Sequence[str]) -> None:
        """Nothing to note."""

    def conversation_changed(self, conversation: Conversation) -> None:
        """Nothing to note."""

    def not_saved(self, error: PaddockError, unsent_text: str) -> None:
        """A benchmark on a full disk is none."""
        raise error

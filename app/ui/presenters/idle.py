"""What the engine does for the conversation that is shown while nobody waits for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.chat.idle_work import Counted, IdleWork
from app.chat.open_conversation import OpenConversation
from app.chat.summaries import Summariser
from app.conversation import Summary
from app.engine.engine import EngineError, PromptTooLongError
from app.engine.events import PromptDescription
from app.engine.requests import PromptRequest
from app.errors import PaddockError
from app.translation import told
from app.ui.composer.context_use import context_use, full_use
from app.ui.presenters.conversations import ConversationPresenter
from app.ui.presenters.desk import Desk
from app.ui.presenters.models import ModelPresenter

_READ_AFTER_MS: Final = 40
_COUNT_AFTER_MS: Final = 400
"""Each question interrupts the reading ahead; and who types looks at the words, not at the gauge."""
_SLOW_AFTER_MS: Final = 300
"""Counting is said to be going on when it takes so long."""
_CALM_AFTER_MS: Final = 4_000
_READER_AFTER_MS: Final = 1_500
"""Who has looked at a conversation for so long is likely to write in it."""


class IdlePresenter(QObject):
    """Has the draft read and counted while it is typed, and what was read kept when it has been calm for a while."""

    summarised = Signal(object, object)
    """An `OpenConversation` has a new `Summary`."""

    def __init__(
        self, desk: Desk, conversations: ConversationPresenter, models: ModelPresenter, may_work: Callable[[], bool]
    ) -> None:
        """Work for what `conversations` shows, with the model of `models`."""
        super().__init__(desk.window)
        self._desk = desk
        self._conversations = conversations
        self._models = models
        self._may_work = may_work
        jobs, post = desk.parts.engine, desk.bridge.post
        self._idle = IdleWork(jobs, post, self._is_allowed)
        self._summariser = Summariser(desk.parts.store, jobs, post, self._summarised)
        self._is_harmful = False
        self._is_counting = False
        self._must_count_again = False
        self._unkept: dict[str, OpenConversation] = {}
        self._reading = self._timer(_READ_AFTER_MS, self._read)
        self._counting = self._timer(_COUNT_AFTER_MS, self._count)
        self._slow_count = self._timer(_SLOW_AFTER_MS, self._tell_of_counting)
        self._calm = self._timer(_CALM_AFTER_MS, self._is_calm)
        self._reader = self._timer(_READER_AFTER_MS, self._has_reader)
        self._connect()

    @property
    def has_read_all(self) -> bool:
        """Whether what would be sent now has been read, and nothing waits to be."""
        return self._idle.has_read and not self._reading.isActive() and not self._is_counting

    def prompt_changed(self) -> None:
        """Look at the prompt anew, and read it. Without permission, end what is being done."""
        if not self._is_allowed():
            self._idle.stop()
            self._summariser.stop()
        if not self._opened.is_replying:
            self._count()
        self._calm.start()

    def forget(self, conversation_id: str) -> None:
        """Remove what was kept of a conversation, and let nothing of it be written any more."""
        self._unkept.pop(conversation_id, None)
        states = self._desk.parts.paths.states

        def remove() -> None:
            from app.engine.llama.memory.state_files import forget_conversation  # noqa: PLC0415 - seldom wanted, never at once

            forget_conversation(states, conversation_id)

        def stopped() -> None:
            self._unkept.pop(conversation_id, None)  # what was cut short waits to be kept again
            self._desk.background.run(remove, lambda _: None, self._desk.notices.show)

        self._idle.stop_keeping(conversation_id, stopped)

    def _connect(self) -> None:
        window = self._desk.window
        window.composer.draft_changed.connect(self._typed)
        window.activated.connect(self._reader.start)
        self._conversations.shown.connect(self._another_shown)
        self._conversations.opened.connect(self._note_unkept)
        self._conversations.prompt_changed.connect(self._was_answered)
        self._conversations.saved_behind.connect(self._was_answered_behind)
        self._conversations.options_changed.connect(self._options_changed)
        self._models.loading.settled.connect(self.prompt_changed)
        self._models.loading.lost_at_idle.connect(self._did_harm)

    def _timer(self, interval_ms: int, act: Callable[[], None]) -> QTimer:
        timer = QTimer(self, singleShot=True, interval=interval_ms)
        timer.timeout.connect(act)
        return timer

    @property
    def _opened(self) -> OpenConversation:
        return self._conversations.open_conversation

    @property
    def _draft(self) -> str:
        """What would be sent now."""
        return self._desk.window.composer.text().strip()

    def _is_allowed(self) -> bool:
        return self._may_work() and not self._is_harmful

    def _typed(self) -> None:
        for timer in (self._reading, self._counting):
            if not timer.isActive():
                timer.start()
        self._calm.start()

    def _another_shown(self) -> None:
        self._desk.window.composer.show_context(None)
        self._reader.start()
        self.prompt_changed()

    def _options_changed(self) -> None:
        """Adapters come with the model: it may have to be loaded anew."""
        self._reader.start()
        self.prompt_changed()

    def _was_answered(self) -> None:
        self._is_harmful = False
        self.prompt_changed()

    def _was_answered_behind(self, opened: OpenConversation) -> None:
        """Have it kept, unless it is on its way to the bin: then nothing of it is to be written any more."""
        if opened.conversation is None:
            return
        try:
            entry = self._desk.parts.store.conversation(opened.conversation.id)
        except PaddockError as error:
            self._desk.notices.show(error)
            return
        if entry.deleted_at is None:
            self._unkept[entry.id] = opened
            self._calm.start()

    def _did_harm(self) -> None:
        """The engine died of work that nobody asked for: it is left in peace until it has written a reply again."""
        self._is_harmful = True
        self._idle.rest()

    def _has_reader(self) -> None:
        if self._desk.window.isActiveWindow():
            self._models.have_ready_for_reader()

    def _read(self) -> None:
        how = self._models.loaded_settings()
        if how is None or self._desk.window.composer.is_too_long:
            return
        self._idle.read_ahead(self._opened, how, self._draft)
        self._note_unkept()

    def _note_unkept(self) -> None:
        """What is in memory of this conversation is worth keeping, also when another one is shown soon."""
        opened = self._opened
        if opened.conversation is not None and self._models.loaded_settings() is not None:
            self._unkept[opened.conversation.id] = opened

    def _count(self) -> None:
        """Count what would be sent now. While a question is open no other is asked, so that each has its answer."""
        self._counting.stop()
        opened, how = self._opened, self._models.loaded_settings()
        if self._is_counting:
            self._must_count_again = True
            return
        if how is None:
            self._desk.window.composer.show_context(None)
        if how is None or opened.is_replying:
            return
        draft = self._draft
        prompt, ids = opened.prompt(how, draft), [message.id for message in opened.messages]
        if not prompt.messages:
            self._desk.window.composer.show_context(None)
            self._idle.rest()
            return

        def answer(counted: Counted) -> None:
            self._is_counting = False
            self._slow_count.stop()
            self._desk.window.composer.gauge.stop_counting()
            if opened is self._opened and ids == [message.id for message in opened.messages]:
                self._show(counted, prompt, draft)
            self._go_on(was_put_off=counted is None)

        self._is_counting = True
        self._slow_count.start()
        self._idle.count(prompt, how.load, answer)

    def _tell_of_counting(self) -> None:
        if not self._opened.is_replying:
            self._desk.window.composer.gauge.show_counting()

    def _show(self, counted: Counted, prompt: PromptRequest, draft: str) -> None:
        composer = self._desk.window.composer
        match counted:
            case PromptDescription():
                self._opened.looked_at(counted)
                composer.show_context(context_use(prompt.messages, counted, has_draft=bool(draft)))
            case PromptTooLongError() if draft:
                composer.show_too_long(told(counted), draft)
            case PromptTooLongError() if self._models.loading.model is not None:
                self._opened.overflows()
                composer.show_context(full_use(self._opened, self._models.loading.model.n_ctx))
            case EngineError():
                composer.show_context(None)
            case None:
                pass

    def _go_on(self, *, was_put_off: bool) -> None:
        if self._must_count_again:
            self._must_count_again = False
            self._count()
        elif not was_put_off:
            self._read()  # the question has interrupted it

    def _is_calm(self) -> None:
        is_busy = self._idle.is_reading or self._idle.is_keeping or self._is_counting
        if self._opened.is_replying or is_busy:
            self._calm.start()
        elif self._is_allowed() and self._unkept:
            self._keep_next()
        elif self._is_allowed() and (how := self._models.loaded_settings()) is not None:
            self._summariser.look(self._opened, how)

    def _keep_next(self) -> None:
        """Keep one conversation after another while it stays calm. What is put off is kept when it is calm again."""
        load = self._models.loading.request
        if load is None:
            return
        conversation_id, opened = self._unkept.popitem()

        def told(is_done: bool) -> None:  # noqa: FBT001 - as `IdleWork.keep` tells it
            if not is_done:
                self._unkept.setdefault(conversation_id, opened)
                self._calm.start()
            elif not self._calm.isActive():
                self._is_calm()

        self._idle.keep(opened, load, told)

    def _summarised(self, opened: OpenConversation, summary: Summary) -> None:
        self.summarised.emit(opened, summary)
        if opened is self._opened:
            self._desk.window.transcript.set_summary(summary.text)
            self.prompt_changed()

"""What of a conversation stays in the model's sight: pins, and the summary that stands for what is out of it."""

from __future__ import annotations

from concurrent.futures import Future

from PySide6.QtCore import QObject, Signal

from app.conversation import Message, Summary
from app.errors import PaddockError
from app.ui.presenters.conversations import ConversationPresenter
from app.ui.presenters.desk import Desk


class ForgettingPresenter(QObject):
    """Does what the user asks at the line of forgetting."""

    prompt_changed = Signal()
    """The model would read something else now."""

    def __init__(self, desk: Desk, conversations: ConversationPresenter) -> None:
        """Work on the conversation that `conversations` shows."""
        super().__init__(desk.window)
        self._desk = desk
        self._store = desk.parts.store
        self._conversations = conversations
        self._begun: dict[str, Summary] = {}
        """What stood there when somebody began to change it, by the conversation's id."""
        desk.window.transcript.summary_edit_began.connect(self._begin_edit)
        desk.window.transcript.summary_edited.connect(self._edit_summary)
        desk.window.transcript.pin_requested.connect(self._pin)
        conversations.options_changed.connect(self._show_summary)

    def _show_summary(self) -> None:
        """A summary is shown as long as the model is told it."""
        summary = self._conversations.open_conversation.summary
        self._desk.window.transcript.set_summary(summary.text if summary else None)

    def _begin_edit(self) -> None:
        opened = self._conversations.open_conversation
        if opened.conversation is not None and opened.summary is not None:
            self._begun[opened.conversation.id] = opened.summary

    def _edit_summary(self, text: str) -> None:
        """Take over what the user wrote. It tells of no more than what it was made from did.

        When the model has gone on meanwhile, it does so again: from these words.
        """
        opened = self._conversations.open_conversation
        if opened.conversation is None or opened.summary is None:
            return
        begun = self._begun.pop(opened.conversation.id, opened.summary)
        is_here = any(message.id == begun.last_message_id for message in opened.messages)
        summary = Summary((begun if is_here else opened.summary).last_message_id, text.strip())
        opened.summarised(summary)
        self._desk.notices.watch(self._store.set_summary(opened.conversation.id, summary))
        self.prompt_changed.emit()

    def _pin(self, message_id: str, pinned: bool) -> None:  # noqa: FBT001 - as the signal says it
        saved = self._store.set_pinned(message_id, pinned=pinned)
        self._desk.notices.watch(saved)
        saved.add_done_callback(lambda future: self._desk.bridge.post(lambda: self._pinned(future)))

    def _pinned(self, saved: Future[Message]) -> None:
        try:
            message = saved.result()
        except PaddockError:
            return  # said by the notice
        self._conversations.open_conversation.pinned(message.id, pinned=message.pinned)
        self.prompt_changed.emit()

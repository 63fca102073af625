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
        desk.window.transcript.summary_edited.connect(self._edit_summary)
        desk.window.transcript.pin_requested.connect(self._pin)

    def _edit_summary(self, text: str) -> None:
        opened = self._conversations.open_conversation
        if opened.conversation is None or opened.summary is None:
            return
        summary = Summary(opened.summary.last_message_id, text.strip())
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

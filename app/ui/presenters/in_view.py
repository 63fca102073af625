"""Listens to the conversation that is shown, and shows what it tells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.chat.open_conversation import OpenConversation
from app.chat.reply_progress import Stage
from app.conversation import Conversation, Message, Role
from app.engine.engine import PromptTooLongError
from app.engine.events import PieceGenerated, ReasoningGenerated
from app.engine.worker import EngineFailed, WorkerEvent
from app.errors import PaddockError
from app.translation import tr
from app.ui.composer.context_use import use_while_replying
from app.ui.presenters.activity import activity_words
from app.ui.presenters.desk import Desk

_LOOK_EVERY_MS: Final = 250


class InViewListener(QObject):
    """A `ConversationListener` for one conversation at a time."""

    became_known = Signal(object)
    """The `Conversation` was created, or moved to the top of the list."""
    prompt_changed = Signal()
    """What the next prompt begins with is something else now, and nothing is being written."""
    replying_changed = Signal()
    """A reply began or ended here."""

    def __init__(self, desk: Desk, ahead: Callable[[], str | None]) -> None:
        """Listen to none yet. `ahead` gives the title of the conversation whose reply is written before this one's."""
        super().__init__(desk.window)
        self._desk = desk
        self._opened: OpenConversation | None = None
        self._ahead = ahead
        self._shown_stage: Stage | None = None
        self._look = QTimer(self, interval=_LOOK_EVERY_MS)
        self._look.timeout.connect(self._show_progress)

    def listen_to(self, opened: OpenConversation) -> None:
        """Show this conversation as it is now, and what it tells from now on."""
        self._opened = opened
        opened.listener = self
        self._desk.window.transcript.show_messages(opened.messages)
        self._show_limits(opened)

    def look(self) -> None:
        """Show how far the running reply is, if there is one: now, and a few times a second until its end."""
        self._look.start()
        self._show_progress()

    def message_added(self, message: Message) -> None:
        """Show it at the end."""
        self._desk.window.transcript.add_message(message)

    def reply_progressed(self, message_id: str, event: WorkerEvent) -> None:
        """Show the words, and the quiet line below them."""
        transcript = self._desk.window.transcript
        if isinstance(event, PieceGenerated) and event.text:
            transcript.append_piece(message_id, event.text)
        if isinstance(event, ReasoningGenerated) and event.text:
            transcript.append_reasoning(message_id, event.text)
        if isinstance(event, EngineFailed) and isinstance(event.error, PromptTooLongError):
            transcript.set_does_not_fit(message_id)
            self._give_back(message_id)
        progress = self._opened.progress if self._opened is not None else None
        if progress is not None and progress.stage is not self._shown_stage:
            self._show_progress()

    def message_changed(self, message: Message) -> None:
        """Show how a reply ended, or that it goes on."""
        self._desk.window.transcript.update_message(message)
        self._desk.window.composer.set_reply_running(self._is_replying)
        self.replying_changed.emit()

    def reply_saved(self, message: Message) -> None:
        """Nothing to show: that words are kept is what everybody expects."""
        self.prompt_changed.emit()

    def branch_changed(self, messages: Sequence[Message]) -> None:
        """Show another branch."""
        self._desk.window.transcript.show_messages(messages)
        if self._opened is not None:
            self._show_limits(self._opened)

    def left_out_changed(self, message_ids: Sequence[str]) -> None:
        """Draw the line of forgetting above what the model still sees."""
        self._desk.window.transcript.set_left_out(message_ids)

    def conversation_changed(self, conversation: Conversation) -> None:
        """It has its title now, and stands at the top of the list."""
        self.became_known.emit(conversation)

    def not_saved(self, error: PaddockError, unsent_text: str) -> None:
        """Say it; give the words back if they were not sent."""
        self._desk.notices.show(error)
        window = self._desk.window
        if self._opened is not None:
            window.transcript.show_messages(self._opened.messages)
            self._show_limits(self._opened)
        window.composer.set_reply_running(self._is_replying)
        self.replying_changed.emit()
        if unsent_text and not window.composer.text():
            window.composer.set_text(unsent_text)

    def _show_progress(self) -> None:
        opened, window = self._opened, self._desk.window
        progress = opened.progress if opened is not None else None
        if opened is None or progress is None:
            self._look.stop()
            return
        self._shown_stage = progress.stage
        window.transcript.set_activity(opened.messages[-1].id, activity_words(progress, self._ahead()))
        use = use_while_replying(opened)
        if use is not None and use != window.composer.gauge.use:
            window.composer.gauge.show_use(use)

    def _give_back(self, message_id: str) -> None:
        """A message that does not fit can only be sent anew when it is shorter: let the user have its words again."""
        composer = self._desk.window.composer
        turn = list(self._opened.messages[-2:]) if self._opened is not None else []
        if [message.id for message in turn][1:] != [message_id] or composer.text():
            return
        if turn[0].role is Role.USER and not turn[1].text:
            composer.set_text(turn[0].text)
            self._desk.notices.say(tr("Your words stand in the field again, to be shortened and sent anew."))

    @property
    def _is_replying(self) -> bool:
        return self._opened is not None and self._opened.is_replying

    def _show_limits(self, opened: OpenConversation) -> None:
        """Where the line of forgetting runs, and what stands for what is beyond it."""
        transcript = self._desk.window.transcript
        transcript.set_left_out(opened.left_out)
        transcript.set_summary(opened.summary.text if opened.summary else None)

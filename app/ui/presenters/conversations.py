"""The open conversation in the window: what is sent, what arrives, what is shown."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from app.chat.open_conversation import OpenConversation, written_elsewhere
from app.chat.turn import TurnSettings
from app.conversation import Conversation, ConversationOptions, MessageStatus
from app.errors import PaddockError
from app.translation import tr
from app.ui.presenters.behind import BehindListener
from app.ui.presenters.desk import Desk
from app.ui.presenters.in_view import InViewListener

_DRAFT_PAUSE_MS = 400
_SETTLE_MS = 50


class ConversationPresenter(QObject):
    """Shows one conversation at a time; replies of others go on behind it."""

    opened = Signal(object)
    """A `Conversation` is shown now; None: a new one that has no message yet."""
    list_changed = Signal()
    """A conversation was made, renamed, or moved to the top."""
    shown = Signal()
    """Another `open_conversation` is in view than before."""
    prompt_changed = Signal()
    """What the next prompt begins with is something else now, and nothing is being written."""
    saved_behind = Signal(object)
    """A reply in an `OpenConversation` that is not in view has ended, and is on the disk."""
    replying_changed = Signal()
    """Replies are being written in other conversations than before."""
    options_changed = Signal(object)
    """The `ConversationOptions` of what is in view."""

    def __init__(self, desk: Desk, how: Callable[[], TurnSettings | None]) -> None:
        """`how` gives with what the next reply is made; None while no model can answer, and then it has said so."""
        super().__init__(desk.window)
        self._desk = desk
        self._store = desk.parts.store
        self._how = how
        self._replying: list[OpenConversation] = []
        self._in_view = InViewListener(desk, self._title_ahead)
        self._draft_timer = QTimer(self, singleShot=True, interval=_DRAFT_PAUSE_MS)
        self._draft_timer.timeout.connect(self.keep_draft)
        self._open = self._new()
        self._connect()

    def _connect(self) -> None:
        window = self._desk.window
        window.composer.send_requested.connect(self._send)
        window.composer.stop_requested.connect(self.stop)
        window.composer.not_sent.connect(self._desk.notices.say)
        window.composer.draft_changed.connect(self._draft_timer.start)
        window.empty_state.question_chosen.connect(self._send)
        window.transcript.continue_requested.connect(self._continue)
        window.transcript.retry_requested.connect(self._continue)
        self._in_view.became_known.connect(self._became_known)
        self._in_view.prompt_changed.connect(self.prompt_changed)
        self._in_view.replying_changed.connect(self.replying_changed)

    @property
    def conversation(self) -> Conversation | None:
        """The conversation that is shown; None before its first message."""
        return self._open.conversation

    @property
    def open_conversation(self) -> OpenConversation:
        """What is shown, also before its first message."""
        return self._open

    @property
    def replying_ids(self) -> frozenset[str]:
        """The conversations in which a reply is being written, or waits to be."""
        replying = (running for running in self._replying if running.is_replying)
        return frozenset(running.conversation.id for running in replying if running.conversation is not None)

    def set_options(self, options: ConversationOptions) -> None:
        """Set what holds for this conversation only, and keep it; a new one takes it along when it is saved."""
        self._open.set_options(options)
        self._show_title()
        self.options_changed.emit(options)

    def open(self, conversation_id: str) -> None:
        """Show a conversation, its newest words in view."""
        if self.conversation is not None and self.conversation.id == conversation_id:
            self._desk.window.show_conversation()
            return
        try:
            conversation = self._store.conversation(conversation_id)
            opened = self._replying_in(conversation.id) or self._read(conversation)
        except PaddockError as error:
            self._desk.notices.show(error)
            return
        self.keep_draft()
        self._show(opened, conversation.draft)

    def open_first(self, conversation_id: str) -> None:
        """Show what was open when the window was closed, if it is still there; else a new conversation."""
        known = {conversation.id for conversation in self._store.conversations()}
        if conversation_id in known:
            self.open(conversation_id)
        else:
            self._show(self._open, self._desk.state.state.draft)

    def open_new(self) -> None:
        """Show an empty place for a new conversation."""
        if self._open.messages:
            self.keep_draft()
            self._show(self._new(), self._desk.state.state.draft)
        self._desk.window.show_conversation()

    def stop(self) -> None:
        """End the reply that is being written here. Its words stay."""
        self._open.stop()

    def catch_up(self, entry: Conversation) -> None:
        """Show what another process, such as a command, has added to the conversation that is shown."""
        shown = self.conversation
        if shown is None or entry.id != shown.id or not self._open.is_settled or not self._open.messages:
            return
        last = self._open.messages[-1]
        if entry.leaf_id == last.id and last.status is not MessageStatus.STREAMING:
            return
        self._open.listener = None
        self._open = self._read(dataclasses.replace(entry, options=shown.options))  # they are set here alone
        self._in_view.listen_to(self._open)
        self._show_title()
        self.shown.emit()

    def removed(self, conversation_id: str) -> None:
        """Leave a conversation that went to the bin; its reply ends there."""
        running = self._replying_in(conversation_id)
        if running is not None:
            running.stop()
        if self.conversation is not None and self.conversation.id == conversation_id:
            self._draft_timer.stop()
            self._show(self._new(), self._desk.state.state.draft)

    def retitled(self, conversation: Conversation) -> None:
        """Take over a new title."""
        if self.conversation is not None and self.conversation.id == conversation.id:
            self._open.renamed(conversation)
            self._show_title()

    def keep_draft(self) -> None:
        """Write down what stands in the editor, where it belongs."""
        self._draft_timer.stop()
        text = self._desk.window.composer.text()
        if self.conversation is None:
            self._desk.state.change(draft=text)
        else:
            self._desk.notices.watch(self._store.set_draft(self.conversation.id, text))

    def application_closes(self) -> None:
        """Let running replies be kept as interrupted, and the draft as it is."""
        self.keep_draft()
        for conversation in self._replying:
            conversation.application_closes()

    def _new(self) -> OpenConversation:
        return OpenConversation(self._store, self._desk.parts.engine, self._desk.bridge.post)

    def _read(self, conversation: Conversation) -> OpenConversation:
        branch, summary = self._store.branch(conversation.id), self._store.summary(conversation.id)
        engine, post = self._desk.parts.engine, self._desk.bridge.post
        return OpenConversation(self._store, engine, post, conversation, branch, summary)

    def _title_ahead(self) -> str | None:
        for running in self._replying:
            if running is self._open:
                return None
            if running.is_replying and running.conversation is not None:
                return running.conversation.title or tr("New conversation")
        return None

    def _replying_in(self, conversation_id: str) -> OpenConversation | None:
        # Until its end is on the disk, a conversation is read from here and not from there.
        self._forget_settled()
        for running in self._replying:
            if running.conversation is not None and running.conversation.id == conversation_id:
                return running
        return None

    def _forget_settled(self) -> None:
        self._replying = [conversation for conversation in self._replying if not conversation.is_settled]

    def _show(self, opened: OpenConversation, draft: str) -> None:
        left = self._open
        left.listener = BehindListener(
            self.list_changed.emit,
            self.replying_changed.emit,
            lambda: self.saved_behind.emit(left),
            self._not_saved_behind,
        )
        self._open = opened
        window = self._desk.window
        if opened.messages:
            window.show_words(first_time=self._is_first_conversation())
        else:
            window.show_empty_state(first_time=not self._store.conversations())
        self._in_view.listen_to(opened)
        window.composer.set_text(draft)
        window.composer.set_reply_running(opened.is_replying)
        self._show_title()
        self.opened.emit(opened.conversation)
        self.options_changed.emit(opened.options)
        self.shown.emit()
        self._in_view.look()
        window.show_conversation()

    def _is_first_conversation(self) -> bool:
        shown = {self.conversation.id} if self.conversation is not None else set[str]()
        return {entry.id for entry in self._store.conversations()} <= shown

    def _show_title(self) -> None:
        title = self.conversation.title if self.conversation else tr("New conversation")
        self._desk.window.top_bar.set_title(title, tr("Private") if self._open.options.private else "")

    def _send(self, text: str) -> None:
        how = self._how()
        if how is None or self._open.is_replying or not text.strip() or self._is_written_elsewhere():
            return
        self._desk.window.show_words(first_time=self._is_first_conversation())
        self._begin(lambda: self._open.send(text.strip(), how))
        self._desk.window.composer.clear()
        self._desk.window.composer.focus_editor()
        self._draft_timer.stop()
        self._desk.state.change(draft="")
        if self.conversation is not None:
            self._desk.notices.watch(self._store.set_draft(self.conversation.id, ""))

    def _is_written_elsewhere(self) -> bool:
        """Look once more before the next turn: it belongs below the last message there is."""
        if self.conversation is None:
            return False
        try:
            entry = self._store.conversation(self.conversation.id)
            self.catch_up(entry)
        except PaddockError as error:
            self._desk.notices.show(error)
            return True
        if not self._open.is_settled and entry.leaf_id != self._open.messages[-1].id:
            QTimer.singleShot(_SETTLE_MS, self._send_what_is_written)  # our own end is on its way to the disk
            return True
        if self._open.messages and self._open.messages[-1].status is MessageStatus.STREAMING:
            self._desk.notices.show(written_elsewhere())
            return True
        return False

    def _send_what_is_written(self) -> None:
        self._send(self._desk.window.composer.text())

    def _continue(self, message_id: str) -> None:
        how = self._how()
        if how is not None and not self._open.is_replying and self._open.messages[-1].id == message_id:
            self._begin(lambda: self._open.continue_reply(how))
            self._desk.window.composer.focus_editor()

    def _became_known(self, conversation: Conversation) -> None:
        self._show_title()
        self.opened.emit(conversation)
        self.list_changed.emit()

    def _begin(self, act: Callable[[], None]) -> None:
        self._desk.window.notice.clear()
        self._forget_settled()
        self._replying.append(self._open)
        self._desk.window.composer.set_reply_running(True)
        self._desk.window.composer.gauge.stop_counting()
        act()
        self._in_view.look()
        self.replying_changed.emit()
        self._desk.window.transcript.scroll_to_end()

    def _not_saved_behind(self, error: PaddockError, unsent_text: str) -> None:
        self._desk.notices.show(error)
        if unsent_text and not self._desk.state.state.draft:
            self._desk.state.change(draft=unsent_text)

"""The conversation list: what is in it, and what can be done there."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime

from PySide6.QtCore import QObject, QTimer, Signal

from app.conversation import Conversation, SearchHit
from app.errors import PaddockError
from app.translation import tr
from app.ui.presenters.conversations import ConversationPresenter
from app.ui.presenters.desk import Desk
from app.ui.side_panel import SidePanelMode

_TYPING_PAUSE_MS = 150
_LOOK_EVERY_MS = 2_000
"""How often it is looked whether another process, such as a command, has written something."""


class SidebarPresenter(QObject):
    """Fills the sidebar and does what is asked there."""

    binned = Signal(str)
    """A conversation went to the bin."""

    def __init__(self, desk: Desk, conversations: ConversationPresenter) -> None:
        """Work on the conversations that `conversations` shows."""
        super().__init__(desk.window)
        self._desk = desk
        self._store = desk.parts.store
        self._conversations = conversations
        self._search = QTimer(self, singleShot=True, interval=_TYPING_PAUSE_MS)
        self._search.timeout.connect(self._look_for_words)
        self._words = ""
        self._today = datetime.now(UTC).astimezone().date()
        self._listed: tuple[object, ...] = ()
        self._look = QTimer(self, interval=_LOOK_EVERY_MS)
        self._look.timeout.connect(self._look_for_changes)
        self._look.start()
        self._connect()

    def _connect(self) -> None:
        sidebar = self._desk.window.sidebar
        sidebar.conversation_selected.connect(self._conversations.open)
        sidebar.new_requested.connect(self._conversations.open_new)
        sidebar.rename_requested.connect(self._rename)
        sidebar.delete_requested.connect(self._delete)
        sidebar.search_changed.connect(self._words_changed)
        sidebar.hit_selected.connect(self._open_hit)
        self._conversations.list_changed.connect(self.refresh)
        self._conversations.opened.connect(self._mark)
        self._conversations.replying_changed.connect(self._mark_replying)
        self._desk.window.top_bar.renamed.connect(self._rename_open)

    def refresh(self) -> None:
        """Read the list again."""
        try:
            found = self._store.conversations()
        except PaddockError as error:
            self._desk.notices.show(error)
            return
        self._show(found)

    def _show(self, found: list[Conversation]) -> None:
        self._listed = _as_listed(found)
        self._desk.window.sidebar.set_conversations(found, datetime.now(UTC).astimezone())
        self._mark(self._conversations.conversation)
        self._mark_replying()

    def search(self) -> None:
        """Let the user type what to look for, wherever the sidebar is now."""
        window = self._desk.window
        if window.side_panel.mode is not SidePanelMode.SIDEBAR:
            window.side_panel.open_sidebar()
        window.sidebar.focus_search()

    def rename(self) -> None:
        """Edit the title where it is seen: in the list, or above the words."""
        window = self._desk.window
        if window.side_panel.mode is SidePanelMode.SIDEBAR:
            window.sidebar.rename_current()
        else:
            window.top_bar.title.edit_title()

    def _open_hit(self, conversation_id: str, message_id: str) -> None:
        self._conversations.open(conversation_id)
        self._desk.window.transcript.show_message(message_id)

    def _mark(self, conversation: Conversation | None) -> None:
        self._desk.window.sidebar.select(conversation.id if conversation else None)

    def _mark_replying(self) -> None:
        self._desk.window.sidebar.mark_replying(self._conversations.replying_ids)

    def _look_for_changes(self) -> None:
        self._desk.background.run(self._store.conversations, self._take_changes)

    def _take_changes(self, found: list[Conversation]) -> None:
        today = datetime.now(UTC).astimezone().date()
        if today != self._today or _as_listed(found) != self._listed:
            self._today = today
            self._show(found)
        for entry in found:
            self._conversations.catch_up(entry)

    def _rename_open(self, title: str) -> None:
        if self._conversations.conversation is not None:
            self._rename(self._conversations.conversation.id, title)

    def _rename(self, conversation_id: str, title: str) -> None:
        if title.strip():
            self._after(self._store.rename(conversation_id, title.strip()), self._renamed)

    def _renamed(self, conversation: Conversation) -> None:
        self._conversations.retitled(conversation)
        self.refresh()

    def _delete(self, conversation_id: str) -> None:
        self._after(self._store.move_to_bin(conversation_id), self._deleted)

    def _deleted(self, conversation: Conversation) -> None:
        self._conversations.removed(conversation.id)
        self.binned.emit(conversation.id)
        self.refresh()
        self._desk.window.toasts.show_undo(tr("Moved to the bin."), lambda: self.restore(conversation.id))

    def restore(self, conversation_id: str) -> None:
        """Bring a conversation back from the bin, and show it."""
        self._after(self._store.restore(conversation_id), self._restored)

    def _restored(self, conversation: Conversation) -> None:
        self.refresh()
        self._conversations.open(conversation.id)

    def _words_changed(self, words: str) -> None:
        self._words = words.strip()
        if self._words:
            self._search.start()
        else:
            self._search.stop()
            self._desk.window.sidebar.set_search_hits(None)

    def _look_for_words(self) -> None:
        words = self._words
        self._desk.background.run(
            lambda: self._hits_for(words),
            lambda hits: self._show_hits(words, hits),
            self._desk.notices.show,
        )

    def _hits_for(self, words: str) -> list[SearchHit]:
        """Messages that hold the words, and conversations whose title does though no message of theirs."""
        in_messages = self._store.search(words)
        found = {hit.conversation_id for hit in in_messages}
        wanted = words.casefold().split()
        in_titles = [
            SearchHit(conversation.id, conversation.leaf_id or "", conversation.title, tr("In the title"))
            for conversation in self._store.conversations()
            if conversation.id not in found and all(word in conversation.title.casefold() for word in wanted)
        ]
        return [*in_titles, *in_messages]

    def _show_hits(self, words: str, hits: list[SearchHit]) -> None:
        if words == self._words:  # else newer words have been typed
            self._desk.window.sidebar.set_search_hits(hits)

    def _after(self, written: Future[Conversation], then: Callable[[Conversation], None]) -> None:
        self._desk.notices.watch(written)

        def deliver(future: Future[Conversation]) -> None:
            if not future.cancelled() and future.exception() is None:
                self._desk.bridge.post(lambda: then(future.result()))

        written.add_done_callback(deliver)


def _as_listed(found: list[Conversation]) -> tuple[object, ...]:
    """What of the conversations is seen in the list."""
    return tuple((entry.id, entry.title, entry.updated_at) for entry in found)

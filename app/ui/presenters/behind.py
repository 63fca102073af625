"""Listens to a reply that goes on while another conversation is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.conversation import Conversation, Message
from app.engine.worker import WorkerEvent
from app.errors import PaddockError


class BehindListener:
    """Shows nothing, but loses nothing: what could not be kept is said, and what was not sent is given back."""

    def __init__(
        self,
        list_changed: Callable[[], None],
        replying_changed: Callable[[], None],
        saved: Callable[[], None],
        not_saved: Callable[[PaddockError, str], None],
    ) -> None:
        """Report to the four functions."""
        self._list_changed = list_changed
        self._replying_changed = replying_changed
        self._saved = saved
        self._not_saved = not_saved

    def message_added(self, message: Message) -> None:
        """Not in view."""

    def reply_progressed(self, message_id: str, event: WorkerEvent) -> None:
        """Not in view."""

    def message_changed(self, message: Message) -> None:
        """The list tells where a reply is being written."""
        self._replying_changed()

    def reply_saved(self, message: Message) -> None:
        """What the engine has read for it can be kept too."""
        self._saved()

    def branch_changed(self, messages: Sequence[Message]) -> None:
        """Not in view."""

    def left_out_changed(self, message_ids: Sequence[str]) -> None:
        """Not in view."""

    def conversation_changed(self, conversation: Conversation) -> None:
        """It has moved in the list."""
        self._list_changed()

    def not_saved(self, error: PaddockError, unsent_text: str) -> None:
        """Say it although another conversation is in view."""
        self._replying_changed()
        self._not_saved(error, unsent_text)

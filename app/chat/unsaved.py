"""Turns that are kept nowhere."""

from __future__ import annotations

from concurrent.futures import Future
from datetime import UTC, datetime
from typing import TypeVar

from app.conversation import Conversation, ConversationOptions, Message, MessageStatus, Receipt, Role, Trouble
from app.storage.turns import NewTurn, StartedTurn, make_id
from app.storage.written import Written

T = TypeVar("T")


class UnsavedTurns:
    """Stands in for storage where the user wants nothing kept."""

    def begin_turn(self, turn: NewTurn) -> Future[StartedTurn]:
        """Accept the turn at once."""
        now = datetime.now(UTC)
        place = turn.conversation_id or turn.new_conversation_id
        options = ConversationOptions(private=True)
        conversation = Conversation(place, turn.title, now, now, leaf_id=turn.reply_id, options=options)
        user = Message(turn.user_message_id, place, None, Role.USER, turn.text, MessageStatus.COMPLETE, now)
        return _done(StartedTurn(conversation, None, user, _reply(turn.reply_id, place)))

    def begin_reply(
        self,
        user_message_id: str,
        *,
        model_name: str | None = None,
        model_sha256: str | None = None,
        reply_id: str | None = None,
    ) -> Future[Message]:
        """Accept it at once."""
        return _done(_reply(reply_id or make_id(), ""))

    def continue_reply(self, message_id: str, *, model_sha256: str | None = None) -> Future[Message]:
        """Accept it at once."""
        return _done(_reply(message_id, ""))

    def set_options(self, conversation_id: str, options: ConversationOptions) -> Future[Conversation]:
        """Accept it at once."""
        now = datetime.now(UTC)
        return _done(Conversation(conversation_id, "", now, now, options=options))

    def journal(self, message_id: str) -> ForgetfulJournal:
        """Give a journal that keeps nothing."""
        return ForgetfulJournal(message_id)


class ForgetfulJournal:
    """Takes pieces and drops them."""

    def __init__(self, message_id: str) -> None:
        """Belong to one reply, whose words it forgets."""
        self._message_id = message_id

    def append(self, piece: Written) -> None:
        """Keep nothing."""

    def finish(self, status: MessageStatus, receipt: Receipt | None, trouble: Trouble | None = None) -> Future[Message]:
        """Be done at once."""
        return _done(_reply(self._message_id, "", status, trouble))

    def name_file(self, sha256: str) -> Future[Message]:
        """Keep nothing."""
        return _done(_reply(self._message_id, "", MessageStatus.COMPLETE))


def _reply(
    message_id: str,
    conversation_id: str,
    status: MessageStatus = MessageStatus.STREAMING,
    trouble: Trouble | None = None,
) -> Message:
    return Message(message_id, conversation_id, None, Role.ASSISTANT, "", status, datetime.now(UTC), trouble=trouble)


def _done(result: T) -> Future[T]:
    future: Future[T] = Future()
    future.set_result(result)
    return future

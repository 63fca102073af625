"""Between rows and values."""

from __future__ import annotations

import logging
import sys
from array import array
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

import msgspec

from app.conversation import (
    Conversation,
    ConversationOptions,
    Generation,
    Message,
    MessageStatus,
    Receipt,
    Role,
    Trouble,
)
from app.given_text import whole_characters
from app.storage.written import Written, unpack_choices

_log = logging.getLogger(__name__)

Clock: TypeAlias = Callable[[], datetime]

SELECT_CONVERSATION = (
    "SELECT id, title, created_at, updated_at, leaf_id, model, draft, deleted_at, options FROM conversation "
)
SELECT_MESSAGE = (
    "SELECT message.id, conversation_id, parent_id, role, text, status, created_at, model_name, trouble, reasoning, "
    "pinned FROM message "
)

ConversationRow: TypeAlias = tuple[str, str, str, str, str | None, str | None, str, str | None, str]
MessageRow: TypeAlias = tuple[str, str, str | None, str, str, str, str, str | None, str | None, str, int]
GenerationRow: TypeAlias = tuple[str, int, int, bytes, str | None, str | None, int, bytes]


def conversation_from(row: ConversationRow) -> Conversation:
    """Read a row of `SELECT_CONVERSATION`."""
    id_, title, created_at, updated_at, leaf_id, model, draft, deleted_at, options = row
    return Conversation(
        id=id_,
        title=title,
        created_at=time_from(created_at),
        updated_at=time_from(updated_at),
        leaf_id=leaf_id,
        model=model,
        draft=draft,
        deleted_at=None if deleted_at is None else time_from(deleted_at),
        options=_options_from(options),
    )


def message_from(row: MessageRow, generations: tuple[Generation, ...], journalled: Sequence[Written] = ()) -> Message:
    """Read a row of `SELECT_MESSAGE`; what is still in the journal follows its text and its reasoning."""
    id_, conversation_id, parent_id, role, text, status, created_at, model_name, trouble, reasoning, pinned = row
    return Message(
        id=id_,
        conversation_id=conversation_id,
        parent_id=parent_id,
        role=Role(role),
        text=text + "".join(piece.text for piece in journalled if not piece.is_reasoning),
        status=MessageStatus(status),
        created_at=time_from(created_at),
        model_name=model_name,
        trouble=None if trouble is None else msgspec.json.decode(trouble, type=Trouble),
        generations=generations,
        reasoning=reasoning + "".join(piece.text for piece in journalled if piece.is_reasoning),
        pinned=bool(pinned),
    )


def generation_from(row: GenerationRow, journalled: Sequence[Written] = ()) -> Generation:
    """Read a generation's row; what is still in the journal follows its tokens."""
    _, ordinal, first_character, token_ids, model_sha256, receipt, reasoning_tokens, choices = row
    return Generation(
        ordinal,
        first_character,
        (*unpack_tokens(token_ids), *(token for piece in journalled for token in piece.tokens)),
        model_sha256,
        receipt_from(receipt),
        reasoning_tokens + sum(len(piece.tokens) for piece in journalled if piece.is_reasoning),
        (*unpack_choices(choices), *(choice for piece in journalled for choice in piece.choices)),
    )


def _options_from(stored: str) -> ConversationOptions:
    """Read a conversation's options. Those in a form that is unknown here must not hide the conversation."""
    try:
        return msgspec.json.decode(stored, type=ConversationOptions)
    except msgspec.MsgspecError:
        _log.warning("A conversation has options that this version of Paddock does not know", exc_info=True)
        return ConversationOptions()


def receipt_from(stored: str | None) -> Receipt | None:
    """Read a receipt. One in a form that is unknown here must not hide the reply itself."""
    if stored is None:
        return None
    try:
        return msgspec.json.decode(stored, type=Receipt)
    except msgspec.ValidationError:
        _log.warning("A receipt has a form that this version of Paddock does not know", exc_info=True)
        return None


def json_from(value: Receipt | Trouble | ConversationOptions | None) -> str | None:
    """Write a receipt, a trouble or options as they are stored."""
    return None if value is None else whole_characters(msgspec.json.encode(value).decode())


def pack_tokens(tokens: Iterable[int]) -> bytes:
    """Token ids as little-endian 32-bit integers."""
    return _little_endian(array("i", tokens)).tobytes()


def unpack_tokens(stored: bytes) -> tuple[int, ...]:
    """Read what `pack_tokens` wrote."""
    tokens = array("i")
    tokens.frombytes(stored)
    return tuple(_little_endian(tokens))


def utc_now() -> datetime:
    """The wall clock. It dates things; it never orders them."""
    return datetime.now(UTC)


def time_text(time: datetime) -> str:
    """A moment as it is stored: RFC 3339, UTC."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def time_from(stored: str) -> datetime:
    """Read what `time_text` wrote."""
    return datetime.fromisoformat(stored)


def _little_endian(tokens: array[int]) -> array[int]:
    if sys.byteorder == "big":
        tokens.byteswap()
    return tokens

"""Between rows and values."""

from __future__ import annotations

import logging
import re
import sys
from array import array
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TypeAlias

import msgspec

from app.conversation import Conversation, Generation, Message, MessageStatus, Receipt, Role, Trouble

_log = logging.getLogger(__name__)

Clock: TypeAlias = Callable[[], datetime]

SELECT_CONVERSATION = "SELECT id, title, created_at, updated_at, leaf_id, model, draft, deleted_at FROM conversation "
SELECT_MESSAGE = (
    "SELECT message.id, conversation_id, parent_id, role, text, status, created_at, model_name, trouble FROM message "
)

ConversationRow: TypeAlias = tuple[str, str, str, str, str | None, str | None, str, str | None]
MessageRow: TypeAlias = tuple[str, str, str | None, str, str, str, str, str | None, str | None]
GenerationRow: TypeAlias = tuple[str, int, int, bytes, str | None, str | None]

_SURROGATE = re.compile("[\ud800-\udfff]")


def conversation_from(row: ConversationRow) -> Conversation:
    """Read a row of `SELECT_CONVERSATION`."""
    id_, title, created_at, updated_at, leaf_id, model, draft, deleted_at = row
    return Conversation(
        id=id_,
        title=title,
        created_at=time_from(created_at),
        updated_at=time_from(updated_at),
        leaf_id=leaf_id,
        model=model,
        draft=draft,
        deleted_at=None if deleted_at is None else time_from(deleted_at),
    )


def message_from(row: MessageRow, generations: tuple[Generation, ...], journalled: str = "") -> Message:
    """Read a row of `SELECT_MESSAGE`; what is still in the journal follows its text."""
    id_, conversation_id, parent_id, role, text, status, created_at, model_name, trouble = row
    return Message(
        id=id_,
        conversation_id=conversation_id,
        parent_id=parent_id,
        role=Role(role),
        text=text + journalled,
        status=MessageStatus(status),
        created_at=time_from(created_at),
        model_name=model_name,
        trouble=None if trouble is None else msgspec.json.decode(trouble, type=Trouble),
        generations=generations,
    )


def generation_from(row: GenerationRow, journalled: bytes = b"") -> Generation:
    """Read a generation's row; what is still in the journal follows its tokens."""
    _, ordinal, first_character, token_ids, model_sha256, receipt = row
    return Generation(
        ordinal, first_character, unpack_tokens(token_ids + journalled), model_sha256, receipt_from(receipt)
    )


def receipt_from(stored: str | None) -> Receipt | None:
    """Read a receipt. One in a form that is unknown here must not hide the reply itself."""
    if stored is None:
        return None
    try:
        return msgspec.json.decode(stored, type=Receipt)
    except msgspec.ValidationError:
        _log.warning("A receipt has a form that this version of Paddock does not know", exc_info=True)
        return None


def json_from(value: Receipt | Trouble | None) -> str | None:
    """Write a receipt or a trouble as it is stored."""
    return None if value is None else storable(msgspec.json.encode(value).decode())


def pack_tokens(tokens: Iterable[int]) -> bytes:
    """Token ids as little-endian 32-bit integers."""
    return _little_endian(array("i", tokens)).tobytes()


def unpack_tokens(stored: bytes) -> tuple[int, ...]:
    """Read what `pack_tokens` wrote."""
    tokens = array("i")
    tokens.frombytes(stored)
    return tuple(_little_endian(tokens))


def storable(text: str) -> str:
    """Text as a file can hold it: half of a surrogate pair, which is no character, becomes U+FFFD. All else stays."""
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


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

"""What storage tests do again and again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from app.conversation import Message, MessageStatus, ModelIdentity
from app.storage.conversations import ConversationStore, NewTurn, StartedTurn
from app.storage.writer import Writer
from app.storage.written import Written
from tests.fakes import receipt

RECEIPT = receipt(
    model=ModelIdentity("starter", sha256="ab" * 32, licence="Apache-2.0"),
    template_sha256="cd" * 32,
    sampling={"temperature": 0.7, "top_k": 40},
    adapters=("a",),
)


def writer_of(store: ConversationStore) -> Writer:
    """The store's own writer, for tests that stand in its way."""
    return store._writer  # pyright: ignore[reportPrivateUsage] - a test may look behind the door


def begin(store: ConversationStore, text: str = "Hello", **more: Any) -> StartedTurn:  # noqa: ANN401 - the fields of a turn
    """Begin a turn and wait until it is saved."""
    return store.begin_turn(NewTurn(text, **more)).result()


def say(store: ConversationStore, reply: Message, *pieces: str) -> Message:
    """Stream a reply to its end; each piece is one token, its length."""
    journal = store.journal(reply.id)
    for piece in pieces:
        journal.append(Written(piece, (len(piece),)))
    return journal.finish(MessageStatus.COMPLETE, RECEIPT).result()


def turn(store: ConversationStore, text: str = "Hello", answer: str = "Hi there", **more: Any) -> StartedTurn:  # noqa: ANN401 - the fields of a turn
    """A whole turn, both sides saved."""
    started = begin(store, text, **more)
    say(store, started.reply, answer)
    return started


def wait_until(condition: Callable[[], bool], timeout_s: float = 20) -> None:
    """Look again and again until something is so."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "It never came to be."
        time.sleep(0.005)

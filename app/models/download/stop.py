"""Stopping connections, also those that wait for bytes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx2


class StoppedError(Exception):
    """Somebody paused or cancelled, or another connection failed. Nobody is told of it."""


class Stop:
    """Tells several threads to stop. Whoever waits for bytes of an answer that is watched stops too."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self._lock = threading.Lock()
        self._answers: list[httpx2.Response] = []

    def set(self) -> None:
        """Stop all."""
        with self._lock:
            self.event.set()
            for answer in self._answers:
                _end(answer)

    def check(self) -> None:
        """Raise `StoppedError` if this is to stop."""
        if self.event.is_set():
            raise StoppedError

    @contextmanager
    def watching(self, answer: httpx2.Response) -> Generator[None]:
        """Let `answer` be ended from another thread while the block lasts."""
        with self._lock:
            self.check()
            self._answers.append(answer)
        try:
            yield
        finally:
            with self._lock:
                self._answers.remove(answer)


def _end(answer: httpx2.Response) -> None:
    """Have a read of its connection come back at once, which closing it from here would not do."""
    stream = answer.extensions.get("network_stream")
    connection = stream.get_extra_info("socket") if stream else None
    if isinstance(connection, socket.socket):
        with suppress(OSError):  # it may have ended by itself
            socket.socket.shutdown(connection, socket.SHUT_RDWR)  # not TLS's own, which another thread is reading by

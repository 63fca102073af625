"""Runs a function off the GUI thread and delivers its result on it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from app.errors import PaddockError
from app.ui.engine_bridge import EngineBridge

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Background:
    """A few threads for what must not hold up the window: reading, hashing, searching."""

    def __init__(self, bridge: EngineBridge, *, threads: int = 2) -> None:
        """Deliver through `bridge`. With one thread, what is begun first is done first."""
        self._bridge = bridge
        self._threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="background")

    def run(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[PaddockError], None] | None = None,
    ) -> None:
        """Call `work` elsewhere, then `done` with its result here. `work` must not touch a widget."""

        def deliver(future: Future[T]) -> None:
            self._bridge.post(lambda: _deliver(future, done, failed))

        self._threads.submit(work).add_done_callback(deliver)

    def finish(self) -> None:
        """Wait for all that was begun here, also for what has not had its turn yet."""
        self._threads.shutdown(wait=True)

    def close(self) -> None:
        """Wait for what runs; drop what waits."""
        self._threads.shutdown(wait=True, cancel_futures=True)


def _deliver(future: Future[T], done: Callable[[T], None], failed: Callable[[PaddockError], None] | None) -> None:
    if future.cancelled():
        return
    try:
        result = future.result()
    except PaddockError as error:
        if failed is None:
            _log.warning("%s", error)
        else:
            failed(error)
        return
    done(result)

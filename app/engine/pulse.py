"""The engine process's signs of life, so that the application can tell long work from a standstill."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from app.engine import wire


class Pulse:
    """While a job runs, sends a `wire.Beat` every few seconds, from a thread of its own.

    Only the thread that does the job says what it does.
    """

    def __init__(self, send: Callable[[wire.Beat], None], every_s: float) -> None:
        """Send beats by `send`, from any thread."""
        self._send = send
        self._every_s = every_s
        self._doing: wire.Doing = "other"
        self._steps = 0
        self._works = threading.Event()
        self._rests = threading.Event()
        self._rests.set()

    def start(self) -> None:
        """Begin to beat whenever a job runs."""
        threading.Thread(target=self._beat, name="engine-pulse", daemon=True).start()

    @contextmanager
    def at_work(self) -> Generator[None]:
        """Beat meanwhile."""
        self._rests.clear()
        self._works.set()
        try:
            yield
        finally:
            self._works.clear()
            self._rests.set()

    @contextmanager
    def doing(self, what: wire.Doing) -> Generator[None]:
        """Say what is being done meanwhile: all but "other" may take as long as it takes."""
        before, self._doing = self._doing, what
        try:
            yield
        finally:
            self._doing = before
            self.step()

    def step(self) -> None:
        """Something has been done."""
        self._steps += 1

    def announced(self, function: Callable[..., Any], what: wire.Doing) -> Callable[..., Any]:
        """Give `function` with its calls announced as `what`. Cheap enough for a call each token."""

        def call(*arguments: Any) -> Any:  # noqa: ANN401 - a function of C
            before, self._doing = self._doing, what
            try:
                return function(*arguments)
            finally:
                self._doing = before
                self._steps += 1

        return call

    def _beat(self) -> None:
        while True:
            self._works.wait()
            if self._rests.wait(self._every_s):
                continue
            try:
                self._send(wire.Beat(self._doing, self._steps))
            except OSError:
                return  # nobody listens any more

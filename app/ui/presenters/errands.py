"""Work beside the window, such as to ask the hub or to check a file: given up the moment nobody wants what it gives."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Final, TypeAlias, TypeVar

from app.errors import PaddockError
from app.ui.engine_bridge import EngineBridge

T = TypeVar("T")
_UNEXPECTED: Final = "Something went wrong in Paddock itself."
_NEXT_STEP: Final = "Try again. The log says more."
IsStopped: TypeAlias = Callable[[], bool]


class UnexpectedTroubleError(PaddockError):
    """A mistake of ours on the way; the log has it."""


class Errand:
    """Work that was begun. What comes after `stop` is heard by nobody."""

    def __init__(self) -> None:
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Nobody wants the result any more."""
        self._stopped.set()

    def is_stopped(self) -> bool:
        """Whether that was said. Any thread may ask."""
        return self._stopped.is_set()


class Errands:
    """Begins work, each on a thread of its own, and hands over on the GUI thread what comes of it.

    The threads are daemons: one that waits for a silent server holds up neither the next errand nor the end of
    Paddock, as a place in the window's own background would.
    """

    def __init__(self, bridge: EngineBridge) -> None:
        self._bridge = bridge

    def run(
        self, work: Callable[[IsStopped], T], done: Callable[[T], None], failed: Callable[[PaddockError], None]
    ) -> Errand:
        """Call `work` elsewhere, then `done` with what it gave or `failed` with what it raised, here."""
        errand = Errand()

        def go() -> None:
            # A bug goes on to the log by itself; whoever waits is told all the same.
            outcome: Callable[[], None] = partial(failed, UnexpectedTroubleError(_UNEXPECTED, next_step=_NEXT_STEP))
            try:
                outcome = partial(done, work(errand.is_stopped))
            except PaddockError as error:
                outcome = partial(failed, error)
            finally:
                self._bridge.post(lambda: None if errand.is_stopped() else outcome())

        threading.Thread(target=go, name="errand", daemon=True).start()
        return errand

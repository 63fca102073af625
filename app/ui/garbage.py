"""Looks for garbage on the GUI thread only, between events."""

from __future__ import annotations

import gc
from typing import Final

from PySide6.QtCore import QObject, QTimer

_LOOK_EVERY_MS: Final = 1000


class Garbage(QObject):
    """While it works, Python looks for reference cycles on no other thread, and never in the middle of an event.

    By itself it looks wherever something is allocated. A Qt object that it finds is destroyed there and then: on a
    worker's thread, or while Qt is calling it, that takes the whole program down.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._clock = QTimer(self, interval=_LOOK_EVERY_MS)
        self._clock.timeout.connect(_look)
        self._clock.start()

    def end(self) -> None:
        """Let Python look for itself again."""
        self._clock.stop()
        gc.enable()


def _look() -> None:
    """Look as far as Python itself would."""
    counts = zip(gc.get_count(), gc.get_threshold(), strict=True)
    due = [generation for generation, (count, most) in enumerate(counts) if count > most]
    if due:
        gc.collect(due[-1])

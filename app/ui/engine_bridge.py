"""Brings what other threads have to say onto the GUI thread."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot


class EngineBridge(QObject):
    """Runs actions on the thread it was made on, in the order in which they came.

    Many actions cost one wake-up: a fast engine does not flood the event loop.
    """

    _woken = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        """Belong to the current thread, the GUI's."""
        super().__init__(parent)
        self._lock = threading.Lock()
        self._actions: deque[Callable[[], None]] = deque()
        self._is_closed = False
        self._woken.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def post(self, action: Callable[[], None]) -> None:
        """Run `action` soon, or never once the bridge is closed. From any thread."""
        with self._lock:
            if self._is_closed:
                return
            self._actions.append(action)
            first = len(self._actions) == 1
        if first:
            self._woken.emit()

    def close(self) -> None:
        """Run nothing any more: what the actions would touch is about to go."""
        with self._lock:
            self._is_closed = True
            self._actions.clear()

    @Slot()
    def _run(self) -> None:
        with self._lock:
            actions = list(self._actions)
            self._actions.clear()
        for behind, action in enumerate(actions, start=1):
            try:
                action()
            except BaseException:
                self._run_later(actions[behind:])
                raise  # a mistake of one action, for the log: the others have nothing to do with it

    def _run_later(self, actions: list[Callable[[], None]]) -> None:
        with self._lock:
            if not self._is_closed:
                self._actions.extendleft(reversed(actions))
        self._woken.emit()

"""How the system's wish that the process ends reaches the window."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from types import FrameType

from PySide6.QtCore import QSocketNotifier


class SignalWatch:
    """Turns SIGTERM, SIGINT and SIGHUP into an orderly close; Qt's loop does not come back to Python by itself."""

    def __init__(self, close: Callable[[], object]) -> None:
        """Call `close` when the system asks the process to end."""
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read)
        self._close = close
        self._notifier.activated.connect(self._woken)

    def _woken(self) -> None:
        self._reader.recv(64)
        self._close()

    def __enter__(self) -> None:
        """Listen to the system from now on."""
        for name in ("SIGTERM", "SIGINT", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), _only_wake_up)
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)

    def __exit__(self, *_: object) -> None:
        """Listen no more."""
        signal.set_wakeup_fd(-1)
        self._notifier.setEnabled(False)
        self._reader.close()
        self._writer.close()


def _only_wake_up(_number: int, _frame: FrameType | None) -> None:
    """Let the signal be noticed by the descriptor that Qt watches, not by its default, which ends the process."""

"""One window for each data folder: a second start brings the first window to the front."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from PySide6.QtCore import QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from app.errors import Fault, PaddockError

_ANSWER_MS: Final = 2000
_RAISE: Final = b"raise\n"


class AlreadyRunningError(PaddockError):
    """Another window has the data folder and does not answer."""

    fault = Fault.MACHINE


class SingleInstance(QObject):
    """The claim on a data folder. The lock decides; the socket only carries the wish to be raised."""

    raise_requested = Signal()

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        """Speak for the data folder `folder`, which exists."""
        super().__init__(parent)
        digest = hashlib.sha256(str(folder.resolve()).encode("utf-8", "surrogateescape")).hexdigest()
        self._name = f"paddock-{digest[:24]}"
        self._lock = QLockFile(str(folder / "window.lock"))
        self._lock.setStaleLockTime(0)  # only a dead owner makes it stale, never the time
        self._server = QLocalServer(self)

    def claim(self) -> bool:
        """Take the folder. False: another window has it, and has been asked to come to the front.

        Raises `AlreadyRunningError` when that window does not answer.
        """
        if self._lock.tryLock(0):
            self._listen()
            return True
        self._ask_to_raise()
        return False

    def release(self) -> None:
        """Let the next start have the folder."""
        self._server.close()
        self._lock.unlock()

    def _listen(self) -> None:
        QLocalServer.removeServer(self._name)  # a killed window leaves its socket behind; the lock says that it is dead
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._greet)
        self._server.listen(self._name)

    def _greet(self) -> None:
        while self._server.hasPendingConnections():
            socket = self._server.nextPendingConnection()
            socket.disconnected.connect(socket.deleteLater)
            socket.write(_RAISE)  # the answer by which a window that hangs is told from one that lives
            socket.flush()
            socket.disconnectFromServer()
            self.raise_requested.emit()

    def _ask_to_raise(self) -> None:
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(_ANSWER_MS) or not (
            socket.bytesAvailable() or socket.waitForReadyRead(_ANSWER_MS)
        ):
            raise AlreadyRunningError(
                "Paddock is already running with this data folder, but its window does not answer.",
                next_step="Wait a moment, or end it, and start again.",
            )

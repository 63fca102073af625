"""The sha256 of a file while it comes: as far as all bytes before are here, read back from where they were written."""

from __future__ import annotations

import hashlib
import threading
import zlib
from typing import TYPE_CHECKING, Final

from app.models.download.part_file import PartFile
from app.models.download.part_notes import PartNotes
from app.models.download.pieces import PIECE_BYTES, Pieces, piece_span

if TYPE_CHECKING:
    from hashlib import _Hash  # pyright: ignore[reportPrivateUsage] - the type has no public name

_STEP_BYTES: Final = 1024 * 1024
_LOOK_AGAIN_S: Final = 0.5


class RunningHash:
    """Reads what is here, in order, on a thread of its own; what the system just wrote it has at hand.

    Of each whole piece it notes a checksum. A piece that has another one than before is damaged: it is fetched again.
    At the beginning of each piece it keeps the hash as it was, to go on from there when a piece was exchanged.
    """

    def __init__(self, part: PartFile, notes: PartNotes, pieces: Pieces) -> None:
        self._part = part
        self._notes = notes
        self._pieces = pieces
        self._before: list[_Hash] = [hashlib.sha256()]
        """For each piece the hash of all before it."""
        self._hash = hashlib.sha256()
        self._checksum = 0
        self._at = 0
        self._is_stopped = threading.Event()

    @property
    def at(self) -> int:
        """How far it has read."""
        return self._at

    def start(self) -> None:
        """Let `follow` and `read_on` read, after a `stop`."""
        self._is_stopped.clear()

    def follow(self) -> None:
        """Read on as bytes come, until all are read or `stop` is called. Raises `DownloadError`."""
        while not self._is_stopped.is_set() and self._at < self._pieces.size_bytes:
            if self._pieces.run_end() > self._at:
                self.read_on()
            else:
                self._pieces.wait_beyond(self._at, _LOOK_AGAIN_S)

    def read_on(self) -> None:
        """Read what is here."""
        end = self._pieces.run_end()
        while self._at < end and not self._is_stopped.is_set():
            piece = self._at // PIECE_BYTES
            border = piece_span(piece, self._pieces.size_bytes)[1]
            content = self._part.read(min(_STEP_BYTES, border - self._at, end - self._at), self._at)
            if not content:  # somebody shortened the file
                self._pieces.lose(self._at, end)
                return
            self._hash.update(content)
            self._checksum = zlib.crc32(content, self._checksum)
            self._at += len(content)
            if self._at == border and not self._close(piece):
                return

    def go_back_to(self, piece: int) -> None:
        """Forget what was read from the beginning of `piece` on."""
        del self._before[piece + 1 :]
        self._hash = self._before[piece].copy()
        self._checksum = 0
        self._at = piece * PIECE_BYTES

    def hexdigest(self) -> str:
        """Give the sha256 of what was read."""
        return self._hash.hexdigest()

    def stop(self) -> None:
        """Have `follow` come back."""
        self._is_stopped.set()

    def _close(self, piece: int) -> bool:
        """Note the checksum of a piece; False if it is another one than before."""
        known = self._notes.known.checksums.get(piece)
        if known is not None and known != self._checksum:
            self._notes.known.checksums.pop(piece)
            start, end = piece_span(piece, self._pieces.size_bytes)
            self._notes.lose(start, end)
            self._pieces.lose(start, end)
            self.go_back_to(piece)
            return False
        if known is None:
            self._notes.checksum(piece, self._checksum)
            self._notes.known.checksums[piece] = self._checksum
        self._before.append(self._hash.copy())
        self._checksum = 0
        return True

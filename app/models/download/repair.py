"""What is done when all of a file came and its sha256 is wrong: the damaged pieces are found and exchanged.

Each piece is fetched once more and compared with what is here, one after another. After each that differs the whole is
hashed again from there on, and the search ends when it is right: for one damaged piece after half of the file, as a
rule. Nothing is fetched a third time, so a file costs at most twice its size; what is still wrong then is refused.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from app.models.download.connection import Connection
from app.models.download.job import Job
from app.models.download.pieces import Claim, piece_count, piece_span
from app.models.download.running_hash import RunningHash
from app.models.download.stop import StoppedError


class Repair:
    """Exchanges pieces of `job` until `running` gives the sha256 that the hub promises.

    `tick` hears up to where the file was compared.
    """

    def __init__(self, job: Job, running: RunningHash, tick: Callable[[int], None]) -> None:
        self._job = job
        self._running = running
        self._tick = tick

    def work(self, asked_to_stop: threading.Event) -> bool:
        """Whether it is right now. Goes on where it was when it was stopped. Raises what a connection raises."""
        job = self._job
        promised = job.source.file.sha256.lower()
        connection = Connection(job)
        with job.means.network.doing(job.source.purpose):
            for piece in range(job.notes.known.compared, piece_count(job.pieces.size_bytes)):
                exchange = _Exchange(job, piece, self._tick, asked_to_stop)
                connection.fetch(exchange.claim, exchange.came, exchange.write)
                job.notes.known.compared = piece + 1
                job.notes.compared(piece + 1)
                if exchange.differs and self._hash_from(piece) == promised:
                    return True
        return False

    def _hash_from(self, piece: int) -> str:
        self._running.go_back_to(piece)
        self._running.read_on()
        return self._running.hexdigest()


class _Exchange:
    """Compares a piece that comes again with the one that is here, and takes what differs."""

    def __init__(self, job: Job, piece: int, tick: Callable[[int], None], asked_to_stop: threading.Event) -> None:
        self.claim = Claim(*piece_span(piece, job.pieces.size_bytes))
        self.differs = False
        self._job = job
        self._piece = piece
        self._tick = tick
        self._asked_to_stop = asked_to_stop

    def write(self, content: bytes, offset: int) -> None:
        """Write `content` if it is not what is there."""
        if self._job.part.read(len(content), offset) != content:
            self.differs = True
            self._job.notes.known.checksums.pop(self._piece, None)
            self._job.part.write(content, offset)

    def came(self, claim: Claim, size_bytes: int) -> None:
        """Go on behind it."""
        claim.at += size_bytes
        self._tick(claim.at)
        if self._asked_to_stop.is_set():
            raise StoppedError

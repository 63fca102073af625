"""The threads that one file is fetched by: its connections, and the one that hashes what came."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Final

from app.models.download.connection import Connection
from app.models.download.job import Job
from app.models.download.pieces import PIECE_BYTES
from app.models.download.running_hash import RunningHash
from app.models.download.stop import StoppedError

_TICK_S: Final = 0.1


class Crew:
    """Works on `job` until all of the file is here and hashed. `tick` is called about ten times a second meanwhile."""

    def __init__(self, job: Job, running: RunningHash, tick: Callable[[], None]) -> None:
        self._job = job
        self._running = running
        self._tick = tick
        self._lock = threading.Lock()
        self._woken = threading.Event()
        self._threads: dict[int, threading.Thread] = {}
        """The connections by their numbers; one that ended takes itself out."""
        self._error: Exception | None = None
        self._synced_bytes = job.pieces.received

    def work(self, asked_to_stop: threading.Event) -> None:
        """Come back when all is here and hashed; raise the first thing that somebody met, or `StoppedError`."""
        hashing = threading.Thread(target=self._guarded, args=(self._running.follow,), daemon=True)
        hashing.start()
        try:
            while self._error is None and hashing.is_alive():
                self._start_connections()
                self._woken.wait(_TICK_S)
                self._woken.clear()
                if asked_to_stop.is_set():
                    raise StoppedError
                self._sync()
                self._tick()
        finally:
            self._job.stop.set()
            self._running.stop()
            for thread in [hashing, *self._living()]:
                thread.join()
        if self._error is not None:
            raise self._error

    def _start_connections(self) -> None:
        """Have as many as are allowed now; only one until it is known that the server gives parts."""
        job = self._job
        wanted = self._allowed()
        while len(self._living()) < wanted and job.pieces.has_unclaimed:
            with self._lock:
                number = next(each for each in range(wanted) if each not in self._threads)
                connect = partial(Connection(job).run, partial(self._is_allowed, number))
                thread = threading.Thread(target=self._connect, args=(number, connect), daemon=True)
                self._threads[number] = thread
            thread.start()

    def _allowed(self) -> int:
        return max(1, self._job.means.connections()) if self._job.gives_parts.is_set() else 1

    def _is_allowed(self, number: int) -> bool:
        return number < self._allowed()

    def _living(self) -> list[threading.Thread]:
        with self._lock:
            return list(self._threads.values())

    def _connect(self, number: int, run: Callable[[], None]) -> None:
        try:
            with self._job.means.network.doing(self._job.source.purpose):
                self._guarded(run)
        finally:
            with self._lock:
                del self._threads[number]
            self._woken.set()

    def _guarded(self, run: Callable[[], None]) -> None:
        try:
            run()
        except StoppedError:
            pass
        except Exception as error:  # noqa: BLE001 - it belongs to who waits for the crew
            with self._lock:
                self._error = self._error or error
        self._woken.set()

    def _sync(self) -> None:
        """Have the disk hold what came, at most every 16 MB; and look whether it has room for the rest."""
        job = self._job
        received = job.pieces.received
        if received - self._synced_bytes < PIECE_BYTES:
            return
        noted_bytes = job.notes.size_bytes
        job.part.sync()
        job.notes.safe(noted_bytes)
        self._synced_bytes = received
        job.means.room.check(job.part.target, job.pieces.size_bytes - received)

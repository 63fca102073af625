"""Teaches the measured speeds what every real reply did."""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.engine.events import GenerationFinished
from app.engine.worker import Job, WorkerEvent
from app.errors import PaddockError
from app.models.speeds import Speeds

_FEWEST_TOKENS: Final = 16
_PROCESSOR: Final = "CPU"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Lesson:
    """What a file is known by until it changes, and what is to be known of it."""

    stamp: tuple[int, int]
    quantization: str
    active_weights_bytes: int


class SpeedLessons:
    """Watches an engine's worker. Files are read and written on a thread of its own: no reply waits for that."""

    def __init__(self, speeds: Speeds) -> None:
        self._speeds = speeds
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="speed-lessons")
        self._known: dict[Path, _Lesson] = {}

    def watch(self, job: Job, event: WorkerEvent) -> None:
        """Hear of an event; on any thread. What nobody waits for, and what is short, teaches nothing."""
        match event:
            case GenerationFinished(tokens=tokens, tokens_per_s=float(speed)) if tokens >= _FEWEST_TOKENS:
                if not job.at_idle:
                    device = event.receipt.device if event.receipt is not None else _PROCESSOR
                    self._thread.submit(self._learn, job.load.path, speed, device).add_done_callback(_log_bug)
            case _:
                pass

    def close(self) -> None:
        """Wait until the last lesson is written down."""
        self._thread.shutdown()

    def _learn(self, path: Path, tokens_per_s: float, device: str) -> None:
        try:
            if device != _PROCESSOR:
                self._speeds.note(path, tokens_per_s)
                return
            lesson = self._lesson(path)
            self._speeds.learn(path, lesson.quantization, lesson.active_weights_bytes, tokens_per_s)
        except (PaddockError, OSError) as error:  # the reply is there; only its speed is not known
            _log.warning("The speed of a reply was not written down: %s", error)

    def _lesson(self, path: Path) -> _Lesson:
        from app.gguf.reading import read_header  # noqa: PLC0415 - no start of the program waits for it
        from app.models.geometry import geometry_of_file  # noqa: PLC0415 - the same

        status = path.stat()
        stamp = (status.st_size, status.st_mtime_ns)
        lesson = self._known.get(path)
        if lesson is None or lesson.stamp != stamp:
            geometry = geometry_of_file(path)
            active = geometry.active_weights_bytes if geometry is not None else status.st_size
            lesson = self._known[path] = _Lesson(stamp, read_header(path).quantization or "", active)
        return lesson


def _log_bug(done: Future[None]) -> None:
    if (error := done.exception()) is not None:
        _log.error("The speed of a reply could not be learned", exc_info=error)

"""One download while it runs: a thread, and the word to stop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from app.errors import Fault, PaddockError
from app.models.download.errors import DownloadError
from app.models.download.fetch import FetchedFile, FileFetch, Report
from app.models.download.job import Means
from app.models.download.stop import StoppedError
from app.models.download.wanted import WantedFile

_log = logging.getLogger(__name__)


class OurMistakeError(DownloadError):
    """A download ended by a mistake in Paddock, which is in the log."""

    fault = Fault.PADDOCK


@dataclass(frozen=True, slots=True)
class Stopped:
    """It was paused, cancelled, or another one has its place."""


Outcome: TypeAlias = FetchedFile | PaddockError | Stopped


class Run:
    """Fetches `wanted` on a thread of its own; `ended` hears on that thread how it ended."""

    def __init__(
        self, wanted: WantedFile, folder: Path, means: Means, report: Report, ended: Callable[[Outcome], None]
    ) -> None:
        self.wanted = wanted
        self._fetch = FileFetch(wanted, folder, means, report)
        self._stopped = threading.Event()
        self._ended = ended
        self._thread = threading.Thread(target=self._work, name="download", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Have it end soon."""
        self._stopped.set()

    def join(self, timeout_s: float) -> None:
        """Wait for its end."""
        self._thread.join(timeout_s)

    def _work(self) -> None:
        self._ended(self._outcome())

    def _outcome(self) -> Outcome:
        try:
            return self._fetch.run(self._stopped)
        except StoppedError:
            return Stopped()
        except PaddockError as error:
            return error
        except Exception as error:  # noqa: BLE001 - told to the user as a mistake of ours; the others go on
            _log.exception("A download ended by a mistake")
            return OurMistakeError(
                "The download of {name} stopped by a mistake in Paddock.",
                next_step="What has come is kept: resume it. If it happens again, the log tells more.",
                details=f"{type(error).__name__}: {error}",
                name=self.wanted.shown_as,
            )

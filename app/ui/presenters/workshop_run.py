"""A job of the workshop on a thread of its own, which lives as long as the processes it starts."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final, TypeAlias

from PySide6.QtCore import QObject, Signal

from app.engine.interruption import Interruption
from app.errors import PaddockError
from app.ui.presenters.desk import Desk
from app.workshop.convert import Phase

Work: TypeAlias = Callable[[Callable[[Phase], None], Interruption], object]
_JOIN_S: Final = 5.0
_log = logging.getLogger(__name__)


class WorkshopRun(QObject):
    """One job. What it reports, and what comes of it, is told on the GUI thread."""

    progressed = Signal(object)
    """A `Phase`."""
    ended = Signal(object)
    """What it gave, or the `PaddockError` in its place. The last that is heard."""

    def __init__(self, desk: Desk, work: Work) -> None:
        """Nothing is done before `start`."""
        super().__init__(desk.window)
        self._post = desk.bridge.post
        self._work = work
        self._interruption = Interruption()
        self._unheard: object = None
        self.ended.connect(self._heard)
        self._thread = threading.Thread(target=self._do, name="workshop", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Ask for the end, from any thread; it comes at once."""
        self._interruption.request()

    def close(self) -> object:
        """Ask for the end, wait until nothing is left behind, and give what came of it that nobody has heard yet."""
        self.stop()
        self._thread.join(_JOIN_S)
        return self._unheard

    def _do(self) -> None:
        try:
            result = self._work(self._report, self._interruption)
        except PaddockError as error:
            self._tell(error)
        except Exception:  # noqa: BLE001 - a bug must reach the listener, or the window would wait for ever
            _log.exception("A job of the workshop failed unexpectedly")
            self._tell(PaddockError("Something went wrong inside Paddock.", next_step="The log says more."))
        else:
            self._tell(result)

    def _report(self, phase: Phase) -> None:
        self._post(lambda: self.progressed.emit(phase))

    def _heard(self) -> None:
        self._unheard = None

    def _tell(self, result: object) -> None:
        self._unheard = result
        self._post(lambda: self.ended.emit(result))

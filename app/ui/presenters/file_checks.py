"""Reading model files whole beside the window, to see whether they are what they should be."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.errors import PaddockError
from app.models.library import ModelLibrary
from app.models.verification import Verification
from app.ui.engine_bridge import EngineBridge
from app.ui.presenters.errands import Errand, Errands


class FileChecks(QObject):
    """Any number of models may be read at a time; what came of each stays known until it is read again."""

    progressed = Signal(str, float)
    ended = Signal(str)
    """The model's file was read, or not to its end; `verdict` and `is_running` tell."""

    def __init__(self, library: ModelLibrary, bridge: EngineBridge, failed: Callable[[PaddockError], None]) -> None:
        super().__init__()
        self._library = library
        self._bridge = bridge
        self._failed = failed
        self._errands = Errands(bridge)
        self._running: dict[str, Errand] = {}
        self._fractions: dict[str, float] = {}
        self._verdicts: dict[str, Verification] = {}

    def start(self, model_id: str) -> None:
        """Read the files of a model; one that is being read goes on."""
        if model_id not in self._running:
            self._verdicts.pop(model_id, None)
            self._fractions[model_id] = 0.0
            self._running[model_id] = self._errands.run(
                lambda is_stopped: self._library.verify(model_id, self._report(model_id, is_stopped)),
                lambda verdict: self._take(model_id, verdict),
                lambda error: self._fail(model_id, error),
            )
            self.progressed.emit(model_id, 0.0)

    def stop(self, model_id: str) -> None:
        """Give up; nothing is remembered of what was read so far."""
        errand = self._running.pop(model_id, None)
        if errand is not None:
            errand.stop()
            self.ended.emit(model_id)

    def stop_all(self) -> None:
        """Give up all of them: the window is closed."""
        for model_id in list(self._running):
            self.stop(model_id)

    def verdict(self, model_id: str) -> Verification | None:
        """What came of the last reading; None if there was none."""
        return self._verdicts.get(model_id)

    def fraction(self, model_id: str) -> float | None:
        """How much has been read, 0 to 1; None if nothing is being read."""
        return self._fractions.get(model_id) if model_id in self._running else None

    def _report(self, model_id: str, is_stopped: Callable[[], bool]) -> Callable[[float], None]:
        def report(fraction: float) -> None:
            if is_stopped():
                raise _StoppedError("The check was stopped.")
            self._bridge.post(lambda: self._progress(model_id, fraction))

        return report

    def _progress(self, model_id: str, fraction: float) -> None:
        if model_id in self._running:
            self._fractions[model_id] = fraction
            self.progressed.emit(model_id, fraction)

    def _take(self, model_id: str, verdict: Verification) -> None:
        self._running.pop(model_id, None)
        self._verdicts[model_id] = verdict
        self.ended.emit(model_id)

    def _fail(self, model_id: str, error: PaddockError) -> None:
        self._running.pop(model_id, None)
        self.ended.emit(model_id)
        self._failed(error)


class _StoppedError(PaddockError):
    """Nobody wants to know any more."""

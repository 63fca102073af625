"""The application's end of an engine process: gives its reports, and ends it when it has come to a standstill."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ParamSpec, TypeVar

from typing_extensions import override

from app.confined.exit_diagnosis import ExitCause, ProcessEnd
from app.confined.process import ConfinedProcess
from app.engine import wire
from app.engine.engine import EngineError

_Process = TypeVar("_Process")
_Given = ParamSpec("_Given")


@dataclass(frozen=True, slots=True)
class HangLimits:
    """How long an engine process that has something to do may show no sign of life, or no progress.

    It beats every `beat_s`. No report at all for `silence_s`, or beats without progress for as long, outside of work
    that may last, is a standstill. Until its first report it has `start_s`: a disk may be slow.
    """

    silence_s: float = 20.0
    start_s: float = 120.0
    beat_s: float = 2.0


class EngineProcess(ConfinedProcess):
    """A confined process that reports to one thread, and is ended when that waits for a report in vain.

    Short waits are counted instead of reading a clock: an hour in which the laptop slept is one short wait. Nothing is
    counted while nobody waits for a report.
    """

    def __init__(
        self, command: Sequence[str], log_path: Path, environment: Mapping[str, str], limits: HangLimits
    ) -> None:
        """Start `command`; see `ConfinedProcess`."""
        super().__init__(command, log_path, environment)
        self._limits = limits
        self._slice_s = limits.silence_s / 20
        self._patience_s = limits.start_s
        self._waited_s = 0.0
        self._is_waiting = False
        self._is_parked = False
        self._needed = threading.Event()
        self._ended = threading.Event()
        self._last_beat: wire.Beat | None = None
        self._still_s = 0.0
        self.has_hung = False
        """Whether it was ended because it had come to a standstill."""
        threading.Thread(target=self._watch, name="engine-watch", daemon=True).start()

    def next_report(self) -> wire.Report | None:
        """Wait for the next report that is no beat; None at the end of the pipe.

        Raises `FramingError` and `wire.WireError` for what makes no sense.
        """
        while (report := self._read()) is not None:
            if not isinstance(report, wire.Beat):
                self._last_beat = None
                return report
            self._note(report)
        return None

    @override
    def diagnose_end(self) -> ProcessEnd:
        end = super().diagnose_end()
        if not self.has_hung:
            return end
        doing = f"last seen doing: {self._last_beat.doing}" if self._last_beat is not None else "last seen: silent"
        return replace(end, cause=ExitCause.UNRESPONSIVE, log=(*end.log, doing))

    @override
    def end(self) -> None:
        self._ended.set()
        self._needed.set()
        super().end()

    def _read(self) -> wire.Report | wire.Beat | None:
        self._waited_s = 0.0
        self._is_waiting = True
        if self._is_parked:
            self._needed.set()
        try:
            frame = self.reader.read()
        finally:
            self._is_waiting = False
        self._patience_s = self._limits.silence_s
        return None if frame is None else wire.decode_report(frame)

    def _note(self, beat: wire.Beat) -> None:
        is_still = self._last_beat is not None and beat == self._last_beat and beat.doing == "other"
        self._still_s = self._still_s + self._limits.beat_s if is_still else 0.0
        self._last_beat = beat
        if self._still_s >= self._limits.silence_s:
            self._end_standstill()

    def _watch(self) -> None:
        while not self._ended.wait(self._slice_s):
            if not self._is_waiting:
                self._park()
                continue
            self._waited_s += self._slice_s
            if self._waited_s >= self._patience_s:
                self._end_standstill()
                return

    def _park(self) -> None:
        """Sleep until somebody waits for a report: an idle engine wakes no processor."""
        self._needed.clear()
        self._is_parked = True
        if not self._is_waiting and not self._ended.is_set():  # both may have changed just before they were told
            self._needed.wait()
        self._is_parked = False

    def _end_standstill(self) -> None:
        self.has_hung = True
        self.kill()


def start_process(kind: Callable[_Given, _Process], *given: _Given.args, **named: _Given.kwargs) -> _Process:
    """Make a process of this `kind`. Raises `EngineError` when it cannot be started."""
    try:
        return kind(*given, **named)
    except OSError as error:
        raise EngineError(
            "The engine could not be started.",
            next_step="Close other programs and try again; if that does not help, install Paddock again.",
            details=str(error),
        ) from error

"""Looks what this machine has for an engine, in a process of its own: a broken driver can take only that down."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.confined.confinement import SandboxReport
from app.confined.framing import FramingError
from app.confined.process import ConfinedProcess
from app.engine import wire
from app.engine.engine import EngineError
from app.engine.engine_death import death_error
from app.engine.probe_wire import Probe, Probed, decode_report, encode
from app.errors import Fault
from app.hardware import Device

_PATIENCE_S: Final = 30.0
_WITHOUT_GRAPHICS: Final = (
    "Update the driver, or choose an engine build without graphics processors in the settings; the details say more."
)


class EngineProbeError(EngineError):
    """The look at this machine did not end well. Usually a driver's fault."""

    fault = Fault.MACHINE


@dataclass(frozen=True, slots=True)
class EngineProbe:
    """What an engine has here: its devices, which build it is, and what its process gives up."""

    devices: tuple[Device, ...]
    engine_build: str
    sandbox: SandboxReport


def probe_engine(
    command: Sequence[str], log_path: Path, environment: Mapping[str, str], *, patience_s: float = _PATIENCE_S
) -> EngineProbe:
    """Start an engine process by `command`, have it look, and end it.

    Raises `EngineProbeError` when it ends by itself or takes longer than `patience_s`, another `EngineError` when it
    cannot begin or its library cannot be used.
    """
    try:
        process = ConfinedProcess(command, log_path, environment)
    except OSError as error:
        raise EngineError(
            "The engine could not be started.",
            next_step="Close other programs and try again; if that does not help, install Paddock again.",
            details=str(error),
        ) from error
    with contextlib.closing(_Patience(process, patience_s)) as patience:
        try:
            report = _ask(process)
            if report is None:
                raise _death(process, patience)
        finally:
            process.end()
    if isinstance(report, wire.Failed):
        raise wire.failure_error(report)
    return EngineProbe(report.devices, report.engine_build, report.sandbox)


class _Patience:
    """Ends a process that takes too long."""

    def __init__(self, process: ConfinedProcess, seconds: float) -> None:
        self._process = process
        self.seconds = seconds
        self.is_over = False
        self._timer = threading.Timer(seconds, self._lose)
        self._timer.daemon = True
        self._timer.start()

    def close(self) -> None:
        self._timer.cancel()

    def _lose(self) -> None:
        self.is_over = True
        self._process.kill()


def _ask(process: ConfinedProcess) -> Probed | wire.Failed | None:
    """Give the one report; None when the process ended without one, or with one that makes no sense."""
    with contextlib.suppress(OSError):  # it has just died: its pipe's end will tell
        process.writer.write(encode(Probe()))
    try:
        frame = process.reader.read()
        return None if frame is None else decode_report(frame)
    except (FramingError, wire.WireError):
        process.kill()
        return None


def _death(process: ConfinedProcess, patience: _Patience) -> EngineProbeError:
    details = death_error(process.diagnose_end(), None).details
    if patience.is_over:
        return EngineProbeError(
            "Looking for graphics processors took longer than {seconds} seconds and was ended.",
            next_step=_WITHOUT_GRAPHICS,
            details=details,
            seconds=f"{patience.seconds:g}",
        )
    return EngineProbeError(
        "Looking for graphics processors brought the engine down.", next_step=_WITHOUT_GRAPHICS, details=details
    )

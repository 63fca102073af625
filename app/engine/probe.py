"""Looks what this machine has for an engine, in a process of its own: a broken driver can take only that down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.confined.confinement import SandboxReport
from app.engine.asked_process import AskedProcess
from app.engine.engine import EngineDiedError, EngineError
from app.engine.probe_wire import Probe, answers, encode
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
    with AskedProcess(command, log_path, environment, patience_s) as process:
        try:
            probed = process.ask(encode(Probe()), answers)
        except EngineDiedError as error:
            raise _death(error, patience_s if process.was_too_slow else None) from error
    return EngineProbe(probed.devices, probed.engine_build, probed.sandbox)


def _death(error: EngineDiedError, patience_s: float | None) -> EngineProbeError:
    if patience_s is not None:
        return EngineProbeError(
            "Looking for graphics processors took longer than {seconds} seconds and was ended.",
            next_step=_WITHOUT_GRAPHICS,
            details=error.details,
            seconds=f"{patience_s:g}",
        )
    return EngineProbeError(
        "Looking for graphics processors brought the engine down.", next_step=_WITHOUT_GRAPHICS, details=error.details
    )

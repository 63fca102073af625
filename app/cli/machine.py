"""The machine as an engine process sees it: its memory and graphics processors."""

from __future__ import annotations

from app.confined.process import own_command
from app.engine.child_process import engine_environment
from app.engine.engine import EngineError
from app.engine.probe import EngineProbe, probe_engine
from app.hardware import memory
from app.models.fit import Machine
from app.parts import ModelParts


def probe(parts: ModelParts) -> EngineProbe | EngineError:
    """Have an engine process look what there is; or say what brought it down."""
    build = parts.settings.settings.load.engine_build
    try:
        environment = engine_environment(build, parts.paths.engines)
        return probe_engine(own_command("--engine"), parts.paths.engine_log, environment)
    except EngineError as error:
        return error


def machine(parts: ModelParts) -> Machine:
    """Give the memory that there is now. Without an engine that comes up, only the processor's counts."""
    found = probe(parts)
    return Machine(memory(), () if isinstance(found, EngineError) else tuple(found.devices))

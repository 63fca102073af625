"""What this machine has for a model now: its memory, and the graphics processors that an engine finds."""

from __future__ import annotations

import threading

from app import hardware
from app.confined.process import own_command
from app.engine.child_process import engine_environment
from app.engine.engine import EngineError
from app.engine.probe import EngineProbe, probe_engine
from app.hardware import Device
from app.models.fit import Machine
from app.paths import Paths
from app.settings.file import SettingsFile


class MachineLook:
    """Looks, by an engine process of the build that is set. Any thread may ask; who looks waits about a second."""

    def __init__(self, paths: Paths, settings: SettingsFile) -> None:
        self._paths = paths
        self._settings = settings
        self._lock = threading.Lock()
        self._devices: tuple[Device, ...] = ()
        self._seen: str | None = None

    @property
    def is_due(self) -> bool:
        """Whether another look is worth its second: nobody has looked with this build, or there is what changes."""
        return self._seen != self._settings.settings.load.engine_build or bool(self._devices)

    def probe(self) -> EngineProbe:
        """Have an engine process look what there is now. Raises `EngineError` where it did not come up."""
        build = self._settings.settings.load.engine_build
        with self._lock:
            environment = engine_environment(build, self._paths.engines)
            log = self._paths.engine_log.with_name("probe.log")
            found = probe_engine(own_command("--engine"), log, environment)
            self._devices, self._seen = found.devices, build
        return found

    def machine(self, model_in_use_bytes: int = 0) -> Machine:
        """Give the memory that is free now, that of graphics processors as it was seen last; waits for nobody.

        `model_in_use_bytes` is what the model that is loaded now would give back.
        """
        return Machine(hardware.memory(), self._devices, model_in_use_bytes, hardware.processor().features)

    def looked(self) -> Machine:
        """Look at the graphics processors, and give what is free; without an engine, the processor's memory alone."""
        try:
            self.probe()
        except EngineError:
            self._devices = ()
        return self.machine()

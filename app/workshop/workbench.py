"""How engine processes are started for a job of the workshop, and where its files lie."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from app.confined.process import own_command
from app.engine.child_process import engine_environment
from app.engine.requests import LoadRequest
from app.hardware import Memory, disk_free, memory, performance_cores
from app.models.download.disk_room import KEPT_FREE_BYTES
from app.models.hashes import FileHashes
from app.paths import Paths
from app.settings.values import LoadSettings

_CONTEXT: Final = 1024


@dataclass(frozen=True, slots=True)
class Workbench:
    """`folder` is where copies are written; `kept_free_bytes` of its disk are not for them.

    `environment` is that of an engine process, `load` the settings with which models are loaded to be measured.
    `hashes` remembers the sha256 of each copy.
    """

    command: Sequence[str]
    environment: Mapping[str, str]
    log_path: Path
    folder: Path
    load: LoadSettings
    hashes: FileHashes
    kept_free_bytes: int = KEPT_FREE_BYTES
    free_disk: Callable[[Path], int] = field(default=disk_free)
    free_memory: Callable[[], Memory] = field(default=memory)

    @property
    def threads(self) -> int:
        """With how many threads is computed: the same for all that is compared."""
        return self.load.threads or performance_cores()

    def load_of(self, path: Path) -> LoadRequest:
        """Say how a model is loaded to be measured: as usual, with a small context window."""
        return LoadRequest(path, replace(self.load, context=_CONTEXT, threads=self.threads))


def workbench(paths: Paths, load: LoadSettings) -> Workbench:
    """Give the workbench of this Paddock. Raises `EngineBuildError` when its engine build is not there."""
    return Workbench(
        command=own_command("--engine"),
        environment=engine_environment(load.engine_build, paths.engines),
        log_path=paths.engine_log.with_name("workshop.log"),
        folder=paths.models,
        load=load,
        hashes=FileHashes(paths.model_hashes),
    )

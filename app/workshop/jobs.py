"""What the workshop can be asked for, with how it is done here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.engine.interruption import Interruption
from app.paths import Paths
from app.settings.file import SettingsFile
from app.workshop.convert import Choice, Conversion, Converted, Phase, choices_for
from app.workshop.workbench import Workbench, workbench


class WorkshopJobs:
    """Each belongs to the thread that calls it, which must live as long. Settings are those of the moment."""

    def __init__(self, paths: Paths, settings: SettingsFile) -> None:
        self._paths = paths
        self._settings = settings

    def choices(self, source: Path, interruption: Interruption) -> list[Choice]:
        """See `choices_for`."""
        return choices_for(self._bench(), source, interruption)

    def convert(
        self, source: Path, target: str, report: Callable[[Phase], None], interruption: Interruption
    ) -> Converted:
        """See `Conversion.run`."""
        return Conversion(self._bench(), source, target).run(report, interruption)

    def _bench(self) -> Workbench:
        return workbench(self._paths, self._settings.settings.load)

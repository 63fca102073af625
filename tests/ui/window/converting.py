"""Conversions in the window that convert nothing, and what their user does and sees."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.engine.interruption import Interruption
from app.models.installed import Source
from app.workshop.comparison import Comparison
from app.workshop.convert import Checking, Choice, Converted, Converting, Loading, Measuring, Phase
from app.workshop.errors import NoRoomForCopyError, StoppedConversionError
from app.workshop.target_types import OFFERED
from tests.fakes import Pause
from tests.gguf_files import TinyModel
from tests.ui.window.use import Use
from tests.workshop.test_comparison import FASTER, SOURCE


class FakeJobs:
    """Converts nothing; a `Pause` holds it up, an error ends it. `asked` are the conversions that were begun.

    Whoever comes out of the `last` pause is too far to be stopped.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pause: Pause | None = None
        self.last: Pause | None = None
        self.error: NoRoomForCopyError | None = None
        self.comparison = Comparison(SOURCE, FASTER)
        self.asked: list[tuple[Path, str]] = []
        self.stopped = threading.Event()

    def choices(self, source: Path, interruption: Interruption) -> list[Choice]:
        """All of them, of some size."""
        return [Choice(target, 60_000_000 + 9_000_000 * number) for number, target in enumerate(reversed(OFFERED))]

    def convert(
        self, source: Path, target: str, report: Callable[[Phase], None], interruption: Interruption
    ) -> Converted:
        """Report the phases, and write a tiny model."""
        self.asked.append((source, target))
        for phase in (Checking(), Converting(0.5), Loading(), Measuring(1, 10)):
            report(phase)
        if self.pause is not None:
            self.pause.wait(interruption)
        if interruption.requested and self.last is None:
            self.stopped.set()
            raise StoppedConversionError("The conversion was stopped. Nothing was left behind.")
        if self.error is not None:
            raise self.error
        path = self.folder / f"Tiny.{target}-{len(self.asked)}.gguf"
        file_type = next(each.number for each in OFFERED if each.name == target)
        model = TinyModel(seed=len(self.asked), extra={"general.file_type": file_type})
        return Converted(model.write(path), self.comparison)


def give_jobs(use: Use, folder: Path) -> FakeJobs:
    """Have the window's workshop do nothing real."""
    fake = FakeJobs(folder)
    use.desktop.workshop.jobs = fake  # pyright: ignore[reportAttributeAccessIssue] - it does what they do
    return fake


def shown(use: Use, name: str) -> QWidget | None:
    """The visible widget of this name."""
    found = (widget for widget in use.window.findChildren(QWidget, name) if widget.isVisible())
    return next(found, None)


def converted_models(use: Use) -> list[Path]:
    """Where the copies lie that are in the list."""
    return [model.path for model in use.desktop.parts.models.models() if model.source is Source.CONVERTED]


def begin(use: Use) -> None:
    """Open the sheet for the starter model, and convert it to what is proposed."""
    use.desktop.workshop.open_convert("starter")
    use.press("convert_button")


def let_time_pass(use: Use) -> None:
    """Wait until work at idle may begin, and let it have been calm for long enough."""
    use.until(lambda: use.desktop.models.loading.model is not None)
    use.until(use.desktop.idle_workshop.may_work)
    use.desktop.idle_workshop.calm.start(0)

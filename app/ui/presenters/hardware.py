"""The page of the hardware: what this laptop has, looked at while somebody looks."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from app.engine.builds import list_builds
from app.engine.events import LoadedModel
from app.errors import PaddockError
from app.hardware import disk_free, memory, processor, resident_bytes
from app.models.geometry import geometry_of_file
from app.models.prediction_check import predict_loaded
from app.translation import tr
from app.ui.icons import Icons
from app.ui.presenters.benchmark import BenchmarkPresenter
from app.ui.presenters.conversations import ConversationPresenter
from app.ui.presenters.desk import Desk
from app.ui.presenters.models import ModelPresenter
from app.ui.settings.group_extra import GroupExtra
from app.ui.settings.hardware_facts_card import HardwareFactsCard
from app.ui.settings.hardware_words import (
    InUse,
    Look,
    builds_words,
    disk_words,
    graphics_words,
    in_use_words,
    processor_words,
)
from app.ui.theme import Theme
from app.workshop.graphics import look_at_machine

_ALONE = "CPU"


class HardwarePresenter(QObject):
    """Fills the page of the hardware. It is made when the settings are opened first."""

    def __init__(
        self, desk: Desk, models: ModelPresenter, conversations: ConversationPresenter, theme: Theme, icons: Icons
    ) -> None:
        """Know nothing until the page is looked at."""
        super().__init__(desk.window)
        self._desk = desk
        self._models = models
        self._look: Look | None = None
        self._predicted: tuple[LoadedModel, int | None] | None = None
        self.facts = HardwareFactsCard(theme)
        self.benchmark = BenchmarkPresenter(desk, models, conversations, theme, icons)
        self.facts.wanted.connect(self._look_around)
        self.facts.ticked.connect(self._tick)
        models.loading.settled.connect(self._tick_if_seen)

    @property
    def extra(self) -> GroupExtra:
        """What the page shows, in its order."""
        words = tr("hardware processor memory graphics gpu disk engine builds benchmark speed tokens")
        return GroupExtra(above=(self.facts, self.benchmark.card), words=words)

    def _look_around(self) -> None:
        self._tick()
        parts = self._desk.parts
        build = parts.settings.settings.load.engine_build

        def look() -> Look:
            return Look(
                processor=processor(),
                folder=parts.paths.models,
                disk_free_bytes=disk_free(parts.paths.models),
                builds=list_builds(parts.paths.engines),
                build=build,
                probe=look_at_machine(parts.machine),
            )

        self._desk.background.run(look, self._show)

    def _show(self, look: Look) -> None:
        self._look = look
        self.facts.processor.say(processor_words(look.processor))
        self.facts.disk.say(disk_words(look))
        self.facts.builds.say(builds_words(look))
        self._show_graphics(self._in_use())

    def _tick_if_seen(self) -> None:
        if self.facts.isVisible():
            self._tick()

    def _tick(self) -> None:
        self.facts.show_memory(memory())
        in_use = self._in_use()
        self.facts.in_use.say(in_use_words(in_use))
        self._show_graphics(in_use)

    def _show_graphics(self, in_use: InUse | None) -> None:
        if self._look is not None:
            layers = self._desk.parts.settings.settings.load.gpu_layers
            self.facts.graphics.say(graphics_words(self._look, layers, in_use))

    def _in_use(self) -> InUse | None:
        model = self._models.loading.model
        if model is None:
            return None
        if self._predicted is None or self._predicted[0] is not model:
            self._predicted = (model, None)
            self._desk.background.run(lambda: _predicted_bytes(model), lambda size: self._take_prediction(model, size))
        name = next(
            (each.name for each in self._desk.parts.models.models() if str(each.path) == model.path), model.name
        )
        return InUse(name, model, self._predicted[1], self._measured_bytes(model), self._models.loading.notes)

    def _measured_bytes(self, model: LoadedModel) -> int | None:
        """What its process takes; with layers elsewhere, what the engine says that it asked for, everywhere."""
        if model.device != _ALONE:
            used = model.memory
            return None if used is None else used.weights_bytes + used.kv_cache_bytes + used.compute_bytes
        process_id = self._desk.parts.engine.process_id
        return None if process_id is None else resident_bytes(process_id)

    def _take_prediction(self, model: LoadedModel, size_bytes: int | None) -> None:
        self._predicted = (model, size_bytes)
        self._tick_if_seen()


def _predicted_bytes(model: LoadedModel) -> int | None:
    """What FIT's formulas say of what was loaded; None where the file does not tell enough, or cannot be read now."""
    try:
        geometry = geometry_of_file(Path(model.path))
    except (PaddockError, OSError):
        return None
    if geometry is None:
        return None
    predicted = predict_loaded(geometry, model, processor().features)
    if model.device == _ALONE:
        return predicted.total_bytes
    return predicted.weights_bytes + predicted.kv_bytes + predicted.compute_bytes

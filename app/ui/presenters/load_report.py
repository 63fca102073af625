"""What is said of a load: how far it is, that it failed and what helps, and what one should know of the model."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject

from app.engine.engine import ChosenTemplateError, EngineError, NotEnoughMemoryError
from app.engine.events import LoadedModel
from app.engine.requests import LoadRequest
from app.errors import PaddockError
from app.models.installed import InstalledModel, Source
from app.models.templates import NoTemplateError
from app.translation import tr
from app.ui.notice import NoticeAction
from app.ui.presenters.desk import Desk
from app.ui.presenters.loading import ModelLoading

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ChosenLoad:
    """The model that is chosen now, how it would be loaded, and what has it loaded."""

    model: Callable[[], InstalledModel | None]
    wanted: Callable[[], LoadRequest | None]
    have_ready: Callable[[], None]


class LoadReport(QObject):
    """Shows it above and beside the composer."""

    def __init__(self, desk: Desk, loading: ModelLoading, chosen: ChosenLoad) -> None:
        """Say nothing yet."""
        super().__init__(desk.window)
        self._desk = desk
        self._loading = loading
        self._chosen = chosen
        self._said_notes: tuple[str, ...] = ()
        self._says_failure = False
        self._without_template: set[str] = set()
        loading.progressed.connect(self._show_progress)
        loading.settled.connect(self.show_state)
        loading.loaded.connect(self._loaded)
        loading.failed.connect(self._engine_failed)
        loading.lost.connect(self._engine_lost)
        self._be_honest_about_the_starter()

    def show_state(self) -> None:
        """Show what the engine can do for the model that is chosen now."""
        window, load = self._desk.window, self._chosen.wanted()
        if load is None or not self._loading.has_failed(load):
            self._failure_is_over()
        window.composer.set_engine_state(self._loading.state(load))
        if not self._loading.is_busy:
            window.top_bar.set_loading(None)

    def _show_progress(self, fraction: float) -> None:
        self._desk.window.composer.set_engine_state(self._loading.state(self._chosen.wanted()))
        self._desk.window.top_bar.set_loading(fraction)

    def _loaded(self, model: LoadedModel) -> None:
        self._failure_is_over()
        notes = self._loading.notes
        if notes and notes != self._said_notes:
            self._said_notes = notes
            self._desk.notices.say(" ".join(notes))
        chosen = self._chosen.model()
        if chosen is not None and chosen.path == Path(model.path):
            self._say_whether_it_has_a_template(chosen, has_template=model.has_template)

    def _be_honest_about_the_starter(self) -> None:
        """Nobody should take what it says for true."""
        try:
            models = self._desk.parts.models.models()
        except PaddockError:
            return  # said where the list is shown
        for model in models:
            if model.source is Source.STARTER:
                note = tr("SmolLM2 135M · small, quick, often wrong")
                self._desk.window.transcript.set_model_note(model.name, note)

    def _say_whether_it_has_a_template(self, chosen: InstalledModel, *, has_template: bool) -> None:
        """Keep a note beside the model's name while it has none; say once what helps."""
        transcript = self._desk.window.transcript
        if has_template and chosen.id in self._without_template:
            self._without_template.remove(chosen.id)
            transcript.set_model_note(chosen.name, "")
        elif not has_template and chosen.id not in self._without_template:
            self._without_template.add(chosen.id)
            note = tr("no chat template: reads a plain transcript, and may go on without end")
            transcript.set_model_note(chosen.name, note)
            hint = NoTemplateError(
                "{model} brings no chat template: it reads a plain transcript, and may go on without end.",
                next_step="If its publisher offers a chat template, choose it for this model.",
                model=chosen.name,
            )
            self._desk.notices.show(hint, self._template_action(chosen))

    def _template_action(self, model: InstalledModel) -> NoticeAction:
        return NoticeAction(tr("Chat template…"), lambda: self._desk.window.composer.open_template_menu(model.id))

    def _engine_lost(self) -> None:
        _log.warning("The engine ended while it was idle")
        self._desk.notices.say(tr("The engine ended while it was idle. A new one starts with your next message."))

    def _engine_failed(self, error: EngineError, is_ours: bool) -> None:  # noqa: FBT001 - as the signal says it
        load, chosen = self._chosen.wanted(), self._chosen.model()
        if isinstance(error, NotEnoughMemoryError) and load is not None and self._loading.has_failed(load):
            self._says_failure = True
            self._desk.notices.show(error, NoticeAction(tr("Load anyway"), self._load_anyway))
        elif is_ours and isinstance(error, ChosenTemplateError) and chosen is not None:
            self._says_failure = True
            self._desk.notices.show(error, self._template_action(chosen))
        elif is_ours:  # a reply that was waiting for it says so itself
            self._says_failure = True
            self._desk.notices.show(error)
        else:
            self._failure_is_over()

    def _failure_is_over(self) -> None:
        """Say no more that a load failed: it is no longer true, or a reply that needed it says so."""
        if self._says_failure:
            self._desk.window.notice.clear()
            self._says_failure = False

    def _load_anyway(self) -> None:
        load = self._chosen.wanted()
        if load is not None:
            self._desk.window.notice.clear()
            self._loading.permit(load)
            self._chosen.have_ready()

"""The details of one model: what is known of it, how it fits here, and whether its file is right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices

from app.models.installed import InstalledModel
from app.models.model_files import FileState
from app.models.verification import Verification
from app.ui.icons import Icons
from app.ui.model_manager.licence_sheet import show_licence_text
from app.ui.model_manager.my_models_page import MyModelsPage
from app.ui.model_manager.my_models_shown import ModelDetails, MyModel
from app.ui.presenters.desk import Desk
from app.ui.presenters.file_checks import FileChecks
from app.ui.presenters.model_manager import ModelManagerPresenter
from app.ui.presenters.model_measures import measure
from app.ui.presenters.models import ModelPresenter
from app.ui.presenters.my_models_words import Measures, shown_details
from app.ui.reveal import reveal
from app.ui.theme import Theme


@dataclass(frozen=True, slots=True)
class DetailTools:
    """What the details are found out and shown with."""

    desk: Desk
    manager: ModelManagerPresenter
    models: ModelPresenter
    theme: Theme
    icons: Icons


class ModelDetailsPresenter(QObject):
    """Follows the list: what is shown of a model is what the list said of it last."""

    def __init__(self, page: MyModelsPage, tools: DetailTools, changed: Callable[[], None]) -> None:
        """`changed` is called when a check, or the user, changed what the list knows."""
        super().__init__(page)
        self._page = page
        self._tools = tools
        self._changed = changed
        self._known: Mapping[str, tuple[InstalledModel, MyModel]] = {}
        self._measures: dict[str, Measures] = {}
        self._checks = FileChecks(tools.desk.parts.models, tools.desk.bridge, tools.manager.notices.show)
        self._checks.progressed.connect(self._show_check)
        self._checks.ended.connect(self._check_ended)
        tools.models.loading.settled.connect(self._measure_again)
        page.details_closed.connect(page.close_details)
        page.details.licence_text_requested.connect(self._show_licence)
        page.details.reveal_requested.connect(self._reveal)
        page.details.accept_requested.connect(self._accept)
        page.details.check_requested.connect(self._checks.start)
        page.details.stop_check_requested.connect(self._checks.stop)
        tools.desk.window.closing.connect(self._checks.stop_all)

    def open(self, model_id: str) -> None:
        """Show everything about a model, and find out how it fits now."""
        if model_id not in self._known:
            return
        self._page.show_details(self._details(model_id))
        self._show_check(model_id)
        self._measure(model_id)
        self._page.details.focus_first(Qt.FocusReason.OtherFocusReason)

    def show(self, known: Mapping[str, tuple[InstalledModel, MyModel]]) -> None:
        """Take over what the list says now; the details of a model that is gone are closed."""
        self._known = known
        shown = self._page.shown_details
        if not shown:
            return
        if shown in known:
            self._page.show_details(self._details(shown))
            self._show_check(shown)
        else:
            self._page.close_details()

    def _details(self, model_id: str) -> ModelDetails:
        model, row = self._known[model_id]
        return shown_details(
            model, row, self._tools.desk.parts.online.licences, self._measures.get(model_id, Measures())
        )

    def _measure(self, model_id: str) -> None:
        model, _row = self._known[model_id]
        loaded, parts = self._tools.models.loading.model, self._tools.desk.parts
        self._tools.desk.background.run(
            lambda: measure(model, loaded, parts.speeds, parts.machine),
            partial(self._measured, model_id),
            self._tools.manager.notices.show,
        )

    def _measured(self, model_id: str, measures: Measures) -> None:
        self._measures[model_id] = measures
        if self._page.shown_details == model_id and model_id in self._known:
            if measures.fit is not None:
                self._tools.manager.show_free(measures.fit.free_bytes)
            self._page.show_details(self._details(model_id))

    def _measure_again(self) -> None:
        """Something was loaded, or is no longer: other memory is free."""
        shown = self._page.shown_details
        if shown in self._known and not self._tools.models.loading.is_busy:
            self._measure(shown)

    def _show_check(self, model_id: str, _fraction: float = 0.0) -> None:
        if self._page.shown_details != model_id:
            return
        fraction, verdict = self._checks.fraction(model_id), self._checks.verdict(model_id)
        check = self._page.details.file.check
        if fraction is not None:
            check.show_progress(fraction)
        elif verdict is None or (verdict.ok is False and self._is_trusted(model_id)):
            check.show_verdict("")
        else:
            check.show_verdict(verdict.sentence, _tone(verdict))

    def _is_trusted(self, model_id: str) -> bool:
        """Whether the file has been taken as it is since it was checked."""
        model, _row = self._known[model_id]
        return model.state is FileState.PRESENT and not model.is_damaged

    def _check_ended(self, model_id: str) -> None:
        self._show_check(model_id)
        self._changed()

    def _accept(self, model_id: str) -> None:
        library = self._tools.desk.parts.models
        self._tools.desk.background.run(
            lambda: library.accept(model_id), lambda _model: self._changed(), self._tools.manager.notices.show
        )

    def _show_licence(self, model_id: str) -> None:
        licence = self._details(model_id).licence
        if licence.text:
            tools = self._tools
            show_licence_text(licence.name, licence.text, tools.desk.window, tools.theme, tools.icons)
        else:
            QDesktopServices.openUrl(QUrl(licence.page))

    def _reveal(self, model_id: str) -> None:
        model, _row = self._known[model_id]
        reveal(model.path, self._tools.manager.notices.show, self)


def _tone(verdict: Verification) -> str:
    if verdict.ok is None:
        return "text_2"
    return "ok" if verdict.ok else "error"

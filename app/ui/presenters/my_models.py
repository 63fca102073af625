"""The models that are here: listing them, and doing what is asked of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.errors import PaddockError
from app.models.deletion import Deletion
from app.models.download.sizes import shown_size
from app.models.installed import InstalledModel
from app.models.listed_models import Forgotten
from app.translation import tr, trn
from app.ui.icons import Icons
from app.ui.model_manager.my_models_page import MyModelsPage
from app.ui.model_manager.question import ask
from app.ui.model_manager.tab import Tab
from app.ui.presenters.deletion_question import deletion_question
from app.ui.presenters.desk import Desk
from app.ui.presenters.found_models import FoundModels
from app.ui.presenters.model_details import DetailTools, ModelDetailsPresenter
from app.ui.presenters.model_manager import ModelManagerPresenter
from app.ui.presenters.models import ModelPresenter
from app.ui.presenters.my_models_words import shown_model
from app.ui.theme import Theme

_SOON_MS: Final = 500
"""What happens sooner needs no words before."""


class MyModelsPresenter(QObject):
    """Keeps the list true while somebody sees it, and hands what was decided to the library.

    Nothing of a file is read on the GUI thread; what goes wrong is said on the page.
    """

    convert_requested = Signal(str)
    """A model is to be made smaller or faster: its id."""

    def __init__(
        self, desk: Desk, manager: ModelManagerPresenter, models: ModelPresenter, theme: Theme, icons: Icons
    ) -> None:
        """The page is made when somebody opens it first."""
        super().__init__(desk.window)
        self._desk = desk
        self._manager = manager
        self._models = models
        self._theme = theme
        self._icons = icons
        self._library = desk.parts.models
        self._listed: dict[str, InstalledModel] = {}
        self._page: MyModelsPage | None = None
        self._details: ModelDetailsPresenter | None = None
        manager.add_tab(Tab.MY_MODELS, self._make_page, self._refresh)
        manager.frame.tab_chosen.connect(self._refresh)
        models.changed.connect(self._refresh_if_made)

    def look_for_models(self) -> None:
        """Open the page, and look for models that are on this computer already."""
        self._manager.open(tab=Tab.MY_MODELS)
        if self._page is not None:
            self._page.look_requested.emit()

    def _make_page(self) -> MyModelsPage:
        page = self._page = MyModelsPage(self._theme, self._icons)
        tools = DetailTools(self._desk, self._manager, self._models, self._theme, self._icons)
        self._details = ModelDetailsPresenter(page, tools, self._changed)
        FoundModels(self._desk, page, self._fail, self._took)  # the page keeps it
        page.add_requested.connect(self._models.ask_for_file)
        page.empty.discover_requested.connect(partial(self._manager.open, tab=Tab.DISCOVER))
        page.list.details_requested.connect(self._details.open)
        page.details.convert_requested.connect(self.convert_requested)
        for part in (page.list, page.details):
            part.use_requested.connect(self._use)
            part.favourite_wished.connect(self._set_favourite)
            part.delete_requested.connect(self._ask_before_deleting)
        page.details.renamed.connect(self._rename)
        page.details.note.written.connect(self._set_note)
        page.details.remove_requested.connect(self._remove)
        return page

    def _refresh_if_made(self) -> None:
        if self._page is not None:
            self._refresh()

    def _refresh(self, _tab: object = None) -> None:
        self._desk.background.run(self._library.models, self._show, self._fail)

    def _show(self, models: list[InstalledModel]) -> None:
        self._listed = {model.id: model for model in models}
        self._manager.frame.set_count(Tab.MY_MODELS, len(models))
        if self._page is None or self._details is None:
            return
        now, book = datetime.now(UTC).astimezone(), self._desk.parts.online.licences
        chosen = self._models.chosen.id if self._models.chosen else ""
        rows = [shown_model(model, book, chosen, now) for model in models]
        self._page.show_models(rows)
        self._details.show({row.id: (model, row) for model, row in zip(models, rows, strict=True)})

    def _changed(self) -> None:
        """Something of the list was changed by us."""
        self._models.library_changed()
        self._refresh()

    def _use(self, model_id: str) -> None:
        model = self._listed.get(model_id)
        if model is not None and model.is_present:
            self._models.choose(model_id)
            self._manager.close()

    def _set_favourite(self, model_id: str, is_favourite: bool) -> None:  # noqa: FBT001 - as the signal says it
        self._change(lambda: self._library.set_favourite(model_id, is_favourite))

    def _rename(self, model_id: str, name: str) -> None:
        self._change(lambda: self._library.rename(model_id, name))

    def _set_note(self, model_id: str, note: str) -> None:
        self._change(lambda: self._library.set_note(model_id, note))

    def _remove(self, model_id: str) -> None:
        model = self._listed.get(model_id)
        if model is None:
            return

        def removed(forgotten: Forgotten) -> None:
            self._changed()
            sentence = tr("{name} is no longer in the list. Its file stays.", name=model.name)
            self._manager.frame.toasts.show_undo(sentence, lambda: self._bring_back(forgotten))

        self._desk.background.run(lambda: self._library.remove(model_id), removed, self._fail)

    def _bring_back(self, forgotten: Forgotten) -> None:
        self._change(lambda: self._library.put_back(forgotten))

    def _ask_before_deleting(self, model_id: str) -> None:
        model = self._listed.get(model_id)
        if model is not None:
            self._desk.background.run(
                lambda: self._library.deletion_of(model_id), partial(self._ask, model), self._fail
            )

    def _ask(self, model: InstalledModel, deletion: Deletion) -> None:
        delete = partial(self._let_go, model, deletion)
        question = deletion_question(model, deletion, lambda: self._remove(model.id), delete, self._theme)
        ask(question, self._desk.window, self._theme)

    def _let_go(self, model: InstalledModel, deletion: Deletion) -> None:
        """A model that is in memory comes out of it first; where that takes long, it is said."""
        waiting = QTimer(self, singleShot=True, interval=_SOON_MS)
        waiting.timeout.connect(partial(self._say_waiting, model))
        waiting.start()

        def out_of_memory() -> None:
            waiting.stop()
            waiting.deleteLater()
            self._delete(model, deletion)

        self._models.let_go(model, out_of_memory)

    def _say_waiting(self, model: InstalledModel) -> None:
        self._manager.notices.say(
            tr(
                "{name} goes to the bin as soon as it is out of memory; a reply that it is writing is finished first.",
                name=model.name,
            )
        )

    def _delete(self, model: InstalledModel, deletion: Deletion) -> None:
        def deleted(_files: object) -> None:
            self._changed()
            size = shown_size(deletion.size_bytes)
            self._manager.notices.say(tr("{name} is in the bin of this computer ({size}).", name=model.name, size=size))

        insists = deletion.touches_others
        self._desk.background.run(
            lambda: self._library.delete(model.id, even_if_not_ours=insists), deleted, self._delete_failed
        )

    def _delete_failed(self, error: PaddockError) -> None:
        self._changed()
        self._fail(error)

    def _took(self, models: list[InstalledModel]) -> None:
        self._changed()
        self._manager.notices.say(trn("{count:,} model is ready.", "{count:,} models are ready.", len(models)))

    def _change(self, work: Callable[[], object]) -> None:
        self._desk.background.run(work, lambda _result: self._changed(), self._not_changed)

    def _not_changed(self, error: PaddockError) -> None:
        """Show again what is true."""
        self._fail(error)
        self._refresh()

    def _fail(self, error: PaddockError) -> None:
        self._manager.notices.show(error)

"""Looking for models that are on this computer already, and taking those that the user wants."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from app.errors import PaddockError
from app.models.download.sizes import shown_size
from app.models.elsewhere.found_model import FoundModel
from app.models.elsewhere.search import Search
from app.models.installed import InstalledModel
from app.translation import tr
from app.ui.model_manager.found_models_page import FoundShown
from app.ui.model_manager.my_models_page import MyModelsPage
from app.ui.presenters.desk import Desk
from app.ui.presenters.errands import Errand, Errands
from app.ui.presenters.my_models_words import short_folder


class FoundModels(QObject):
    """Runs one search at a time. What it finds is shown by application; the user says what is taken."""

    def __init__(
        self,
        desk: Desk,
        page: MyModelsPage,
        failed: Callable[[PaddockError], None],
        taken: Callable[[list[InstalledModel]], None],
    ) -> None:
        """`taken` hears of the models that the user took."""
        super().__init__(page)
        self._library = desk.parts.models
        self._page = page
        self._failed = failed
        self._taken = taken
        self._errands = Errands(desk.bridge)
        self._errand: Errand | None = None
        self._found: dict[str, FoundModel] = {}
        page.look_requested.connect(self.look)
        page.found.stop_requested.connect(self.leave)
        page.found.back_requested.connect(self.leave)
        page.found.folder_requested.connect(self._look_in_folder)
        page.found.use_requested.connect(self._use)

    def look(self) -> None:
        """Look where applications keep their models, and in the folders that the user named before."""
        self._stop()
        self._page.found.show_looking()
        self._page.show_found_page()
        self._errand = self._errands.run(self._search, self._show, self._fail)

    def leave(self) -> None:
        """Stop looking, and go back to the list."""
        self._stop()
        self._page.show_list()

    def _search(self, is_stopped: Callable[[], bool]) -> tuple[list[FoundModel], Search]:
        search = Search(is_stopped=is_stopped)
        return self._library.scan(search=search), search

    def _show(self, outcome: tuple[list[FoundModel], Search]) -> None:
        self._errand = None
        found, search = outcome
        self._found = {str(number): model for number, model in enumerate(found)}
        rows = [_shown(id_, model) for id_, model in self._found.items()]
        self._page.found.show_found(sorted(rows, key=lambda row: row.owner.casefold()), _remark(search))

    def _fail(self, error: PaddockError) -> None:
        self.leave()
        self._failed(error)

    def _look_in_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self._page.window(), tr("Look in a folder"), str(Path.home()))
        if not folder:
            return
        try:
            self._library.keep_folders((*self._library.folders, Path(folder)))
        except PaddockError as error:
            self._failed(error)
            return
        self.look()

    def _use(self, ids: Sequence[str]) -> None:
        wanted = [self._found[id_] for id_ in ids]
        self._page.found.show_looking()
        self._errand = self._errands.run(lambda _: self._library.adopt(wanted), self._took, self._fail)

    def _took(self, models: list[InstalledModel]) -> None:
        self.leave()
        self._taken(models)

    def _stop(self) -> None:
        self._page.found.end()
        if self._errand is not None:
            self._errand.stop()
            self._errand = None


def _shown(id_: str, model: FoundModel) -> FoundShown:
    folder = short_folder(model.path.parent)
    return FoundShown(id_, model.name, str(model.owner) or tr("In your folders"), shown_size(model.size_bytes), folder)


def _remark(search: Search) -> str:
    """What was passed over."""
    said: list[str] = []
    if search.incomplete:
        said.append(tr("Models of which a part is missing were left out."))
    if search.unreadable:
        said.append(tr("Some folders may not be read."))
    if not search.is_complete:
        said.append(tr("There was more than could be looked at: name the folder that you miss."))
    return " ".join(said)

"""The pages of Discover: the list, a repository in its place, and the way from either to a download."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal

from app.errors import PaddockError
from app.models.catalogue import CatalogueModel
from app.models.download.model_download import ModelDownload
from app.models.hub_cache import Known
from app.models.offer import Offer
from app.models.repository import Repository
from app.models.repository_reference import RepositoryReference, parse_reference
from app.translation import tr
from app.ui.icons import Icons
from app.ui.model_manager.discover_page import DiscoverPage
from app.ui.model_manager.discover_tab import DiscoverTab
from app.ui.presenters.desk import Desk
from app.ui.presenters.discover_list import DiscoverList
from app.ui.presenters.discover_marks import Marks
from app.ui.presenters.discover_words import language_name
from app.ui.presenters.errands import Errand, Errands
from app.ui.presenters.licence_step import Choice, LicenceStepPresenter
from app.ui.presenters.model_manager import ModelManagerPresenter
from app.ui.presenters.models import ModelPresenter
from app.ui.presenters.repository_files import projector_of
from app.ui.presenters.repository_page import RepositoryPresenter
from app.ui.presenters.yardstick import Yardstick, given_back_bytes
from app.ui.theme import Theme


class DiscoverPages(QObject):
    """The pages of Discover and the rules between them. Nothing is asked of the hub before the user wants it."""

    token_wanted = Signal()
    """The user is to be shown where an access token is kept."""

    def __init__(
        self, desk: Desk, manager: ModelManagerPresenter, models: ModelPresenter, theme: Theme, icons: Icons
    ) -> None:
        """The catalogue is read now, from the disk."""
        super().__init__(desk.window)
        self._desk = desk
        self._manager = manager
        self._getting: Errand | None = None
        self._got_for = ""
        self._errands = Errands(desk.bridge)
        self._marks = Marks(desk.parts.models.models)
        self._yardstick = Yardstick(
            desk.parts.machine,
            desk.parts.speeds,
            lambda: given_back_bytes(models.loading.model),
            manager.show_machine,
        )
        self.licence_step = LicenceStepPresenter(desk, manager.notices, self._errands, theme, icons)
        self._repository = RepositoryPresenter(desk, self._errands, self._yardstick, self._marks)
        page = DiscoverPage(_languages(self._catalogue()), theme, icons)
        self.tab = DiscoverTab(page, self._repository.make_page(theme, icons))
        self._list = DiscoverList(desk.parts, self._errands, self._yardstick, self._marks, page)
        self._connect(page)

    def show_downloads(self, downloads: Sequence[ModelDownload]) -> None:
        """Show beside the models how far their downloads are."""
        self._marks.take(downloads)
        self._refresh()

    def show_repository(self, reference: RepositoryReference) -> None:
        """Show the page of a repository."""
        self._list.forget_trouble()
        self.tab.show_repository()
        self._repository.open(reference)

    def opened(self) -> None:
        """Look anew at what is here and what is free; measure the memory's speed the first time."""
        self._marks.look()
        self._measure()
        if self._desk.parts.machine.is_due:
            self._desk.background.run(self._desk.parts.machine.looked, lambda _: self._measure())
        speeds = self._desk.parts.speeds
        if speeds.bandwidth_bytes_per_s is None:
            self._desk.background.run(speeds.measure_bandwidth, lambda _: self._measure())

    def _connect(self, page: DiscoverPage) -> None:
        self._list.repository_wanted.connect(self.show_repository)
        page.opened.connect(self._show_id)
        page.get_requested.connect(self._get)
        self.tab.list_wanted.connect(self._back)
        self._repository.chosen.connect(self.licence_step.begin)
        self._repository.token_wanted.connect(self.token_wanted)
        self.licence_step.begun.connect(self._begun)
        self.licence_step.waiting.connect(self._show_busy)
        self.licence_step.open_models_wanted.connect(self._show_open_models)
        for face in (page, self.tab.repository):
            face.progress.stop_requested.connect(self._stop)

    def _measure(self) -> None:
        self._yardstick.look()
        self._list.measure()
        self._repository.refresh()

    def _refresh(self) -> None:
        """Show what is on its way now; a page that nobody sees is shown anew when it is opened."""
        if self.tab.isVisible():
            self._list.refresh()
            self._repository.refresh()

    def _catalogue(self) -> Sequence[CatalogueModel]:
        return self._desk.parts.online.catalogue.models

    def _show_id(self, id_: str) -> None:
        reference = parse_reference(id_)
        if reference is not None:
            self.show_repository(reference)

    def _back(self) -> None:
        self._repository.stop()
        self._list.measure()  # by the look that its page has taken
        self.tab.show_list()

    def _get(self, id_: str) -> None:
        """Ask what the repository of a hand-picked model holds now; then comes its licence."""
        model = self._desk.parts.online.catalogue.find(id_)
        reference = parse_reference(id_)
        if model is None or reference is None:
            return
        self._stop_getting()
        self._list.forget_trouble()
        self._got_for = id_
        self._marks.asking(id_)
        self._refresh()
        self._show_busy(tr("Asking the hub about {name}…", name=model.name))
        self._getting = self._errands.run(
            lambda is_stopped: self._desk.parts.online.hub.repository(reference, is_stopped),
            partial(self._got, model, reference),
            partial(self._not_got, id_),
        )

    def _got(self, model: CatalogueModel, reference: RepositoryReference, known: Known[Repository]) -> None:
        if known.trouble is not None:
            self._not_got(model.repository, known.trouble)
            return
        self._stop_getting()
        found = known.value.find(model.usual_file.name)
        if not found or not found[0].is_whole or known.value.is_gated:
            self.show_repository(reference)  # its publisher changed something: the page shows what there is now
            return
        projector = projector_of(known.value) if model.reads_pictures else None
        self.licence_step.begin(Choice(Offer(known.value, found[0], projector), model.name))

    def _not_got(self, id_: str, error: PaddockError) -> None:
        self._stop_getting()
        self._list.say_trouble(error, partial(self._get, id_))

    def _stop_getting(self) -> None:
        """Give up what is asked before a licence can be shown, or see that it is over."""
        if self._getting is not None:
            self._getting.stop()
            self._getting = None
            self._marks.asked(self._got_for)
            self._show_busy("")
            self._refresh()

    def _show_busy(self, sentence: str) -> None:
        """Show on the face that is seen that something is waited for; "" that nothing is, wherever it was begun."""
        for face in (self.tab.page, self.tab.repository):
            face.progress.end(self)
        if sentence:
            self.tab.face.progress.begin(sentence, self)

    def _stop(self) -> None:
        self._stop_getting()
        self.licence_step.stop()

    def _begun(self, name: str) -> None:
        self._refresh()
        self._manager.notices.say(tr("{name} is in the list of downloads.", name=name))

    def _show_open_models(self) -> None:
        self._back()
        self._list.show_open_models()
        self.tab.setFocus(Qt.FocusReason.OtherFocusReason)


def _languages(models: Sequence[CatalogueModel]) -> list[tuple[str, str]]:
    """All languages of the hand-picked models: the filter offers those."""
    codes = dict.fromkeys(language for model in models for language in model.languages)
    return sorted(((code, language_name(code)) for code in codes), key=lambda each: each[1])

"""The page of a repository: read when somebody opens it, measured by the header of one of its files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal

from app.errors import PaddockError
from app.gguf.header_error import ModelHeaderError
from app.models.catalogue import CatalogueModel
from app.models.geometry import Geometry, geometry_of_catalogue
from app.models.hub_cache import Known
from app.models.hub_errors import GatedError
from app.models.offer import Offer
from app.models.order import offered_name
from app.models.repository import Repository
from app.models.repository_fit import HeaderLook, file_to_look_into, geometries_of, look_into
from app.models.repository_reference import RepositoryReference
from app.translation import told, told_apart, tr
from app.ui.icons import Icons
from app.ui.model_manager.repository_page import RepositoryPage
from app.ui.model_manager.repository_page_shown import RepositoryShown
from app.ui.model_manager.repository_page_words import card_strips
from app.ui.presenters.desk import Desk
from app.ui.presenters.discover_marks import Marks
from app.ui.presenters.discover_words import shown_moment
from app.ui.presenters.errands import Errand, Errands, IsStopped
from app.ui.presenters.licence_step import Choice
from app.ui.presenters.repository_files import Measurement, files_shown, key, projector_of
from app.ui.presenters.repository_words import gate_sentence, repository_shown
from app.ui.presenters.yardstick import Yardstick
from app.ui.theme import Theme
from app.ui.transcript.strips import Strip


@dataclass(frozen=True, slots=True)
class _Read:
    """What came of a repository, made ready off the GUI thread."""

    known: Known[Repository]
    strips: tuple[Strip, ...]


class RepositoryPresenter(QObject):
    """Shows one repository at a time; opening another gives up what is still on its way for the one before."""

    chosen = Signal(object)
    """A `Choice` that somebody wants to download."""
    token_wanted = Signal()

    def __init__(self, desk: Desk, errands: Errands, yardstick: Yardstick, marks: Marks) -> None:
        super().__init__(desk.window)
        self._desk = desk
        self._errands = errands
        self._yardstick = yardstick
        self._marks = marks
        self._errand: Errand | None = None
        self._reference: RepositoryReference | None = None
        self._repository: Repository | None = None
        self._measurement = Measurement({})
        self._header_licence: str | None = None
        self._is_refused = False

    def make_page(self, theme: Theme, icons: Icons) -> RepositoryPage:
        """Make the page; it is shown by whoever wants it."""
        page = self._page = RepositoryPage(theme, icons)
        page.progress.stop_requested.connect(self.stop)
        page.notice.acted.connect(self._again)
        page.seen.connect(self._look_for_token)
        page.token_wanted.connect(self.token_wanted)
        page.files.get_requested.connect(self._choose)
        page.files.context_chosen.connect(self._reckon_with)
        return page

    def open(self, reference: RepositoryReference) -> None:
        """Ask the hub for a repository and show it."""
        self.stop()
        self._reference, self._repository = reference, None
        self._measurement = Measurement({})
        self._header_licence = None
        self._is_refused = False
        page = self._page
        page.notice.clear()
        page.files.hide()
        page.show_description(())
        page.show_repository(
            RepositoryShown(reference.id, reference.name, reference.owner, self._address(reference.id))
        )
        page.scroll_to_top()
        page.progress.begin(tr("Asking the hub about {name}…", name=reference.id))
        self._errand = self._errands.run(lambda is_stopped: self._read(reference, is_stopped), self._show, self._fail)

    def stop(self) -> None:
        """Give up what is on its way."""
        if self._errand is not None:
            self._errand.stop()
            self._errand = None
            self._page.progress.end()

    def refresh(self) -> None:
        """Show the files as they are now: memory, or what is on its way, is something else."""
        if self._repository is not None:
            shown = files_shown(self._repository, self._measurement, self._yardstick, self._marks)
            self._page.files.show_files(shown)

    def _read(self, reference: RepositoryReference, is_stopped: IsStopped) -> _Read:
        known = self._desk.parts.online.hub.repository(reference, is_stopped)
        return _Read(known, card_strips(known.value.description))

    def _show(self, read: _Read) -> None:
        self._errand = None
        self._page.progress.end()
        repository = self._repository = read.known.value
        said = self._reference.file if self._reference else None
        self._measurement = Measurement({}, asked_for=repository.find(said) if said else ())
        self._page.show_repository(self._shown(repository))
        self._page.show_description(read.strips)
        self._say(read.known)
        self.refresh()
        self._measure(repository)

    def _say(self, known: Known[Repository]) -> None:
        notice = self._page.notice
        if known.trouble is not None:
            kept = tr("What stands here is what the hub said on {when}.", when=shown_moment(known.at))
            notice.say(told(known.trouble), kept, icon="fence", action=tr("Try again"))
        elif not known.value.models:
            notice.say(
                tr("There is no GGUF file in this repository, so Paddock cannot use it."),
                tr("Others often publish one: search for its name with “GGUF”."),
            )
        else:
            notice.clear()

    def _fail(self, error: PaddockError) -> None:
        self._errand = None
        self._page.progress.end()
        self._page.notice.say(*told_apart(error), icon="triangle-alert", action=tr("Try again"))

    def _again(self) -> None:
        if self._reference is not None:
            self.open(self._reference)

    def _measure(self, repository: Repository) -> None:
        """Look into the header of one file: the others have the same layers."""
        file = file_to_look_into(repository)
        if file is None:
            return
        self._page.progress.begin(tr("Reading how large its layers are…"))
        self._errand = self._errands.run(
            lambda is_stopped: look_into(self._desk.parts.online.hub, repository, file, is_stopped),
            partial(self._take_look, repository),
            self._no_header,
        )

    def _take_look(self, repository: Repository, look: HeaderLook) -> None:
        self._header_licence = look.facts.licence
        geometries = {key(file): geometry for file, geometry in geometries_of(repository, look)}
        self._measured(geometries, "" if geometries else tr("Its header does not tell how much memory it needs."))

    def _no_header(self, error: PaddockError) -> None:
        """Say why nothing was measured; a hand-picked model is known without a header."""
        repository = self._repository
        self._is_refused = isinstance(error, GatedError)
        if repository is not None and self._is_refused:
            shown = self._shown(repository)
            self._page.show_repository(replace(shown, gate=gate_sentence(has_token=bool(self._token()))))
        model = self._desk.parts.online.catalogue.find(repository.id) if repository else None
        geometries = _by_catalogue(repository, model) if repository and model else {}
        why = told_apart(error)[0] if not isinstance(error, ModelHeaderError) else told(error)
        self._measured(geometries, "" if geometries else tr("Whether they fit is not known: {why}", why=why))

    def _measured(self, geometries: dict[str, Geometry], trouble: str) -> None:
        self._errand = None
        self._page.progress.end()
        self._measurement = replace(self._measurement, geometries=geometries, trouble=trouble)
        self.refresh()

    def _reckon_with(self, n_ctx: int) -> None:
        self._measurement = replace(self._measurement, n_ctx=n_ctx)
        self._yardstick.look()
        self.refresh()

    def _choose(self, path: str) -> None:
        repository = self._repository
        file = next((file for file in repository.models if key(file) == path), None) if repository else None
        if repository is None or file is None or self._marks.state(repository.id, path):
            return
        if self._is_refused:  # the hub has just said no: what helps stands above
            self._page.scroll_to_top()
            self._page.gate.button.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        projector = projector_of(repository) if self._page.files.wants_projector else None
        offer = Offer(repository, file, projector, self._header_licence)
        self.chosen.emit(Choice(offer, offered_name(offer, self._desk.parts.online.catalogue)))

    def _look_for_token(self) -> None:
        """Let somebody who was refused, and has brought a token since, try again."""
        if self._repository is not None and self._is_refused and self._token():
            self._is_refused = False
            self._page.show_repository(self._shown(self._repository))

    def _shown(self, repository: Repository) -> RepositoryShown:
        online, has_token = self._desk.parts.online, bool(self._token())
        no_keyring = online.credentials.trouble
        address = self._address(repository.id)
        return repository_shown(repository, online.licences, address, has_token=has_token, no_keyring=no_keyring)

    def _token(self) -> str | None:
        return self._desk.parts.online.credentials.token()

    def _address(self, repository: str) -> str:
        """Where its page is; "" where no hub is set that may be asked, which asking will tell."""
        try:
            return f"{self._desk.parts.online.hub_address()}/{repository}"
        except PaddockError:
            return ""


def _by_catalogue(repository: Repository, model: CatalogueModel) -> dict[str, Geometry]:
    """The geometries of those files that the catalogue knows."""
    known = {file.name.casefold(): file for file in model.files}
    found = {key(file): known.get(key(file).rpartition("/")[2].casefold()) for file in repository.models}
    return {path: geometry_of_catalogue(model, file) for path, file in found.items() if file is not None}

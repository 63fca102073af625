"""The downloads in the window: shown, steered, and handed to the library when they are complete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.errors import PaddockError
from app.models.download.disk_room import DiskRoom
from app.models.download.download import Download, DownloadChanged, DownloadEvent, DownloadRemoved, DownloadState
from app.models.download.model_download import ModelDownload, by_model, model_key
from app.models.installed import InstalledModel
from app.network.errors import GateClosedError, NotAllowedError
from app.network.gate import NetworkPolicy
from app.translation import tr
from app.ui.downloads_bar import DownloadsBar
from app.ui.icons import Icons
from app.ui.model_manager.downloads_wish import Wish
from app.ui.model_manager.tab import Tab
from app.ui.notice import NoticeAction
from app.ui.presenters.desk import Desk
from app.ui.presenters.download_arrivals import DownloadArrivals
from app.ui.presenters.download_orders import DownloadOrders
from app.ui.presenters.download_room import DownloadRoom
from app.ui.presenters.model_manager import ModelManagerPresenter
from app.ui.theme import Theme
from app.ui.toast import ToastArea

if TYPE_CHECKING:
    from app.models.download.leftovers import Leftovers
    from app.ui.model_manager.downloads_page import DownloadsPage

_OPEN_STATES: Final = frozenset({DownloadState.RUNNING, DownloadState.WAITING})
_OWN_WISH: Final = (GateClosedError, NotAllowedError)
"""What the user has just said needs no notice."""
_AFTER_FIRST_PAINT_MS: Final = 300


class DownloadsPresenter(QObject):
    """Hears what happens to downloads, and does what is wished of them."""

    changed = Signal(object)
    """All downloads, as a tuple of `ModelDownload`."""
    progressed = Signal(object)
    """How much of all that runs is here, 0 to 1; None while nothing runs."""
    arrived = Signal(object)
    """The `InstalledModel` that a download became."""
    use_requested = Signal(str)
    """The id of a model."""

    def __init__(self, desk: Desk, manager: ModelManagerPresenter, theme: Theme, icons: Icons) -> None:
        """Nothing is looked at before `start`."""
        super().__init__(desk.window)
        self._desk = desk
        self._manager = manager
        self._theme = theme
        self._icons = icons
        self._page: DownloadsPage | None = None
        self._leftovers: Leftovers | None = None
        self._downloads: dict[str, Download] = {}
        self._leaving: dict[str, ModelDownload] = {}
        """Those that are cancelled when nobody has taken it back, by their keys."""
        self._orders = DownloadOrders(desk, self._say)
        self._arrivals = DownloadArrivals(desk.parts, self._orders, self._welcome)
        self.room = DownloadRoom(desk.parts.paths.models, DiskRoom(), self._orders.resume, self)
        self.bar = DownloadsBar(theme, icons)
        desk.window.set_foot(self.bar)
        self.bar.clicked.connect(self.open)
        self.bar.pause_requested.connect(self._pause)
        self.bar.resume_all_requested.connect(self._resume_interrupted)
        manager.add_tab(Tab.DOWNLOADS, self._make_page, self._opened)
        desk.parts.online.listen(lambda event: desk.bridge.post(lambda: self._hear(event)))

    def start(self) -> None:
        """Show what an earlier run of the program left, once the window is painted. Nothing is connected to.

        A model whose files all came before that run ended joins the library now.
        """
        if self._desk.parts.paths.downloads.exists():
            QTimer.singleShot(_AFTER_FIRST_PAINT_MS, self, self._orders.recognise)

    def close(self) -> None:
        """Cancel what nobody took back. What runs is interrupted by the end of Paddock; its next start offers it."""
        for model in self._leaving.values():
            self._orders.cancel(model)
        self._orders.close()

    def open(self) -> None:
        """Show the page of downloads."""
        self._manager.open(tab=Tab.DOWNLOADS)

    def limits_changed(self) -> None:
        """Have a change of the settings felt at once."""
        if self._downloads:
            self._orders.run(lambda queue: queue.limits_changed())

    def policy_changed(self, policy: NetworkPolicy) -> None:
        """Go on with what only the offline switch has stopped, once it is off again."""
        if policy is not NetworkPolicy.OFFLINE:
            self._orders.resume(*(model for model in self.models if _stopped_by_switch(model)))

    @property
    def models(self) -> tuple[ModelDownload, ...]:
        """All downloads, but for those that are about to be cancelled."""
        return tuple(model for model in by_model(self._downloads.values()) if model.key not in self._leaving)

    def _hear(self, event: DownloadEvent) -> None:
        match event:
            case DownloadChanged(download):
                before = self._downloads.get(download.id)
                self._downloads[download.id] = download
                if before is None or before.state is not download.state:
                    self._entered(before, download)
            case DownloadRemoved(id_):
                self._downloads.pop(id_, None)
            case _:
                ids = {id_: place for place, id_ in enumerate(event.ids)}
                known = self._downloads.items()
                self._downloads = dict(sorted(known, key=lambda item: ids.get(item[0], len(ids))))
        self._show()

    def _entered(self, before: Download | None, download: Download) -> None:
        """A download is in a new state."""
        if download.state is DownloadState.FINISHED:
            self._arrivals.finished(download)
        if before is not None and before.state not in _OPEN_STATES and download.state in _OPEN_STATES:
            self._leaving.pop(model_key(download.wanted), None)  # somebody wants it after all
        trouble = download.trouble
        if isinstance(trouble, GateClosedError) and not self._desk.parts.online.gate.is_offline:
            self.policy_changed(NetworkPolicy.ASK)  # it is off again before the download has heard that it was on
        if trouble is not None and not isinstance(trouble, _OWN_WISH) and not self._is_seen:
            self._say(trouble, NoticeAction(tr("Show the downloads"), self.open))

    def _show(self) -> None:
        models = self.models
        self.bar.show_models(models)
        self.room.follow(models)
        unfinished = sum(model.state is not DownloadState.FINISHED for model in models)
        self._manager.frame.set_count(Tab.DOWNLOADS, unfinished)
        if self._page is not None:
            self._page.show_models(models)
        self.changed.emit(models)
        self.progressed.emit(_fraction(models))

    @property
    def _is_seen(self) -> bool:
        return self._page is not None and self._page.isVisible()

    def _make_page(self) -> DownloadsPage:
        from app.ui.model_manager.downloads_page import DownloadsPage  # noqa: PLC0415 - the first window need not wait

        page = self._page = DownloadsPage(self._theme, self._icons)
        page.seen.connect(self.bar.set_offering)
        page.wished.connect(self._do)
        page.moved.connect(self._move)
        page.resume_all_requested.connect(self._resume_interrupted)
        page.throw_away_requested.connect(self._throw_away)
        page.discover_requested.connect(self._discover)
        page.show_models(self.models)
        return page

    def _discover(self) -> None:
        self._manager.open(tab=Tab.DISCOVER)

    def _opened(self) -> None:
        """Somebody looks: another Paddock may have added something, or ended what it had."""
        if self._desk.parts.paths.downloads.exists():
            self._orders.run(lambda queue: queue.look_again())
        self._look_for_leftovers()

    def _look_for_leftovers(self) -> None:
        if self._desk.parts.paths.models.is_dir():
            self._orders.look_for_leftovers(self._show_leftovers)

    def _show_leftovers(self, leftovers: Leftovers) -> None:
        self._leftovers = leftovers
        if self._page is not None:
            self._page.show_leftovers(leftovers)

    def _throw_away(self) -> None:
        if self._leftovers is not None:
            self._orders.throw_away(self._leftovers, self._look_for_leftovers)

    def _find(self, key: str) -> ModelDownload | None:
        return next((model for model in self.models if model.key == key), None)

    def _do(self, key: str, wish: Wish) -> None:
        model = self._find(key)
        if model is not None:
            self._deeds[wish](model)

    @property
    def _deeds(self) -> Mapping[Wish, Callable[[ModelDownload], None]]:
        return {
            Wish.PAUSE: self._orders.pause,
            Wish.RESUME: self._orders.resume,
            Wish.CANCEL: self._cancel,
            Wish.USE: self._use,
            Wish.REVEAL: self._reveal,
            Wish.FORGET: self._orders.forget,
            Wish.MOVE_UP: partial(self._step, -1),
            Wish.MOVE_DOWN: partial(self._step, 1),
        }

    def _pause(self, key: str) -> None:
        self._do(key, Wish.PAUSE)

    def _resume_interrupted(self) -> None:
        self._orders.resume(*(model for model in self.models if model.state is DownloadState.INTERRUPTED))

    def _cancel(self, model: ModelDownload) -> None:
        """Stop it and take it away, but throw nothing away as long as it can be taken back."""
        was_at_work = model.state in _OPEN_STATES
        self._orders.pause(model)
        self._leaving[model.key] = model
        self._show()
        text = tr("The download of {name} was cancelled.", name=model.shown_as)
        toast = self._toasts.show_undo(text, lambda: self._take_back(model, was_at_work=was_at_work))
        toast.gone.connect(lambda: self._let_go(model.key))

    def _take_back(self, model: ModelDownload, *, was_at_work: bool) -> None:
        self._leaving.pop(model.key, None)
        if was_at_work:
            self._orders.resume(model)
        self._show()

    def _let_go(self, key: str) -> None:
        model = self._leaving.pop(key, None)
        if model is not None:
            for id_ in model.ids:
                self._downloads.pop(id_, None)
            self._orders.cancel(model)

    def _use(self, model: ModelDownload) -> None:
        installed = self._arrivals.model(model.key)
        if installed is not None:
            self.use_requested.emit(installed.id)

    def _reveal(self, model: ModelDownload) -> None:
        from app.ui.reveal import reveal  # noqa: PLC0415 - it brings D-Bus along

        reveal(self._desk.parts.paths.models / model.model_name, self._say, self)

    def _step(self, step: int, model: ModelDownload) -> None:
        keys = [each.key for each in self._unfinished()]
        if model.key in keys:
            self._move(model.key, max(0, keys.index(model.key) + step))

    def _unfinished(self) -> list[ModelDownload]:
        return [model for model in self.models if model.state is not DownloadState.FINISHED]

    def _move(self, key: str, place: int) -> None:
        moved, unfinished = self._find(key), self._unfinished()
        if moved not in unfinished:  # it was finished, or taken away, while it was moved
            return
        unfinished.remove(moved)
        unfinished.insert(place, moved)
        self._orders.put_in_order([id_ for model in unfinished for id_ in model.ids])

    def _welcome(self, model: InstalledModel) -> None:
        self.arrived.emit(model)
        self._toasts.show_action(
            tr("{name} is here.", name=model.name), tr("Use it now"), lambda: self.use_requested.emit(model.id)
        )

    def _say(self, error: PaddockError, action: NoticeAction | None = None) -> None:
        (self._manager.notices if self._manager.is_open else self._desk.notices).show(error, action)

    @property
    def _toasts(self) -> ToastArea:
        return self._manager.frame.toasts if self._manager.is_open else self._desk.window.toasts


def _stopped_by_switch(model: ModelDownload) -> bool:
    return model.state is DownloadState.PAUSED and isinstance(model.trouble, GateClosedError)


def _fraction(models: tuple[ModelDownload, ...]) -> float | None:
    """Of all that runs or waits for its turn, while something runs."""
    if not any(model.state is DownloadState.RUNNING for model in models):
        return None
    at_work = [model for model in models if model.state in _OPEN_STATES]
    size_bytes = sum(model.size_bytes for model in at_work)
    return sum(model.received_bytes for model in at_work) / size_bytes if size_bytes else 0.0

"""What the workshop does by itself when it has been calm for a while, and how it gives way."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QObject, QTimer
from typing_extensions import override

from app.engine.worker import EngineLost, Job, WorkerEvent
from app.errors import PaddockError
from app.hardware import disk_free, memory
from app.models.installed import InstalledModel
from app.translation import tr
from app.ui.presenters.conversations import ConversationPresenter
from app.ui.presenters.desk import Desk
from app.ui.presenters.models import ModelPresenter
from app.ui.presenters.workshop import WorkshopPresenter
from app.ui.presenters.workshop_run import WorkshopRun
from app.ui.presenters.workshop_words import question_words, result_words
from app.workshop.convert import Converted
from app.workshop.copies import Copy, copies_of
from app.workshop.errors import StoppedConversionError
from app.workshop.idle_offer import AskToConvert, MakeCopy, Offer, ShowCopy, Surroundings, next_offer
from app.workshop.offer_book import OfferBook

CALM_MS: Final = 4 * 60_000
_AFTER_START_MS: Final = 2000
"""What was offered before and not answered is shown again when the window has been there for a moment."""
_ACTIVITY: Final = frozenset(
    {QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin, QEvent.Type.Wheel}
)
_log = logging.getLogger(__name__)


class IdleWorkshop(QObject):
    """Makes one offer at a time, each once. It ends at once what it does as soon as a key is pressed or a job comes."""

    def __init__(
        self,
        desk: Desk,
        workshop: WorkshopPresenter,
        conversations: ConversationPresenter,
        models: ModelPresenter,
        may_work: Callable[[], bool],
        calm_ms: int = CALM_MS,
    ) -> None:
        """Begin to wait for calm, which lasts `calm_ms`."""
        super().__init__(desk.window)
        self._desk = desk
        self._workshop = workshop
        self._conversations = conversations
        self._models = models
        self.may_work = may_work
        self._book = OfferBook(desk.parts.paths.workshop_offers)
        self._run: WorkshopRun | None = None
        self._unnoted: Callable[[], None] | None = None
        self._source: InstalledModel | None = None
        self._shown: tuple[InstalledModel, Converted] | None = None
        self._is_calm = False
        self._has_shown = False
        self.calm = QTimer(self, singleShot=True, interval=calm_ms)
        """How long nothing has been done; what is due is done at its end."""
        self.calm.timeout.connect(self._look)
        window = desk.window
        window.installEventFilter(self)
        window.composer.draft_changed.connect(self.disturb)
        window.closing.connect(self._close)
        workshop.started.connect(self.disturb)
        conversations.shown.connect(self.disturb)
        conversations.replying_changed.connect(self.disturb)
        models.loading.settled.connect(self.disturb)
        models.changed.connect(self._look_at_shown)
        desk.parts.engine.add_watcher(self._follow)
        self.calm.start()
        QTimer.singleShot(_AFTER_START_MS, self, self._look_for_unanswered)

    @property
    def is_working(self) -> bool:
        """Whether something is being converted."""
        return self._run is not None

    def disturb(self) -> None:
        """Somebody does something: give way, and wait for calm anew."""
        self._is_calm = False
        if self._run is not None:
            self._run.stop()
        self.calm.start()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys and clicks pass the native window, which is there once the window is shown, before any widget."""
        if watched is self._desk.window:
            if event.type() == QEvent.Type.Show:
                handle = self._desk.window.windowHandle()
                handle.removeEventFilter(self)
                handle.installEventFilter(self)
        elif event.type() in _ACTIVITY:
            self.disturb()
        return False

    def permission_changed(self) -> None:
        """On a low battery nothing is gone on with."""
        if not self.may_work():
            self.disturb()

    def _follow(self, job: Job, event: WorkerEvent) -> None:
        """On the worker's thread: what somebody waits for has begun."""
        run = self._run
        if run is not None and not job.at_idle and not isinstance(event, EngineLost):
            run.stop()

    def _look(self) -> None:
        is_busy = self._workshop.is_busy or self._models.loading.is_busy or bool(self._conversations.replying_ids)
        if is_busy or self._run is not None or self._workshop.card.isVisible():
            self.calm.start()
            return
        self._is_calm = True
        self._desk.background.run(self._next_offer, self._take_up, self._give_up)

    def _next_offer(self) -> Offer | None:
        paths = self._desk.parts.paths
        there = Surroundings(self.may_work(), disk_free(paths.models), memory().available_bytes)
        return next_offer(self._desk.parts.models.models(), self._book.noted(), there)

    def _look_for_unanswered(self) -> None:
        """What was made before needs no calm to be shown."""
        nothing_new = Surroundings(may_work=False, free_disk_bytes=0, free_memory_bytes=0)
        library = self._desk.parts.models
        self._desk.background.run(
            lambda: next_offer(library.models(), self._book.noted(), nothing_new), self._show_unanswered, self._give_up
        )

    def _show_unanswered(self, offer: Offer | None) -> None:
        if isinstance(offer, ShowCopy) and not self._has_shown and not self._workshop.card.isVisible():
            self._show(offer.model, offer.converted)

    def _take_up(self, offer: Offer | None) -> None:
        match offer if self._is_calm else None:
            case MakeCopy(model, target):
                self._make(model, target)
            case ShowCopy(model, converted):
                self._show(model, converted)
            case AskToConvert(model, target) as question:
                self._settle(model)
                convert = partial(self._workshop.open_convert, model.id, target)
                self._workshop.offer(question_words(question), convert, lambda: None)
            case None:
                self.calm.start()

    def _make(self, model: InstalledModel, target: str) -> None:
        if not self.may_work() or self._workshop.is_busy:
            return
        path, jobs = model.path, self._workshop.jobs
        self._source = model
        self._run = WorkshopRun(
            self._desk, lambda report, interruption: jobs.convert(path, target, report, interruption)
        )
        self._run.ended.connect(partial(self._ended, model))
        self._run.start()

    def _ended(self, model: InstalledModel, result: object) -> None:
        if self._run is not None:
            self._run.deleteLater()
            self._run = None
        match result:
            case Converted() as converted if converted.comparison.pays:
                self._note(model, converted)
                self._show(model, converted)
            case Converted(path):
                self._settle(model)
                self._workshop.throw_away(path)
            case StoppedConversionError():
                self.calm.start()
            case PaddockError() as error:  # nobody asked for it, so nobody needs to know
                _log.warning("A conversion at idle failed: %s (%s)", error, error.details)
                self._settle(model)
            case _:
                pass

    def _look_at_shown(self) -> None:
        """Whoever has such a copy by now, however it came about, needs not be asked any more."""
        if self._shown is None:
            return
        model, converted = self._shown
        library, target = self._desk.parts.models, converted.comparison.after.quantization

        def take(copies: Mapping[str, Copy]) -> None:
            if self._shown is not None and self._shown[1] is converted and target in copies:
                self._workshop.withdraw()
                self._settle(model)
                self._workshop.throw_away(converted.path)

        self._desk.background.run(lambda: copies_of(model, library.models(), {}), take, self._give_up)

    def _show(self, model: InstalledModel, converted: Converted) -> None:
        self._has_shown = True
        self._shown = model, converted

        def use() -> None:
            self._settle(model)
            self._workshop.use(model, converted)

        def leave() -> None:
            self._settle(model)
            self._workshop.throw_away(converted.path)

        self._workshop.offer(result_words(model, converted, no=tr("Keep as it is")), use, leave)

    def _note(self, model: InstalledModel, converted: Converted) -> None:
        def noted(_nothing: None) -> None:
            if self._unnoted is made:
                self._unnoted = None

        made = self._unnoted = partial(self._book.made, model, converted)
        self._desk.background.run(made, noted, self._give_up)

    def _settle(self, model: InstalledModel) -> None:
        self._unnoted = self._shown = None
        self._write(lambda: self._book.settle(model))

    def _write(self, write: Callable[[], None]) -> None:
        self._desk.background.run(write, lambda _: None, self._give_up)

    def _give_up(self, error: PaddockError) -> None:
        _log.warning("The offers of the workshop cannot be kept: %s (%s)", error, error.details)

    def _close(self) -> None:
        self.calm.stop()
        result = self._run.close() if self._run is not None else None
        if isinstance(result, Converted) and self._source is not None:
            if result.comparison.pays:
                self._unnoted = partial(self._book.made, self._source, result)
            else:
                self._unnoted = partial(self._book.settle, self._source)
                result.path.unlink(missing_ok=True)
        unnoted, self._unnoted = self._unnoted, None
        if unnoted is not None:  # else the copy would lie there unknown, and another one be made the next time
            try:
                unnoted()
            except PaddockError as error:
                self._give_up(error)

"""Converting a model in the window: which type, how far it is, what came of it, and what becomes of the copy."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final, cast

from PySide6.QtCore import QObject, Signal

from app.errors import PaddockError
from app.models.download.sizes import shown_size
from app.models.installed import InstalledModel
from app.translation import told_apart, tr
from app.ui.icons import Icons
from app.ui.model_manager.sheet import Sheet
from app.ui.presenters.desk import Desk
from app.ui.presenters.models import ModelPresenter
from app.ui.presenters.workshop_run import Work, WorkshopRun
from app.ui.presenters.workshop_words import progress_of, result_words
from app.ui.text_button import TextButton
from app.ui.theme import Theme
from app.ui.workshop_card import CardWords, WorkshopCard
from app.ui.workshop_result import ResultView
from app.ui.workshop_sheet import WIDTH, ProgressView, SaidView, TroubleView, WorkshopSheet
from app.ui.workshop_types import TypeList
from app.workshop.comparison import Advice
from app.workshop.convert import Choice, Converted, Phase
from app.workshop.copies import Copy, copies_of
from app.workshop.errors import StoppedConversionError
from app.workshop.jobs import WorkshopJobs
from app.workshop.offer_book import OfferBook

_USUAL: Final = ("Q8_0", "Q4_K_M", "Q6_K")
_log = logging.getLogger(__name__)


class WorkshopPresenter(QObject):
    """Converts one model at a time. A copy is kept unless somebody says that it is to be thrown away."""

    started = Signal()
    """Somebody has a model converted, or looks at what it could become."""

    def __init__(self, desk: Desk, models: ModelPresenter, jobs: WorkshopJobs, theme: Theme, icons: Icons) -> None:
        """Put the card above the composer; it is hidden."""
        super().__init__(desk.window)
        self._desk = desk
        self._models = models
        self.jobs = jobs
        self._theme = theme
        self._run: WorkshopRun | None = None
        self._sheet: Sheet | None = None
        self._content: WorkshopSheet | None = None
        self._progress: ProgressView | None = None
        self._undecided: Callable[[], None] | None = None
        self._source_id = ""
        self._unlisted: dict[Path, str] = {}
        self._answers: tuple[Callable[[], None], Callable[[], None]] | None = None
        self.card = WorkshopCard(theme, icons)
        self.card.yes.connect(lambda: self._answer(0))
        self.card.no.connect(lambda: self._answer(1))
        desk.window.place_above_composer(self.card)
        desk.window.closing.connect(self.close)

    @property
    def is_busy(self) -> bool:
        """Whether somebody converts a model, or is about to."""
        return self._run is not None or self._sheet is not None

    def close(self) -> None:
        """End what runs; nothing of it is left but a copy that is whole: that is taken into the list at once."""
        self._undecided = None
        result = self._run.close() if self._run is not None else None
        if isinstance(result, Converted):
            self._unlisted[result.path] = self._source_id
        for path, source_id in self._unlisted.items():
            try:
                self._desk.parts.models.add_converted(path, source_id=source_id)
            except PaddockError as error:  # nobody is there any more to read it
                _log.warning("The copy %s is in no list: %s (%s)", path, error, error.details)
        self._unlisted.clear()

    def open_convert(self, model_id: str, target: str = "") -> None:
        """Let the user choose to what the model is converted; `target` is proposed. While one is, show that."""
        if self._sheet is not None:
            return
        try:
            model = self._desk.parts.models.by_id(model_id)
            path = model.loadable_path()
        except PaddockError as error:
            self._desk.notices.show(error)
            return
        self._open_sheet(tr("Convert {name}", name=model.name))
        if self._run is None:
            self._show_progress(tr("Looking at the model."), hides=False)
            self._start(
                lambda _report, interruption: (self.jobs.choices(path, interruption), self._copies(model)),
                partial(self._choose, model, target),
            )
        else:
            self._show_progress(tr("A copy is being made already. One comes after the other."), hides=True)

    def offer(self, words: CardWords, yes: Callable[[], None], no: Callable[[], None]) -> None:
        """Ask on the card, in place of what it asked before."""
        self._answers = yes, no
        self.card.show_words(words)

    def withdraw(self) -> None:
        """What the card asks is answered otherwise."""
        self._answers = None
        self.card.hide()

    def use(self, model: InstalledModel, converted: Converted) -> None:
        """Take the copy into the list, and have it answer from now on."""
        self._take(model, converted, self._choose_model)

    def keep(self, model: InstalledModel, converted: Converted) -> None:
        """Take the copy into the list."""
        self._take(model, converted, lambda _copy: None)

    def throw_away(self, path: Path) -> None:
        """Delete the copy, unless somebody has taken it into the list meanwhile."""
        library = self._desk.parts.models

        def delete() -> None:
            if all(path not in model.files for model in library.models()):
                path.unlink(missing_ok=True)

        self._unlisted.pop(path, None)
        self._desk.background.run(delete, lambda _: None)

    def _answer(self, number: int) -> None:
        answers, self._answers = self._answers, None
        if answers is not None:
            answers[number]()

    def _take(self, model: InstalledModel, converted: Converted, then: Callable[[InstalledModel], None]) -> None:
        def taken(copy: InstalledModel) -> None:
            self._unlisted.pop(converted.path, None)
            self._models.library_changed()
            then(copy)

        def not_taken(error: PaddockError) -> None:
            self._unlisted.pop(converted.path, None)
            self._desk.notices.show(error)

        library = self._desk.parts.models
        self._unlisted[converted.path] = model.id
        self._desk.background.run(lambda: library.add_converted(converted.path, source_id=model.id), taken, not_taken)

    def _choose_model(self, copy: InstalledModel) -> None:
        self._models.choose(copy.id)
        self._desk.window.show_conversation()

    def _open_sheet(self, title: str) -> None:
        self._content = WorkshopSheet(title, self._theme)
        self._sheet = Sheet(self._content, WIDTH, self._theme)
        self._sheet.dismissed.connect(self._dismissed)
        self._sheet.open_over(self._desk.window)

    def _dismissed(self) -> None:
        self._sheet = self._content = self._progress = None
        undecided, self._undecided = self._undecided, None
        if undecided is not None:
            undecided()

    def _start(self, work: Work, then: Callable[[object], None]) -> None:
        self._run = WorkshopRun(self._desk, work)
        self._run.progressed.connect(self._progressed)
        self._run.ended.connect(partial(self._ended, then))
        self._run.start()
        self.started.emit()

    def _ended(self, then: Callable[[object], None], result: object) -> None:
        self._progress = None
        if self._run is not None:
            self._run.deleteLater()
            self._run = None
        if not isinstance(result, PaddockError):
            then(result)
        elif isinstance(result, StoppedConversionError):
            self._close_sheet()
        else:
            self._say(result)

    def _copies(self, model: InstalledModel) -> Mapping[str, Copy]:
        """On the thread of a job."""
        parts = self._desk.parts
        return copies_of(model, parts.models.models(), OfferBook(parts.paths.workshop_offers).noted())

    def _choose(self, model: InstalledModel, target: str, looked: object) -> None:
        if self._content is None:  # put away meanwhile
            return
        known, copies = cast("tuple[Sequence[Choice], Mapping[str, Copy]]", looked)
        names = [choice.target.name for choice in known]
        usual = next((name for name in (target, *_USUAL) if name in names), names[0])
        types = TypeList(known, names.index(usual), self._theme)
        convert = TextButton(tr("Convert"), "primary")
        convert.setObjectName("convert_button")
        convert.clicked.connect(lambda: self._convert(model, types.chosen, copies))
        intro = tr("A copy is made with its weights stored in another way. {name} stays as it is.", name=model.name)
        self._content.show_step(intro, types, (self._closing(tr("Cancel")), convert))

    def _convert(self, model: InstalledModel, choice: Choice, copies: Mapping[str, Copy]) -> None:
        path, name = model.path, choice.target.name
        match copies.get(name):
            case InstalledModel() as copy:
                self._show_copy(model, copy)
                return
            case Converted() as waiting:
                self.withdraw()
                intro = tr("Paddock has made this copy of {name} already, while nobody needed it.", name=model.name)
                self._show_result(model, waiting, intro)
                return
            case None:
                pass
        self._source_id = model.id
        intro = tr("A copy of {name} is made as {type}. {name} stays as it is.", name=model.name, type=name)
        self._show_progress(intro, hides=True)
        self._start(
            lambda report, interruption: self.jobs.convert(path, name, report, interruption),
            lambda result: self._show_result(
                model,
                cast("Converted", result),
                tr("The copy is ready, and nothing of {name} has changed.", name=model.name),
            ),
        )

    def _show_copy(self, model: InstalledModel, copy: InstalledModel) -> None:
        """There is one already: another one would be the same."""
        if self._content is None:
            return
        intro = tr("There is a copy of {name} as {type} already.", name=model.name, type=copy.quantization or "")
        sentence = tr("It is called {copy}, and takes {size}.", copy=copy.name, size=shown_size(copy.size_bytes))
        next_step = tr("Use it. To make another one, delete it under “My models” first.")
        use = self._deciding(tr("Use it"), partial(self._choose_model, copy), "primary")
        use.setObjectName("use_copy_button")
        view = SaidView(sentence, next_step, self._theme)
        self._content.show_step(intro, view, (self._closing(tr("Cancel")), use))

    def _show_progress(self, intro: str, *, hides: bool) -> None:
        if self._content is None:
            return
        self._progress = ProgressView(self._theme)
        stop = TextButton(tr("Stop"))
        stop.setObjectName("stop_conversion_button")
        stop.clicked.connect(self._stop)
        hide = (self._closing(tr("Go on in the background")),) if hides else ()
        self._content.show_step(intro, self._progress, (*hide, stop))

    def _progressed(self, phase: Phase) -> None:
        if self._progress is not None:
            self._progress.show_progress(*progress_of(phase))

    def _stop(self) -> None:
        if self._run is not None:
            self._run.stop()

    def _show_result(self, model: InstalledModel, converted: Converted, intro: str) -> None:
        if self._content is None:
            self._take(model, converted, lambda copy: self._tell_in_passing(model, converted, copy))
            return
        self._unlisted[converted.path] = model.id
        self._undecided = partial(self.keep, model, converted)
        throw_away = self._deciding(tr("Throw the copy away"), partial(self.throw_away, converted.path))
        keep = self._deciding(tr("Keep both"), self._undecided)
        use = self._deciding(tr("Use it"), partial(self.use, model, converted))
        use.setObjectName("use_copy_button")
        view = ResultView(converted.comparison, self._theme)
        buttons = {Advice.THROW_AWAY: throw_away, Advice.KEEP: keep, Advice.USE: use}
        advised = buttons.pop(converted.comparison.advice)
        advised.setProperty("kind", "primary")
        self._content.show_step(intro, view, (*buttons.values(), advised))

    def _tell_in_passing(self, model: InstalledModel, converted: Converted, copy: InstalledModel) -> None:
        words = result_words(model, converted, no=tr("Only keep it"))
        self.offer(words, partial(self._choose_model, copy), lambda: None)

    def _deciding(self, label: str, act: Callable[[], None], kind: str = "") -> TextButton:
        def decide() -> None:
            self._undecided = None
            self._close_sheet()
            act()

        button = TextButton(label, kind)
        button.clicked.connect(decide)
        return button

    def _say(self, error: PaddockError) -> None:
        if self._content is None:
            self._desk.notices.show(error)
            return
        self._content.show_step("", TroubleView(*told_apart(error), self._theme), (self._closing(tr("Close")),))

    def _closing(self, label: str, kind: str = "") -> TextButton:
        button = TextButton(label, kind)
        button.clicked.connect(self._close_sheet)
        return button

    def _close_sheet(self) -> None:
        if self._sheet is not None:
            self._sheet.dismiss()

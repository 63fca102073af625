"""The step before each download: shown with what is stated, accepted and remembered; then the download begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal

from app.errors import PaddockError
from app.models.acceptances import Acceptance
from app.models.download.disk_room import DiskRoom
from app.models.download.sizes import shown_size
from app.models.licence import Kind, Licence, Point
from app.models.offer import Offer, Terms, read_terms
from app.models.order import order
from app.network.errors import NetworkError
from app.translation import told, tr
from app.ui.icons import Icons
from app.ui.model_manager.discover_shown import Tone
from app.ui.model_manager.licence_step import WIDTH, LicenceStep
from app.ui.model_manager.licence_step_shown import LicenceShown, PointShown, StepShown
from app.ui.model_manager.sheet import Sheet
from app.ui.presenters.desk import Desk
from app.ui.presenters.discover_words import shown_date, shown_day
from app.ui.presenters.errands import Errand, Errands, IsStopped
from app.ui.presenters.notices import Notices
from app.ui.theme import Theme

_KINDS: Final[Mapping[Kind, tuple[Tone, str]]] = {
    Kind.OK: (Tone.OK, "circle-check"),
    Kind.CONDITION: (Tone.HAY, "circle-alert"),
    Kind.NO: (Tone.HAY, "circle-x"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody chose to download, and what people call it."""

    offer: Offer
    name: str


class LicenceStepPresenter(QObject):
    """Lets nothing be downloaded before its licence was shown."""

    begun = Signal(str)
    """The download of the model with this name has begun."""
    waiting = Signal(str)
    """The step comes when something was read: what, in a sentence; "" when nothing is waited for any more."""
    open_models_wanted = Signal()

    def __init__(self, desk: Desk, notices: Notices, errands: Errands, theme: Theme, icons: Icons) -> None:
        """`notices` say what goes wrong while no step is open."""
        super().__init__(desk.window)
        self._notices = notices
        self._desk = desk
        self._errands = errands
        self._theme = theme
        self._icons = icons
        self._sheet: Sheet | None = None
        self._errand: Errand | None = None

    def begin(self, choice: Choice) -> None:
        """Find out under what it comes, then ask."""
        self.stop()
        self.waiting.emit(tr("Reading the licence of {name}…", name=choice.name))
        self._errand = self._errands.run(
            lambda is_stopped: self._terms(choice.offer, is_stopped),
            lambda read: self._show(choice, *read),
            self._fail,
        )

    def stop(self) -> None:
        """Give up what is read for a step that is not there yet."""
        if self._errand is not None:
            self._errand.stop()
            self._errand = None
            self.waiting.emit("")

    def _fail(self, error: PaddockError) -> None:
        self.stop()
        self._notices.show(error)

    def _terms(self, offer: Offer, is_stopped: IsStopped) -> tuple[Terms, Acceptance | None]:
        """Off the GUI thread. A text that cannot be fetched does not hold up what can be said without it."""
        online = self._desk.parts.online
        try:
            terms = read_terms(offer, online.licences, partial(online.hub.text, is_stopped=is_stopped))
        except NetworkError:
            terms = read_terms(offer, online.licences)
        return terms, terms.accepted(online.acceptances)

    def _show(self, choice: Choice, terms: Terms, accepted: Acceptance | None) -> None:
        self.stop()
        if self._sheet is not None:
            return  # one question at a time
        step = LicenceStep(step_shown(choice, terms, accepted), self._theme, self._icons)
        sheet = self._sheet = Sheet(step, WIDTH, self._theme)
        step.cancelled.connect(sheet.dismiss)
        step.open_models_wanted.connect(sheet.dismiss)
        step.open_models_wanted.connect(self.open_models_wanted)
        step.accepted.connect(lambda: self._accept(choice, terms, sheet, step))
        sheet.dismissed.connect(self._forget)
        sheet.open_over(self._desk.window)

    def _forget(self) -> None:
        self._sheet = None

    def _accept(self, choice: Choice, terms: Terms, sheet: Sheet, step: LicenceStep) -> None:
        step.set_busy(is_busy=True)
        self._errands.run(
            lambda _: self._download(choice, terms, lambda: self._sheet is not sheet),
            partial(self._begun, sheet),
            lambda error: self._say(error, sheet, step),
        )

    def _download(self, choice: Choice, terms: Terms, is_stopped: IsStopped) -> str:
        """Off the GUI thread: what loads the HTTP library takes a moment. Gives what the model is called here.

        "" where the step was put away before the download could begin: then nothing begins.
        """
        parts, offer = self._desk.parts, choice.offer
        DiskRoom().check(parts.paths.models / offer.names[0], offer.size_bytes)
        if terms.needs_acceptance and terms.accepted(parts.online.acceptances) is None:
            terms.accept(parts.online.acceptances, datetime.now(UTC))
        online, downloads = parts.online, parts.online.downloads
        if is_stopped():
            return ""
        return order(offer, terms.licence, parts.models, online.catalogue, downloads)[0].wanted.shown_as

    def _begun(self, sheet: Sheet, name: str) -> None:
        if self._sheet is sheet:  # else it was put away meanwhile, and another one may be open
            sheet.dismiss()
        if name:
            self.begun.emit(name)

    def _say(self, error: PaddockError, sheet: Sheet, step: LicenceStep) -> None:
        if self._sheet is sheet:
            step.show_trouble(told(error))
        else:
            self._notices.show(error)


def step_shown(choice: Choice, terms: Terms, accepted: Acceptance | None) -> StepShown:
    """Give what the step says of `choice`."""
    size = shown_size(choice.offer.size_bytes)
    needs_tick = terms.needs_acceptance and accepted is None
    is_silent = _is_silent(terms)
    accepts = needs_tick and not is_silent
    button = tr("Accept and download, {size}", size=size) if accepts else tr("Download, {size}", size=size)
    return StepShown(
        title=tr("Before you download {name}", name=choice.name),
        intro=_intro(terms, choice.offer),
        licences=tuple(_shown(licence) for licence in terms.licences.licences),
        button=button,
        text=terms.text,
        text_note=_text_note(terms),
        disagreement="" if terms.licences.agree else _disagreement(terms),
        accepted="" if accepted is None else _accepted(accepted, is_silent=is_silent),
        needs_tick=needs_tick,
        tick=_tick(is_silent=is_silent),
        small=_small(needs_tick=needs_tick, is_silent=is_silent),
    )


def _is_silent(terms: Terms) -> bool:
    """Whether there is nothing to read and to accept: no licence is stated, and none lies beside the model."""
    return terms.licence.id == "none" and terms.licences.agree and not terms.text


def _tick(*, is_silent: bool) -> str:
    if is_silent:
        return tr("I know that all rights are reserved, and that I may need the publisher's permission.")
    return tr("I have read the licence and accept it.")


def _accepted(accepted: Acceptance, *, is_silent: bool) -> str:
    day = shown_day(accepted.at)
    if is_silent:
        return tr("You said on {day} that you know this.", day=day)
    return tr("You accepted this text on {day}.", day=day)


def _small(*, needs_tick: bool, is_silent: bool) -> str:
    if is_silent:
        advice, stored = tr("This is no legal advice."), tr("That you know this is stored here with its date.")
    else:
        advice = tr("Our summary is no legal advice; the full text counts.")
        stored = tr("Your acceptance is stored here with its date and a fingerprint of the text.")
    return f"{advice} {stored}" if needs_tick else advice


def _intro(terms: Terms, offer: Offer) -> str:
    licence = terms.licence
    name = f"{licence.name} ({licence.spdx})" if licence.spdx and licence.spdx != licence.name else licence.name
    under = tr("This model comes under the {name}.", name=name) if licence.id != "none" and terms.licences.agree else ""
    pictures = ""
    if offer.projector is not None:
        size = shown_size(offer.projector.size_bytes)
        pictures = tr("The file with which it reads pictures comes along ({size}).", size=size)
    parts = (under, tr(licence.summary) if terms.licences.agree else "", pictures)
    return " ".join(part for part in parts if part)


def _disagreement(terms: Terms) -> str:
    return tr(
        "The hub's list, the model card and the file itself do not agree: {names}. Only the publisher can tell which "
        "counts; until then keep to all of them.",
        names=", ".join(tr(licence.name) for licence in terms.licences.licences),
    )


def _shown(licence: Licence) -> LicenceShown:
    return LicenceShown(
        licence.name, tr(licence.summary), tuple(_point(point) for point in licence.points), licence.page or ""
    )


def _point(point: Point) -> PointShown:
    tone, icon = _KINDS[point.kind]
    return PointShown(tone, icon, tr(point.heading), tr(point.sentence))


def _text_note(terms: Terms) -> str:
    if _is_silent(terms):
        return ""
    agree = tr("the hub and the model card agree") if terms.licences.agree else ""
    if terms.text_from:
        return "; ".join(part for part in (tr("from the repository's own {file}", file=terms.text_from), agree) if part)
    if not terms.text:
        return tr("Its full text is not kept here, and the repository does not hold it.")
    day = terms.licence.version_date
    if day is None:
        return agree
    when = shown_date(day)
    return "; ".join(part for part in (tr("version of {day}", day=when), agree) if part)

"""What the workshop says."""

from __future__ import annotations

from typing import Final

from app.models.download.sizes import shown_size
from app.models.installed import InstalledModel
from app.translation import tr
from app.ui.workshop_card import CardWords
from app.workshop.comparison import Advice
from app.workshop.convert import Checking, Converted, Converting, Loading, Measuring, Phase
from app.workshop.idle_offer import AskToConvert

_TITLES: Final = {
    (True, False): "{name} can be faster here",
    (True, True): "{name} can be smaller here",
    (False, False): "A copy of {name} is ready",
    (False, True): "A copy of {name} is ready",
}
"""By whether it pays, and whether it is smaller. Message ids."""


def progress_of(phase: Phase) -> tuple[str, float]:
    """Say what is being done, and how much of all is done: half of it is the writing, the other half the measuring."""
    match phase:
        case Checking():
            return tr("Looking at the model and the disk"), 0.0
        case Converting(fraction):
            return tr("Writing the copy, {percent} %", percent=round(fraction * 100)), fraction * 0.5
        case Loading():
            return tr("Loading both models"), 0.5
        case Measuring(done, rounds):
            words = tr("Measuring both by turns, {done} of {rounds}", done=done, rounds=rounds)
            return words, 0.5 + 0.5 * done / rounds


def result_words(model: InstalledModel, converted: Converted, *, no: str) -> CardWords:
    """Tell of a copy that is ready. `no` is what it is called not to use it."""
    comparison = converted.comparison
    made = tr("Paddock has made a copy as {type} and measured both.", type=comparison.after.quantization)
    title = tr(_TITLES[comparison.pays, comparison.is_smaller], name=model.name)
    parts = (made, comparison.speed_words(), comparison.closeness_words(), comparison.size_words())
    is_advised = comparison.advice is Advice.USE
    return CardWords(title, " ".join(parts), yes=tr("Use it"), no=no, advises_yes=is_advised)


def question_words(offer: AskToConvert) -> CardWords:
    """Ask whether a model is to be converted."""
    model = offer.model
    sentence = tr(
        "It is stored as {present}. A copy as {target} would take about {after} instead of {before}. "
        "You see how fast it is, and how near its words come, before you decide.",
        present=model.quantization or "",
        target=offer.target,
        after=shown_size(offer.size_bytes),
        before=shown_size(model.size_bytes),
    )
    return CardWords(
        tr("{name} may run better in another form", name=model.name), sentence, yes=tr("Convert…"), no=tr("Leave it")
    )

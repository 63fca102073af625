"""The hand-picked models as Discover shows them, and which of them to begin with on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from app.models.catalogue import CatalogueModel
from app.models.download.sizes import shown_size
from app.models.fit import Fit, Verdict
from app.models.geometry import geometry_of_catalogue
from app.models.licence import LicenceBook, Standing
from app.models.parameters import shown_parameters
from app.translation import tr
from app.ui.model_manager.discover_shown import Action, Recommendation, ShownModel
from app.ui.model_manager.quantization_words import quantization_word
from app.ui.model_manager.search_query import Query
from app.ui.presenters.discover_marks import Marks
from app.ui.presenters.discover_words import licence_badge, shown_fit
from app.ui.presenters.yardstick import Yardstick

_FOR_ONE_KIND_OF_WORK: Final = frozenset({"qwen2.5-coder-7b"})
"""Nobody begins with these."""
_READING: Final = 6.0
"""Tokens per second: about as fast as people read."""
_USABLE: Final = 5.0
"""Below it people wait for each word."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A hand-picked model with what its usual file would be like here."""

    model: CatalogueModel
    fit: Fit
    speed: float | None


def measured(models: Sequence[CatalogueModel], yardstick: Yardstick) -> tuple[Measured, ...]:
    """Measure all of them."""
    found: list[Measured] = []
    for model in models:
        geometry = geometry_of_catalogue(model, model.usual_file)
        speed = yardstick.speed(geometry, model.usual_file.quantization)
        found.append(Measured(model, yardstick.judge(geometry), speed))
    return tuple(found)


def to_begin_with(models: Sequence[Measured], book: LicenceBook) -> Measured | None:
    """Give the largest open one that fits, answers at once and not too slowly; else the smallest."""
    fitting = [each for each in models if each.fit.verdict is Verdict.FITS and _is_for_all(each, book)]
    at_ease = [each for each in fitting if not each.model.reasons and (each.speed or _USABLE) >= _USABLE]
    return max(at_ease or fitting[:1], key=lambda each: each.model.parameters, default=None)


def is_meant(each: Measured, query: Query, book: LicenceBook) -> bool:
    """Whether a hand-picked model is one that `query` looks for."""
    model = each.model
    said = f"{model.name} {model.made_by} {tr(model.purpose)} {model.repository}".casefold()
    return (
        all(word in said for word in query.words.casefold().split())
        and (not query.fits or each.fit.verdict is not Verdict.WILL_NOT_FIT)
        and (not query.open_source or book.find(model.licence).standing is Standing.OPEN_SOURCE)
        and (not query.vision or model.reads_pictures)
        and (not query.reasoning or model.reasons)
        and (not query.language or query.language in model.languages)
    )


def shown_model(each: Measured, book: LicenceBook, marks: Marks) -> ShownModel:
    """Give a hand-picked model as a row."""
    model, file = each.model, each.model.usual_file
    will_fit = each.fit.verdict is not Verdict.WILL_NOT_FIT
    shown = ShownModel(
        key=model.repository,
        name=model.name,
        parameters=shown_parameters(model.parameters),
        purpose=tr(model.purpose),
        badges=(licence_badge(book.find(model.licence)),),
        size=shown_size(file.size_bytes),
        quantization=file.quantization,
        fit=shown_fit(each.fit, each.speed),
        action=Action.GET if will_fit else Action.DETAILS,
    )
    state = marks.state(model.repository, file.name)
    return replace(shown, action=Action.NONE, state=state) if state else shown


def shown_recommendation(each: Measured, book: LicenceBook, marks: Marks) -> Recommendation:
    """Give the one to begin with, with its reason."""
    model = each.model
    languages = len(model.languages) if model.other_languages is None else model.other_languages
    reason = tr("{purpose}.", purpose=tr(model.purpose).rstrip("."))
    if each.speed is not None and each.speed >= _READING:
        reason = f"{reason} {tr('Answers about as fast as you read.')}"
    elif languages == 1:
        reason = f"{reason} {tr('English only.')}"
    word = quantization_word(model.usual_file.quantization)
    return Recommendation(shown_model(each, book, marks), reason, word)


def _is_for_all(each: Measured, book: LicenceBook) -> bool:
    is_open = book.find(each.model.licence).standing is Standing.OPEN_SOURCE
    return is_open and each.model.id not in _FOR_ONE_KIND_OF_WORK

"""What is known of models, as the rows of Discover say it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from unicodedata import category

from PySide6.QtCore import QDate, QDateTime, QLocale, QTime

from app.given_text import whole_characters
from app.models.download.sizes import shown_size
from app.models.fit import Fit, Verdict
from app.models.licence import Licence, LicenceBook, Standing
from app.translation import tr
from app.ui.model_manager.discover_shown import Badge, FitShown, Tone

_VERDICTS: Final[Mapping[Verdict, tuple[Tone, str, str]]] = {
    Verdict.FITS: (Tone.OK, "check", "Fits"),
    Verdict.TIGHT: (Tone.HAY, "triangle-alert", "Tight"),
    Verdict.WILL_NOT_FIT: (Tone.ERROR, "x", "Will not fit"),
}
"""Colour, icon and message id."""
_STANDINGS: Final[Mapping[Standing, tuple[Tone, str]]] = {
    Standing.OPEN_SOURCE: (Tone.OK, "{name} · open source"),
    Standing.FREE: (Tone.OK, "{name} · free"),
    Standing.RESTRICTED: (Tone.HAY, "{name} · restricted"),
    Standing.UNKNOWN: (Tone.HAY, "{name} · unknown licence"),
    Standing.NONE: (Tone.HAY, "No licence stated"),
}
_LEGAL: Final = re.compile(
    r"\b(?:community|licen[cs]e|agreement|terms of use|terms|model|research|gpl|version|public|the)\b", re.IGNORECASE
)
_LONGEST_NAME: Final = 22
_SLOW: Final = 10
_FASTEST: Final = 1_000
"""Above it the number tells nothing more, and takes more room than a row has."""
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


def licence_badge(licence: Licence) -> Badge:
    """Say in a few words under what a model comes."""
    tone, template = _STANDINGS[licence.standing]
    return Badge(tr(template, name=short_licence(licence)), tone)


def short_licence(licence: Licence) -> str:
    """Give the name people know a licence by: its SPDX id, or its name without the legal words."""
    plain = " ".join(_LEGAL.sub(" ", licence.name).split()).strip(" ,.-")
    name = licence.spdx or plain or licence.name
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"


def open_licences(book: LicenceBook) -> frozenset[str]:
    """Give the hub's names of all licences that are open source."""
    return frozenset(each.id for each in book.licences if each.standing is Standing.OPEN_SOURCE)


def shown_fit(fit: Fit, speed: float | None = None) -> FitShown:
    """Give a fit with its numbers."""
    tone, icon, word = _VERDICTS[fit.verdict]
    share = fit.need_bytes / fit.free_bytes if fit.free_bytes else 1.0
    is_right = fit.verdict is not Verdict.WILL_NOT_FIT
    return FitShown(
        tone,
        icon,
        tr(word),
        of_free(fit.need_bytes, fit.free_bytes),
        share,
        tr("context up to {count:,}", count=fit.max_context) if is_right and fit.max_context else "",
        shown_speed(speed) if is_right else "",
    )


def rough_fit_shown(verdict: Verdict) -> FitShown:
    """Give a fit of which only the verdict is known, and that only about."""
    tone, icon, word = _VERDICTS[verdict]
    return FitShown(tone, icon, tr(word), tr("probably"), -1.0)


def of_free(need_bytes: int, free_bytes: int) -> str:
    """`3.6 of 9.1 GB`."""
    need, free = shown_size(need_bytes), shown_size(free_bytes)
    number, _, unit = need.partition(" ")
    return tr("{need} of {free}", need=number if free.endswith(f" {unit}") else need, free=free)


def shown_speed(tokens_per_s: float | None) -> str:
    """`11 tok/s`; "" for unknown."""
    if tokens_per_s is None:
        return ""
    if tokens_per_s > _FASTEST:
        return tr("over {rate:,} tok/s", rate=_FASTEST)
    rate = f"{tokens_per_s:.0f}" if tokens_per_s >= _SLOW else f"{tokens_per_s:.1f}"
    return tr("{rate} tok/s", rate=rate)


def shown_moment(moment: datetime) -> str:
    """`20 November 2026, 12:00`, as the user's language writes it."""
    here = moment.astimezone()
    when = QDateTime(QDate(here.year, here.month, here.day), QTime(here.hour, here.minute))
    return f"{_shown_date(when.date())}, {QLocale().toString(when.time(), QLocale.FormatType.ShortFormat)}"


def shown_day(moment: datetime) -> str:
    """`20 November 2026`, as the user's language writes it."""
    here = moment.astimezone()
    return _shown_date(QDate(here.year, here.month, here.day))


def shown_date(day: str) -> str:
    """The same of `2026-11-20`, which belongs to no time zone; of `2026-11` only the month, as no more is known."""
    year, month, *days = (int(part) for part in day.split("-"))
    if not days:
        return QLocale().toString(QDate(year, month, 1), "MMMM yyyy")
    return _shown_date(QDate(year, month, days[0]))


def language_name(code: str) -> str:
    """Give a language as its own speakers call it, whatever country they live in."""
    language = QLocale(code).language()
    if language == QLocale.Language.C:
        return code
    own = QLocale(code).nativeLanguageName().partition(" de ")[0]  # it says “español de España” of Spanish
    name = "English" if language == QLocale.Language.English else own or QLocale.languageToString(language)
    return f"{name[:1].upper()}{name[1:]}"


def _shown_date(day: QDate) -> str:
    """Without the day of the week, which some countries' long form has."""
    form = QLocale().dateFormat(QLocale.FormatType.LongFormat).replace("dddd", "").strip(" ,")
    return QLocale().toString(day, form)


def seen(text: str) -> str:
    """Give a stranger's name without what is not seen, or would turn the letters around it."""
    return "".join(each for each in whole_characters(text) if category(each) not in _UNSEEN)


def on_one_line(parts: Iterable[str], between: str = " · ") -> str:
    """Join what there is."""
    return between.join(part for part in parts if part)

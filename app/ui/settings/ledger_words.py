"""The entries of the ledger as people read them: when it was, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from PySide6.QtCore import QDate, QLocale, QTime

from app.network.ledger import CANCELLED, COMPLETE, NOT_FINISHED
from app.translation import tr

_REFUSED: Final = "refused: "
_STOPPED: Final = "stopped: "
_FAILED: Final = "failed: "
_DROPPED: Final = "dropped"


class Outcome(Enum):
    """Kinds of results, by which entries can be chosen."""

    COMPLETE = "Complete"
    REFUSED = "Refused"
    FAILED = "Failed"
    UNFINISHED = "Not finished"


@dataclass(frozen=True, slots=True)
class Ending:
    """How an entry ended: of which kind, in words, and with which icon in which token of colour."""

    outcome: Outcome
    words: str
    icon: str
    color: str


_KNOWN: Final = {
    COMPLETE: (Outcome.COMPLETE, "Complete", "check", "text_2"),
    CANCELLED: (Outcome.UNFINISHED, "Cancelled", "x", "text_2"),
    NOT_FINISHED: (Outcome.UNFINISHED, "Not finished", "x", "text_3"),
    _DROPPED: (Outcome.FAILED, "Dropped", "refresh-cw", "hay"),
    "refused: offline": (Outcome.REFUSED, "Refused: offline", "fence", "ok"),
    "refused: not allowed": (Outcome.REFUSED, "Refused: not allowed", "fence", "ok"),
    "refused: unsafe address": (Outcome.REFUSED, "Refused: unsafe address", "fence", "ok"),
    "stopped: offline": (Outcome.REFUSED, "Stopped: offline", "fence", "ok"),
    "failed: no connection": (Outcome.FAILED, "Failed: no connection", "triangle-alert", "hay"),
    "failed: unknown host": (Outcome.FAILED, "Failed: unknown host", "triangle-alert", "hay"),
    "failed: timed out": (Outcome.FAILED, "Failed: timed out", "triangle-alert", "hay"),
    "failed: certificate": (Outcome.FAILED, "Failed: certificate", "triangle-alert", "hay"),
    "failed: proxy": (Outcome.FAILED, "Failed: proxy", "triangle-alert", "hay"),
    "failed: proxy wants a password": (Outcome.FAILED, "Failed: proxy wants a password", "triangle-alert", "hay"),
    "failed: unreadable answer": (Outcome.FAILED, "Failed: unreadable answer", "triangle-alert", "hay"),
    "failed: too many redirects": (Outcome.FAILED, "Failed: too many redirects", "triangle-alert", "hay"),
}
"""The words are message ids."""


def ending(result: str) -> Ending:
    """Say how an entry with this `result` ended; what only a later Paddock knows is shown as it is."""
    if result in _KNOWN:
        outcome, words, icon, color = _KNOWN[result]
        return Ending(outcome, tr(words), icon, color)
    if result.startswith(_FAILED):
        status = result.removeprefix(_FAILED)
        return Ending(Outcome.FAILED, tr("Failed: status {status}", status=status), "triangle-alert", "hay")
    if result.startswith((_REFUSED, _STOPPED)):
        return Ending(Outcome.REFUSED, result, "fence", "ok")
    return Ending(Outcome.FAILED, result, "triangle-alert", "hay")


def when(at: datetime, now: datetime) -> str:
    """Say when it was, as seen from `now`, in the time zone of `now`."""
    local = at.astimezone(now.tzinfo)
    time = QLocale().toString(QTime(local.hour, local.minute), QLocale.FormatType.ShortFormat)
    days = (now.date() - local.date()).days
    if days == 0:
        return tr("Today, {time}", time=time)
    if days == 1:
        return tr("Yesterday, {time}", time=time)
    return tr("{day}, {time}", day=_date(local, now, "d MMM"), time=time)


def day(at: datetime, now: datetime) -> str:
    """Name a day, with its year where that is not the present one."""
    return _date(at.astimezone(now.tzinfo), now, "d MMMM")


def _date(local: datetime, now: datetime, this_year: str) -> str:
    date = QDate(local.year, local.month, local.day)
    return QLocale().toString(date, this_year if local.year == now.year else "d MMM yyyy")

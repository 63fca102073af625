"""What a model's licence lets its user do, in plain words, and its full text where that is kept here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import msgspec

from app.given_text import whole_characters

_LONGEST_NAME: Final = 100  # a model file may hold anything where its licence's name should be
_OTHER: Final = "other"
_WORDS: Final = re.compile(r"[^\w.+]+|_")
_FILLING: Final = frozenset({"the", "a", "license", "licence", "agreement", "version", "https", "http"})


class Standing(StrEnum):
    """How much a licence leaves to its user: what a label says in one or two words."""

    OPEN_SOURCE = "open_source"
    """Approved by the Open Source Initiative."""
    FREE = "free"
    """Every use is allowed, but the Open Source Initiative has not approved it."""
    RESTRICTED = "restricted"
    """Some uses, or some users, are not allowed."""
    UNKNOWN = "unknown"
    """Only the model's page can tell."""
    NONE = "none"
    """The publisher states none: all rights are reserved."""


class Subject(StrEnum):
    """What a point is about; the order is that in which points are shown."""

    OPEN_SOURCE = "open_source"
    COMMERCIAL_USE = "commercial_use"
    TRAINING = "training"
    PASSING_ON = "passing_on"
    USES = "uses"


class Kind(StrEnum):
    """Whether a point allows something, allows it with a condition, or does not."""

    OK = "ok"
    CONDITION = "condition"
    NO = "no"


class Point(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing to know before the download. Heading and sentence are English: whoever shows them translates them."""

    subject: Subject
    kind: Kind
    heading: str
    sentence: str


VersionDate: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}(-\d{2})?$")]
"""A day, `2024-09-25`; or only a month, `2004-01`, where the licence itself tells no more."""


class Licence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A licence as Paddock knows it. `id` is the hub's own, or a name that publishers use; our summary is no advice."""

    id: str
    name: str
    standing: Standing
    summary: str
    points: tuple[Point, ...] = ()
    spdx: str | None = None
    aliases: tuple[str, ...] = ()
    version_date: VersionDate | None = None
    page: str | None = None
    """Where its maker publishes it; a repository's own file counts before that."""
    text_source: str | None = None
    """Where the full text was copied from; None where no text is kept here."""

    @property
    def open_source(self) -> bool | None:
        """Whether it is open source by the OSI's definition; None where that is not known."""
        if self.standing in {Standing.UNKNOWN, Standing.NONE}:
            return None
        return self.standing is Standing.OPEN_SOURCE

    @property
    def needs_acceptance(self) -> bool:
        """Whether its user must have read it before the download."""
        return self.standing not in {Standing.OPEN_SOURCE, Standing.FREE}


NOT_STATED: Final = Licence(
    "none",
    "No licence stated",
    Standing.NONE,
    "No licence stated: all rights reserved. Without one, only the publisher can allow you to use the model.",
)


@dataclass(frozen=True, slots=True)
class StatedLicence:
    """What a model's places say of its licence. Where they disagree there are several, and all are shown."""

    licences: tuple[Licence, ...]
    agree: bool

    @property
    def strictest(self) -> Licence:
        """The one that counts: of those that disagree, the one that leaves less to its user."""
        return max(self.licences, key=lambda licence: licence.needs_acceptance)


class LicenceBook:
    """The licences in `resources`, read when the first one is asked for."""

    def __init__(self, resources: Path) -> None:
        self._folder = resources / "licences"

    @cached_property
    def licences(self) -> tuple[Licence, ...]:
        """All that are known, by id."""
        files = sorted(self._folder.glob("*.json"))
        return tuple(msgspec.json.decode(file.read_bytes(), type=Licence) for file in files)

    def find(self, id_or_name: str | None) -> Licence:
        """Give what is known under an id, an SPDX id, a name or a page.

        A name that is not known here gives a licence of that name, to be read at its page; no name gives `NOT_STATED`.
        """
        stated = _tidy(id_or_name)
        if not stated:
            return NOT_STATED
        return self._by_key.get(_key(stated)) or _unknown(stated)

    def compare(self, *places: str | None) -> StatedLicence:
        """Put beside each other what several places say of a model. One that says nothing disagrees with nobody."""
        stated = tuple(self.find(each) for each in places if _tidy(each))
        different = {_key(licence.id): licence for licence in stated}
        if any(licence.needs_acceptance for key, licence in different.items() if key != _OTHER):
            different.pop(_OTHER, None)  # whoever says `other` means one that the hub has no name for, such as this
        return StatedLicence(tuple(different.values()) or (NOT_STATED,), agree=len(different) <= 1)

    def full_text(self, licence: Licence) -> str | None:
        """Give the whole text; None where it is not kept here, and only a repository's own file or its page has it."""
        if licence.text_source is None:
            return None
        return (self._folder / f"{licence.id}.txt").read_text(encoding="utf-8")

    @cached_property
    def _by_key(self) -> Mapping[str, Licence]:
        return {key: licence for licence in self.licences for key in keys(licence)}


def stated_name(licence: str | None, own_name: str | None) -> str | None:
    """Give the name that counts: where a model's licence is `other`, the own name that stands beside it, if any."""
    return own_name if own_name and _key(_tidy(licence)) == _OTHER else licence


def keys(licence: Licence) -> set[str]:
    """Give all that `licence` is found under."""
    names = (licence.id, licence.name, licence.spdx, licence.page, *licence.aliases)
    return {_key(name) for name in names if name}


def shown_words(licence: Licence) -> str:
    """Give our own words on a licence as one text: what was accepted where no full text could be shown."""
    points = (f"{point.heading}\n{point.sentence}" for point in licence.points)
    return "\n\n".join((licence.name, licence.summary, *points))


def _unknown(name: str) -> Licence:
    summary = "Paddock does not know this licence. Read it at its page before you use the model."
    return Licence(name, name, Standing.UNKNOWN, summary)


def _tidy(name: str | None) -> str:
    """Put a name on one line that can be shown, and cut what is too long for one."""
    line = " ".join(whole_characters(name or "").split())
    return line if len(line) <= _LONGEST_NAME else f"{line[:_LONGEST_NAME]}…"


def _key(name: str) -> str:
    """`Apache License, Version 2.0`, `apache-2.0` and `APACHE 2.0` are one."""
    words = (word.strip(".") for word in _WORDS.split(name.casefold()))
    kept = [re.sub(r"^v(?=\d)", "", word) for word in words if word and word not in _FILLING]
    return "".join(kept)

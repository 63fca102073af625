"""What the step before a download shows, ready to be shown."""

from __future__ import annotations

from dataclasses import dataclass

from app.ui.model_manager.discover_shown import Tone


@dataclass(frozen=True, slots=True)
class PointShown:
    """One answer: the answer first, then one sentence."""

    tone: Tone
    icon: str
    heading: str
    sentence: str


@dataclass(frozen=True, slots=True)
class LicenceShown:
    """One licence that is stated. `name` heads its points where there are two; `page` is where its maker has it."""

    name: str
    summary: str
    points: tuple[PointShown, ...] = ()
    page: str = ""


@dataclass(frozen=True, slots=True)
class StepShown:
    """The step. `text` is the whole text, "" where nobody has it; `text_note` says where it is from.

    `disagreement` is said where two licences are stated; `accepted` where this very text was accepted before. `tick` is
    what the check mark stands for; `small` is said below the buttons.
    """

    title: str
    intro: str
    licences: tuple[LicenceShown, ...]
    button: str
    text: str = ""
    text_note: str = ""
    disagreement: str = ""
    accepted: str = ""
    needs_tick: bool = False
    tick: str = ""
    small: str = ""

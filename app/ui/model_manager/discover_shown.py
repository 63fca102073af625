"""What a list of models shows of each: words and numbers that are ready to be painted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """What a coloured word means; beside it there is always the word itself. The values are names of colours."""

    OK = "ok"
    HAY = "hay"
    ERROR = "error"
    ACCENT = "accent"
    QUIET = "text_2"


@dataclass(frozen=True, slots=True)
class Badge:
    """One fact in one or two words, on a soft tile of its own."""

    words: str
    tone: Tone = Tone.QUIET


@dataclass(frozen=True, slots=True)
class FitShown:
    """Whether a file fits: `word` and `numbers` as they stand in a row; `share` of what is free that it would take.

    `share` is below 0 where nobody knows it. `context` and `speed` are "" where nobody knows them.
    """

    tone: Tone
    icon: str
    word: str
    numbers: str
    share: float
    context: str = ""
    speed: str = ""

    @property
    def sentence(self) -> str:
        """All of it on one line, for those who hear it."""
        return ", ".join(part for part in (f"{self.word} {self.numbers}", self.speed, self.context) if part)


class Action(StrEnum):
    """What the button of a row does."""

    GET = "get"
    """Fetch it: the licence comes first."""
    GET_ANYWAY = "get anyway"
    """Fetch it, though there is something against it."""
    DETAILS = "details"
    """Look at its page."""
    NONE = "none"
    """There is nothing to do: `state` says why."""


@dataclass(frozen=True, slots=True)
class ShownModel:
    """A model, or one file of it, that can be had. `key` is what it is asked for by: a repository's id, a file's path.

    `state` stands in the button's place: how far its download is, or that it is here already.
    """

    key: str
    name: str
    parameters: str = ""
    purpose: str = ""
    badges: tuple[Badge, ...] = ()
    size: str = ""
    quantization: str = ""
    fit: FitShown | None = None
    action: Action = Action.DETAILS
    state: str = ""

    @property
    def sentence(self) -> str:
        """The row in words."""
        badges = ", ".join(badge.words for badge in self.badges)
        fit = self.fit.sentence if self.fit else ""
        parts = (self.name, self.parameters, badges, self.purpose, self.size, self.quantization, fit, self.state)
        return "; ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The one model to begin with, and why."""

    model: ShownModel
    reason: str
    file_note: str = ""
    """What its quantization means."""
    is_best: bool = True
    """Whether it was judged to be the best for this laptop; else it is only what somebody asked for."""

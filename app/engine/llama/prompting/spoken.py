"""What a chat template is given: who speaks, and of whose words it is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from app.conversation import Role
from app.engine.requests import PromptMessage

_BETWEEN: Final = "\n\n"
_BEFORE_SUMMARY: Final = "This is what was said earlier in this conversation, in short:\n"
_BEFORE_LONE_REPLY: Final = "You wrote earlier:\n"


@dataclass(frozen=True, slots=True)
class Part:
    """The words of one message, and what leads to them. `message` is its index; None where the words are no message's.

    `tokens` are the ids that the words came from, if they are known.
    """

    words: str
    message: int | None = None
    lead: str = ""
    tokens: tuple[int, ...] = ()

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to be found again."""
        return not self.words.strip()


@dataclass(frozen=True, slots=True)
class Spoken:
    """What one role says, in one or more parts."""

    role: Role
    parts: tuple[Part, ...]

    def content(self, words: Sequence[str]) -> str:
        """Join the parts, each with its own of `words`."""
        return _BETWEEN.join(part.lead + text for part, text in zip(self.parts, words, strict=True))


def spoken(messages: Sequence[tuple[int, PromptMessage]], summary: str) -> list[Spoken]:
    """Give `messages` with their indices; the summary of what is not among them joins the system's words."""
    said = [Spoken(each.role, (Part(each.content, index, tokens=each.tokens),)) for index, each in messages]
    if not summary.strip():
        return said
    told = Part(summary.strip(), lead=_BEFORE_SUMMARY)
    if said and said[0].role is Role.SYSTEM:
        return [Spoken(Role.SYSTEM, (*said[0].parts, told)), *said[1:]]
    return [Spoken(Role.SYSTEM, (told,)), *said]


def without_system(said: Sequence[Spoken]) -> list[Spoken]:
    """Let the user say what the system would, together with the words beside it."""
    if all(each.role is not Role.SYSTEM for each in said):
        return list(said)
    return _joined([replace(each, role=Role.USER) if each.role is Role.SYSTEM else each for each in said])


def alternating(said: Sequence[Spoken]) -> list[Spoken]:
    """Join neighbours of one role, and let the user be the first: a reply without its question is quoted."""
    first = next((i for i, each in enumerate(said) if each.role is not Role.SYSTEM), len(said))
    if first < len(said) and said[first].role is Role.ASSISTANT:
        quoted = tuple(replace(part, lead=_BEFORE_LONE_REPLY, tokens=()) for part in said[first].parts)
        said = [*said[:first], Spoken(Role.USER, quoted), *said[first + 1 :]]
    return _joined(said)


def _joined(said: Sequence[Spoken]) -> list[Spoken]:
    return [
        Spoken(role, tuple(part for each in group for part in each.parts))
        for role, group in groupby(said, key=lambda each: each.role)
    ]

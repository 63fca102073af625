"""What a page of the settings shows besides the rows that come from the registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.settings.registry import Group


class ExtraPart(QWidget):
    """A part of a page with controls of its own."""

    controls_changed = Signal()
    """There are other controls now than there were."""

    def controls(self) -> Sequence[QWidget]:
        """Give what takes the keyboard, in the order of Tab."""
        return ()


@dataclass(frozen=True, slots=True)
class GroupExtra:
    """Parts `above` and `below` the rows of a group, and the words by which a search finds them."""

    above: tuple[ExtraPart, ...] = ()
    below: tuple[ExtraPart, ...] = ()
    words: str = ""

    @property
    def parts(self) -> tuple[ExtraPart, ...]:
        """All of them, from top to bottom."""
        return (*self.above, *self.below)

    def matches(self, words: str) -> bool:
        """Whether these are what `words` look for."""
        return bool(self.parts) and all(word in self.words.casefold() for word in words.casefold().split())


@dataclass(frozen=True, slots=True)
class Extras:
    """All of that, by group; and `hints`: a quiet sentence for the row of a setting, by its key, as it is now."""

    groups: Mapping[Group, GroupExtra] = field(default_factory=dict[Group, GroupExtra])
    hints: Callable[[], Mapping[str, str]] = dict

    def of(self, group: Group) -> GroupExtra:
        """Give what a group has, which may be nothing."""
        return self.groups.get(group, GroupExtra())

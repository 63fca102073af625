"""All messages one above the other: where each strip stands, near enough while it is a guess. No widgets here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from app.ui.transcript.prefix_heights import PrefixHeights
from app.ui.transcript.shown_message import ShownMessage
from app.ui.transcript.strips import Activity, Footer, Notice, Strip, TroubleStrip, leading, trailing

MARGIN: Final = 24
"""Room above the first and below the last message."""

_BETWEEN_TURNS: Final = 22
_ABOVE_ALL: Final = -1000
_BELOW_ALL: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a strip stands: which one it is, and from where to where. `gap` is the room above it."""

    message: int
    strip: int
    y: int
    height: int
    gap: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Anchor:
    """A strip that should stay where it is: `offset` pixels below the top of the viewport."""

    message: int
    strip: int
    offset: int


class Column:
    """The messages of the open conversation and their heights."""

    def __init__(self) -> None:
        self.messages: list[ShownMessage] = []
        self.lead = MARGIN
        """Where the first message begins: below what stands above the conversation."""
        self._heights = PrefixHeights()
        self._width = 1
        self._zoom = 1.0

    @property
    def width(self) -> int:
        """The width that strips are laid out for."""
        return self._width

    @property
    def total(self) -> int:
        """The height of everything."""
        return self.lead + self._heights.total + MARGIN

    def replace(self, messages: Sequence[ShownMessage]) -> None:
        """Show another conversation."""
        self.messages = list(messages)
        self._heights = PrefixHeights(self._guess(message, at) for at, message in enumerate(messages))

    def append(self, message: ShownMessage) -> None:
        """Put a message at the end."""
        self.messages.append(message)
        self._heights.append(self._guess(message, len(self.messages) - 1))

    def set_measure(self, width: int, zoom: float) -> None:
        """Strips are laid out for another width or size of type from now on: all heights are guesses."""
        self._width = width
        self._zoom = zoom
        self.forget_heights()

    def forget_heights(self) -> None:
        """The type changed."""
        for at, message in enumerate(self.messages):
            message.heights.forget()
            if not message.is_open:
                self._heights[at] = self._guess(message, at)

    def relay(self, index: int) -> None:
        """Take the strips of a message anew, after it changed."""
        message = self.messages[index]
        if message.is_open:
            message.heights.lay(message.strips, self._width, self._zoom)
            self._heights[index] = message.heights.total + _gap(index)
        else:
            self._heights[index] = self._guess(message, index)

    def open_between(self, top: int, bottom: int) -> bool:
        """Read the messages between `top` and `bottom` that were not read yet; say whether there were any."""
        were_closed = [at for at in self._indices(top, bottom) if not self.messages[at].is_open]
        for at in were_closed:
            self.messages[at].open()
            self.relay(at)
        return bool(were_closed)

    def places(self, top: int, bottom: int) -> Iterator[Place]:
        """The strips between `top` and `bottom` of all messages that were read."""
        for at in self._indices(top, bottom):
            message = self.messages[at]
            if not message.is_open or not len(message.heights):
                continue
            start = self._top(at)
            for strip in range(message.heights.index_at(top - start), len(message.heights)):
                place = self.place(at, strip)
                if place.y >= bottom:
                    break
                yield place

    def place(self, message: int, strip: int) -> Place:
        """Where one strip stands."""
        heights = self.messages[message].heights
        y = self._top(message) + heights.top(strip)
        return Place(message, strip, y, heights.height(strip), heights.gap(strip), heights.is_exact(strip))

    def measure(self, place: Place, height: int) -> None:
        """Note the exact height of a strip."""
        heights = self.messages[place.message].heights
        heights.measure(place.strip, height)
        self._heights[place.message] = heights.total + _gap(place.message)

    def anchor_at(self, top: int, bottom: int) -> Anchor | None:
        """What should stay in its place: the first strip in sight whose height is known, else the first one at all."""
        first: Place | None = None
        for place in self.places(top, bottom):
            first = first or place
            if place.is_exact:
                return Anchor(place.message, place.strip, place.y - top)
        if first is not None:
            return Anchor(first.message, first.strip, first.y - top)
        closed = next(iter(self._indices(top, bottom)), None)
        return None if closed is None else Anchor(closed, 0, self._top(closed) - top)

    def top_for(self, anchor: Anchor) -> int:
        """Where the viewport must begin for the anchor to stay in its place."""
        message = self.messages[anchor.message]
        inside = message.heights.top(anchor.strip) if anchor.strip < len(message.heights) else 0
        return self._top(anchor.message) + inside - anchor.offset

    def extent(self, message: int) -> tuple[int, int]:
        """Where a message begins, and how high it is or may be."""
        return self._top(message), self._heights[message] - _gap(message)

    def strip_at(self, place: Place) -> Strip:
        """What stands at a place."""
        return self.messages[place.message].strips[place.strip]

    def key_of(self, place: Place) -> tuple[int, int]:
        """A name for a strip that stays while its message grows and while the fence comes and goes.

        What ends a message is counted from its end, what stands above it from far below zero, and what stands below it
        from far beyond the longest message.
        """
        strips = self.messages[place.message].strips
        above, end = leading(strips), len(strips) - trailing(strips)
        if place.strip < above:
            return place.message, _ABOVE_ALL + place.strip
        if place.strip >= end:
            return place.message, _BELOW_ALL + place.strip - end
        is_ending = isinstance(strips[place.strip], Activity | Notice | TroubleStrip | Footer)
        return place.message, place.strip - (end if is_ending else above)

    def place_of(self, key: tuple[int, int]) -> Place:
        """Where the strip of that name stands."""
        message, name = key
        strips = self.messages[message].strips
        if name < _ABOVE_ALL // 2:
            return self.place(message, name - _ABOVE_ALL)
        end = len(strips) - trailing(strips)
        if name >= _BELOW_ALL:
            return self.place(message, name - _BELOW_ALL + end)
        return self.place(message, name + (end if name < 0 else leading(strips)))

    def _indices(self, top: int, bottom: int) -> range:
        if not self.messages or bottom <= top:
            return range(0)
        first = self._heights.index_at(top - self.lead)
        return range(first, self._heights.index_at(bottom - 1 - self.lead) + 1)

    def _top(self, index: int) -> int:
        return self.lead + self._heights.top(index) + _gap(index)

    def _guess(self, message: ShownMessage, index: int) -> int:
        return message.estimate(self._width, self._zoom) + _gap(index)


def _gap(index: int) -> int:
    return _BETWEEN_TURNS if index else 0

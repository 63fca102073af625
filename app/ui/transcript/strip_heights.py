"""The strips of one message and how high they are: estimated first, exact once a widget was laid out."""

from __future__ import annotations

from collections.abc import Sequence

from app.ui.transcript.prefix_heights import PrefixHeights
from app.ui.transcript.strips import Strip, estimate_height, gap_above, leading


class StripHeights:
    """Where each strip of a message stands, from the message's top."""

    def __init__(self) -> None:
        self._strips: list[Strip] = []
        self._is_exact: list[bool] = []
        self._gaps: list[int] = []
        self._extents = PrefixHeights()

    def __len__(self) -> int:
        """How many strips there are."""
        return len(self._strips)

    @property
    def total(self) -> int:
        """The height of the message."""
        return self._extents.total

    def lay(self, strips: Sequence[Strip], width: int, zoom: float) -> None:
        """Take the message's strips; what did not change keeps its height, the rest has a guess."""
        before = (self._strips, self._is_exact, [self.height(at) for at in range(len(self))])
        moved = leading(self._strips) - leading(strips)  # the fence came or went: the others are the same
        gaps = [gap_above(strip, strips[at - 1] if at else None) for at, strip in enumerate(strips)]
        heights: list[int] = []
        self._is_exact = []
        for at, strip in enumerate(strips):
            was = at + moved
            old = before[0][was] if 0 <= was < len(before[0]) else None
            is_guess = type(old) is type(strip)
            self._is_exact.append(is_guess and old == strip and before[1][was])
            heights.append(before[2][was] if is_guess else estimate_height(strip, width, zoom))
        self._strips = list(strips)
        self._gaps = gaps
        self._extents = PrefixHeights(gap + height for gap, height in zip(gaps, heights, strict=True))

    def measure(self, index: int, height: int) -> None:
        """Note the exact height of a strip."""
        self._is_exact[index] = True
        self._extents[index] = self._gaps[index] + height

    def forget(self) -> None:
        """The width or the type changed: what is known is a guess from now on."""
        self._is_exact = [False] * len(self)

    def is_exact(self, index: int) -> bool:
        """Whether the height of a strip was measured."""
        return self._is_exact[index]

    def top(self, index: int) -> int:
        """Where a strip begins, below its gap."""
        return self._extents.top(index) + self._gaps[index]

    def height(self, index: int) -> int:
        """How high a strip is, without its gap."""
        return self._extents[index] - self._gaps[index]

    def gap(self, index: int) -> int:
        """The room above a strip."""
        return self._gaps[index]

    def index_at(self, y: int) -> int:
        """Which strip is at `y`, counted from the message's top."""
        return self._extents.index_at(y)

"""Heights that stand on one another: where each begins, and which one is at a place."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate


class PrefixHeights:
    """A column of heights. Asking is cheap, changing one costs the sums below it, once."""

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._heights = list(heights)
        self._tops = [0]

    def __len__(self) -> int:
        """How many there are."""
        return len(self._heights)

    def __getitem__(self, index: int) -> int:
        """One height."""
        return self._heights[index]

    def __setitem__(self, index: int, height: int) -> None:
        """Change one height."""
        if self._heights[index] != height:
            self._heights[index] = height
            del self._tops[index + 1 :]

    def append(self, height: int) -> None:
        """Put one below the others."""
        self._heights.append(height)

    def top(self, index: int) -> int:
        """Where the one at `index` begins; `top(len)` is where the last ends."""
        self._sum()
        return self._tops[index]

    @property
    def total(self) -> int:
        """The height of all together."""
        return self.top(len(self._heights))

    def index_at(self, y: int) -> int:
        """Which one is at `y`; the first or last one for a place outside. There must be one."""
        self._sum()
        return min(max(0, bisect_right(self._tops, y) - 1), len(self._heights) - 1)

    def _sum(self) -> None:
        done = len(self._tops) - 1
        if done < len(self._heights):
            self._tops.extend(list(accumulate(self._heights[done:], initial=self._tops[-1]))[1:])

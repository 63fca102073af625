"""Sets of bytes, against the sets of Python."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.models.download.ranges import ByteRanges

SIZE = 40
SPAN = st.tuples(st.integers(0, SIZE), st.integers(0, SIZE))
CHANGES = st.lists(st.tuples(st.booleans(), SPAN), max_size=30)


@given(CHANGES)
def test_it_is_a_set_of_bytes(changes: list[tuple[bool, tuple[int, int]]]) -> None:
    """Whatever was added and taken out, it holds what a set holds, in spans that are apart and in order."""
    ranges, plain = ByteRanges(), set[int]()
    for is_added, (start, end) in changes:
        (ranges.add if is_added else ranges.remove)(start, end)
        plain = plain | set(range(start, end)) if is_added else plain - set(range(start, end))
    spans = list(ranges)
    assert {byte for start, end in spans for byte in range(start, end)} == plain
    assert all(start < end for start, end in spans)
    assert all(end < start for (_, end), (start, _) in pairwise(spans))
    assert ranges.total == len(plain)
    assert list(ByteRanges(spans)) == spans
    missing = [byte for byte in range(SIZE) if byte not in plain]
    gap = ranges.first_gap(SIZE)
    assert (gap[0] if gap else None) == (missing[0] if missing else None)
    assert gap is None or plain.isdisjoint(range(*gap))
    assert gap is None or gap[1] == SIZE or gap[1] in plain
    for start in range(SIZE):
        end = ranges.end_of_run(start)
        assert set(range(start, end)) <= plain
        assert end not in plain

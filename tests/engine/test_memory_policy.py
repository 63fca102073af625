"""What of a memory can be reused: the decision alone, in tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.llama.loading.model import MemoryKind
from app.engine.llama.memory.memory_policy import (
    Keep,
    Restart,
    Restore,
    ReusePlan,
    checkpoint_places,
    common_prefix,
    place_near_the_end,
    plan_reuse,
    slice_end,
)

DENSE, SLIDING, RECURRENT = MemoryKind
TOKENS = st.lists(st.integers(min_value=0, max_value=2), max_size=30)
KNOWN = list(range(100))
OTHER_END = [*range(50), 7, 7]
"""Begins with 50 tokens of what is known."""


@given(TOKENS, TOKENS)
def test_common_prefix(first: list[int], second: list[int]) -> None:
    """It is common, and it is the longest."""
    length = common_prefix(first, second)
    assert first[:length] == second[:length]
    assert length == min(len(first), len(second)) or first[length] != second[length]


@given(
    TOKENS,
    st.lists(st.integers(min_value=0, max_value=2), min_size=1, max_size=30),
    st.sampled_from(MemoryKind),
    st.sets(st.integers(min_value=1, max_value=30)),
)
def test_at_least_one_token_is_read(known: list[int], prompt: list[int], kind: MemoryKind, places: set[int]) -> None:
    """Without the last token there would be no logits; and only what is equal is ever reused."""
    checkpoints = sorted(place for place in places if place <= len(known))
    match plan_reuse(known, prompt, kind, oldest=0, sliding_window=4, checkpoints=checkpoints):
        case Keep(n_tokens):
            pass
        case Restore(index, n_tokens):
            assert checkpoints[index] == n_tokens
        case Restart():
            n_tokens = 0
    assert 0 <= n_tokens < len(prompt)
    assert prompt[:n_tokens] == known[:n_tokens]


@pytest.mark.parametrize(
    ("prompt", "plan"),
    [
        ([*KNOWN, 7], Keep(100)),
        (KNOWN, Keep(99)),
        (OTHER_END, Keep(50)),
        (KNOWN[:20], Keep(19)),
        ([7, *KNOWN], Restart()),
        ([0], Restart()),
    ],
)
def test_a_dense_memory_keeps_all_that_is_equal(prompt: list[int], plan: ReusePlan) -> None:
    """Every token has a place of its own, so that any beginning can stay."""
    assert plan_reuse(KNOWN, prompt, DENSE, oldest=0, sliding_window=0, checkpoints=[10]) == plan


@pytest.mark.parametrize(
    ("oldest", "checkpoints", "plan"),
    [
        (0, [], Keep(50)),
        (36, [], Keep(50)),
        (36, [50], Keep(50)),
        (37, [], Restart()),
        (49, [], Restart()),
        (37, [10, 50, 60], Restore(1, 50)),
        (37, [10, 40, 60], Restore(1, 40)),
        (37, [51], Restart()),
    ],
)
def test_a_sliding_window_is_cut_only_where_all_of_it_is_still_there(
    oldest: int, checkpoints: list[int], plan: ReusePlan
) -> None:
    """After a cut at 50 a window of 14 looks back to 36: older tokens may be gone, younger ones not."""
    given_plan = plan_reuse(KNOWN, OTHER_END, SLIDING, oldest=oldest, sliding_window=14, checkpoints=checkpoints)
    assert given_plan == plan


def test_a_sliding_window_always_goes_on() -> None:
    """The window before the end is there in any case, and before the window's length nothing can be missing."""
    assert plan_reuse(KNOWN, [*KNOWN, 7], SLIDING, oldest=99, sliding_window=14) == Keep(100)
    assert plan_reuse(KNOWN, KNOWN[:5], SLIDING, oldest=0, sliding_window=14) == Keep(4)


@pytest.mark.parametrize(
    ("prompt", "checkpoints", "plan"),
    [
        ([*KNOWN, 7], [10], Keep(100)),
        (KNOWN, [], Restart()),
        (KNOWN, [10, 99], Restore(1, 99)),
        (KNOWN, [10, 100], Restore(0, 10)),
        (OTHER_END, [10, 50, 60], Restore(1, 50)),
        (OTHER_END, [60], Restart()),
    ],
)
def test_a_recurrent_state_only_goes_on(prompt: list[int], checkpoints: list[int], plan: ReusePlan) -> None:
    """It can read more after all it knows; to go back it needs a checkpoint, and never one beyond what is equal."""
    assert plan_reuse(KNOWN, prompt, RECURRENT, oldest=99, sliding_window=0, checkpoints=checkpoints) == plan


@pytest.mark.parametrize(
    ("boundaries", "begin", "end", "places"),
    [
        ((), 0, 100, ()),
        ((10, 40, 60, 90), 0, 100, (10, 60, 90)),
        ((10, 40, 60, 90), 30, 100, (40, 60, 90)),
        ((10, 40), 40, 100, (40,)),
        ((0, 100, 120), 0, 100, ()),
    ],
)
def test_checkpoints_are_left_where_one_may_go_on_differently(
    boundaries: tuple[int, ...], begin: int, end: int, places: tuple[int, ...]
) -> None:
    """After the system prompt and at the last two boundaries; none where nothing is, or nothing follows."""
    assert checkpoint_places(boundaries, begin, end) == places


@pytest.mark.parametrize(("places", "near"), [((), 999), ((500,), 999), ((500, 980), 980)])
def test_a_prompt_read_twice_costs_little(places: tuple[int, ...], near: int) -> None:
    """A boundary near the end will do; else there is a checkpoint before the last token."""
    assert place_near_the_end(places, 100, 1000) == near


@given(
    st.integers(min_value=0, max_value=50),
    st.integers(min_value=1, max_value=200),
    st.integers(min_value=1, max_value=64),
    st.sets(st.integers(min_value=-5, max_value=300)),
)
def test_slices_cover_everything_once(begin: int, length: int, size: int, stops: set[int]) -> None:
    """They rise to the end, none is too large, and each stop on the way is the end of one."""
    ends: list[int] = []
    while (end := slice_end(ends[-1] if ends else begin, begin + length, size, stops)) < begin + length:
        ends.append(end)
    ends.append(end)
    assert ends[-1] == begin + length
    assert all(0 < after - before <= size for before, after in zip([begin, *ends], ends, strict=False))
    assert {stop for stop in stops if begin < stop < begin + length} <= set(ends)

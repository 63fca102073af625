"""Which checkpoints stay when there is not room for all of them."""

from __future__ import annotations

import pytest

from app.engine.llama.memory.checkpoints import Checkpoints
from app.engine.llama.memory.sequence_states import Checkpoint, SequenceState, SequenceStates


def checkpoint(n_tokens: int, size: int = 10) -> Checkpoint:
    """A checkpoint of `size` bytes."""
    return Checkpoint(n_tokens, bytes(size))


def state(size: int) -> SequenceState:
    """A state of `size` bytes."""
    return SequenceState((1, 2), bytes(size - 4), (checkpoint(1, 4),))


def filled(budget_bytes: int, *counts: int) -> Checkpoints:
    """Checkpoints of 10 bytes each after so many tokens."""
    checkpoints = Checkpoints(budget_bytes)
    for n_tokens in counts:
        checkpoints.keep(checkpoint(n_tokens))
    return checkpoints


def places(checkpoints: Checkpoints) -> list[int]:
    """After how many tokens they were taken."""
    return [one.n_tokens for one in checkpoints.all]


@pytest.mark.parametrize(
    ("budget_bytes", "kept"),
    [(100, [5, 20, 30, 40]), (30, [5, 30, 40]), (20, [5, 40]), (10, [40]), (9, [])],
)
def test_the_oldest_goes_first_but_the_system_prompt_stays(budget_bytes: int, kept: list[int]) -> None:
    """The first one is what other conversations share; only the newest is worth more."""
    assert places(filled(budget_bytes, 5, 20, 30, 40)) == kept


def test_one_in_passing_is_replaced_by_the_next() -> None:
    """What is taken on the way does not pile up, and is listed in its place."""
    checkpoints = filled(100, 5, 40)
    checkpoints.keep_in_passing(checkpoint(10))
    checkpoints.keep_in_passing(checkpoint(20))
    assert places(checkpoints) == [5, 20, 40]
    assert checkpoints.size_bytes == 30


def test_beyond_a_cut_they_are_worth_nothing() -> None:
    """A sequence that goes on differently must not come back to what it was."""
    checkpoints = filled(100, 5, 20, 30)
    checkpoints.keep_in_passing(checkpoint(29))
    checkpoints.cut(20)
    assert places(checkpoints) == [5, 20]
    assert checkpoints.newest(19) == checkpoint(5)
    assert checkpoints.newest(4) is None


def test_only_what_is_new_and_has_room_is_wanted() -> None:
    """So that nothing is copied in vain."""
    checkpoints = filled(20, 5)
    assert checkpoints.is_wanted(6, 20)
    assert not checkpoints.is_wanted(5, 10)
    assert not checkpoints.is_wanted(6, 21)


def test_who_was_away_longest_goes_first() -> None:
    """Conversations are kept by bytes; coming back to one takes it out."""
    states = SequenceStates(100)
    states.put("one", state(40))
    states.put("two", state(40))
    assert states.size_bytes == 80
    assert states.take("one") == state(40)
    states.put("one", state(40))
    states.put("three", state(40))
    assert states.peek("two") is None
    assert states.peek("one") == state(40)
    assert states.size_bytes == 80


def test_what_has_no_room_pushes_nobody_out() -> None:
    """A state larger than the budget is not kept, and the others stay; the same name is kept once."""
    states = SequenceStates(100)
    states.put("one", state(60))
    states.put("two", state(101))
    assert states.take("two") is None
    states.put("one", state(90))
    assert states.size_bytes == 90
    assert not SequenceStates(0).make_room(1)

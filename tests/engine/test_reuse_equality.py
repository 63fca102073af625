"""After every kind of reuse the logits are those of a fresh evaluation, but for rounding.

How much rounding there is, is measured: by how much two fresh evaluations differ that part the prompt differently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

import pytest

from app.engine.llama.loading.model import MemoryKind
from app.engine.llama.memory.sequence_memory import SequenceMemory
from tests.engine.memories import MODELS, Bench, Memory, largest_difference, open_bench, random_tokens, say

PROMPT = random_tokens(700, seed=1)
"""Far longer than a sliding window, and than the room its layers have for one."""
OTHER = random_tokens(500, seed=2)
SPLITS = (64, 41, 27, 1)
"""Into slices of how many tokens the prompt is parted; one by one is how a reply is read."""
SYSTEM, TURN, REPLY = 120, 500, 640
BOUNDARIES = (SYSTEM, TURN, REPLY)


@pytest.fixture(scope="module", params=MODELS)
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A loaded model of each kind of memory."""
    yield from open_bench(request.param, tmp_path_factory.mktemp("equality"))


@pytest.fixture(autouse=True)
def no_contexts_stay(bench: Bench) -> Iterator[None]:
    """Free the contexts of each test."""
    yield
    bench.close_contexts()


@pytest.fixture(scope="module")
def bound(bench: Bench) -> float:
    """Twice the rounding floor."""
    fresh = [bench.fresh(PROMPT, n_batch=n_batch) for n_batch in SPLITS]
    bench.close_contexts()
    floor = max(largest_difference(first, second) for first, second in combinations(fresh, 2))
    say(f"rounding floor: {floor:.3g}")
    assert floor < 0.05  # a wrong memory is off by far more
    return 2 * floor


def going_on(bench: Bench) -> tuple[Memory, int]:
    """The prompt of the next turn begins with all that is known."""
    memory = bench.memory()
    memory.read(PROMPT[:600])
    return memory, memory.read(PROMPT)


def a_reply_was_written(bench: Bench) -> tuple[Memory, int]:
    """What a model wrote is part of the next prompt, token for token."""
    memory = bench.memory()
    memory.read(PROMPT[:600])
    memory.append(PROMPT[600:650])
    return memory, memory.read(PROMPT)


def another_reply(bench: Bench) -> tuple[Memory, int]:
    """A reply is written anew, or its template has rewritten it."""
    memory = bench.memory()
    memory.read(PROMPT[:660], BOUNDARIES)
    memory.append(OTHER[:300])
    return memory, memory.read(PROMPT)


def an_edited_message(bench: Bench) -> tuple[Memory, int]:
    """The last user message is another one now."""
    memory = bench.memory()
    memory.read(PROMPT[:TURN] + OTHER, [SYSTEM, TURN, TURN + 400])
    return memory, memory.read(PROMPT)


def the_same_again(bench: Bench) -> tuple[Memory, int]:
    """The same prompt is read twice."""
    memory = bench.memory()
    memory.read(PROMPT)
    memory.append(OTHER[:300])
    return memory, memory.read(PROMPT)


def a_checkpoint_by_hand(bench: Bench) -> tuple[Memory, int]:
    """Somebody foresaw that it will go on differently from here."""
    memory = bench.memory()
    memory.read(PROMPT[:660])
    memory.cache.checkpoint()
    memory.append(OTHER[:300])
    return memory, memory.read(PROMPT)


def a_third_way(bench: Bench) -> tuple[Memory, int]:
    """A reply was written anew, and anew: a checkpoint in the first of them says nothing of the third."""
    memory = bench.memory()
    memory.read(PROMPT[:300] + OTHER, [300, 550])
    memory.read(PROMPT[:600] + OTHER, [300])
    return memory, memory.read(PROMPT)


def swapped_out_and_in(bench: Bench) -> tuple[Memory, int]:
    """Another conversation came in between."""
    memory = bench.memory()
    assert not memory.cache.switch_to("one")
    memory.read(PROMPT[:650])
    assert not memory.cache.switch_to("two")
    memory.read(OTHER)
    assert memory.cache.switch_to("one")
    return memory, memory.read(PROMPT)


def swapped_in_and_edited(bench: Bench) -> tuple[Memory, int]:
    """After another conversation the last message of the first is edited: its checkpoints came back with it."""
    memory = bench.memory()
    memory.cache.switch_to("one")
    memory.read(PROMPT[:TURN] + OTHER, [SYSTEM, TURN, TURN + 400])
    memory.cache.switch_to(None)
    memory.read(OTHER)
    assert memory.cache.switch_to("one")
    return memory, memory.read(PROMPT)


def adopted_elsewhere(bench: Bench) -> tuple[Memory, int]:
    """The state went to a file, and comes back in another process with another context window."""
    first = bench.memory()
    first.read(PROMPT[:650], BOUNDARIES)
    state = first.cache.state()
    assert state is not None
    second = bench.memory(n_ctx=1024)
    second.read(OTHER)
    assert second.cache.adopt(state)
    return second, second.read(PROMPT)


def another_branch(bench: Bench) -> tuple[Memory, int]:
    """A conversation that nobody knows begins as the live one does: it is a copy, or has the same system prompt."""
    memory = bench.memory()
    memory.cache.switch_to("one")
    memory.read(PROMPT[:TURN] + OTHER, BOUNDARIES)
    assert not memory.cache.switch_to("two")
    return memory, memory.read(PROMPT)


def stopped_and_asked_again(bench: Bench) -> tuple[Memory, int]:
    """Stop came in the middle of a slice, and then the same was asked again."""
    memory = bench.memory()
    memory.read_aborted(PROMPT, slices=9)
    return memory, memory.read(PROMPT)


STORIES: dict[Callable[[Bench], tuple[Memory, int]], int] = {
    going_on: 600,
    a_reply_was_written: 650,
    another_reply: REPLY,
    an_edited_message: TURN,
    the_same_again: len(PROMPT) - 1,
    a_checkpoint_by_hand: 660,
    a_third_way: 300,
    swapped_out_and_in: 650,
    swapped_in_and_edited: TURN,
    adopted_elsewhere: 650,
    another_branch: TURN,
    stopped_and_asked_again: 9 * 64,
}
"""What happens before the prompt, and how much of it must be reused at least."""


@pytest.mark.parametrize(("story", "least"), STORIES.items(), ids=[story.__name__ for story in STORIES])
def test_reuse_equals_a_fresh_evaluation(
    bench: Bench, bound: float, story: Callable[[Bench], tuple[Memory, int]], least: int
) -> None:
    """Whatever was reused, the logits are the same within twice the rounding floor."""
    memory, reused = story(bench)
    difference = largest_difference(memory.logits(), bench.fresh(PROMPT))
    say(f"reused {reused} of {len(PROMPT)}, difference {difference:.3g}, bound {bound:.3g}")
    assert least <= reused < len(PROMPT)
    assert memory.cache.tokens == PROMPT
    assert difference <= bound


def test_a_cut_that_is_allowed_equals_a_fresh_evaluation(bench: Bench, bound: float) -> None:
    """What can be taken back, can be read again in another way."""
    memory = bench.memory(rollback=4)
    memory.read(PROMPT[:690])
    memory.append(OTHER[:3])
    if memory.cache.cut(690):
        memory.append(PROMPT[690:])
        assert largest_difference(memory.logits(), bench.fresh(PROMPT)) <= bound
    else:
        assert memory.cache.tokens == [*PROMPT[:690], *OTHER[:3]]
        assert largest_difference(memory.logits(), bench.fresh(memory.cache.tokens)) <= bound


def test_guesses_that_were_wrong_are_taken_back(bench: Bench, bound: float) -> None:
    """Of several tokens that were read at once the first ones stay: so a draft is checked, where the memory allows."""
    memory = bench.memory(outputs=5, rollback=4)
    memory.read(PROMPT[:690])
    memory.cache.append([*PROMPT[690:692], *OTHER[:3]], all_logits=True)
    is_cut = memory.cache.cut(692)
    assert is_cut == (bench.name != "recurrent")  # mamba has no states on the way
    if is_cut:
        memory.append(PROMPT[692:])
        assert largest_difference(memory.logits(), bench.fresh(PROMPT)) <= bound


def test_every_row_of_logits_equals_its_own_evaluation(bench: Bench, bound: float) -> None:
    """Several tokens read at once give the logits that each gives when it comes last."""
    memory = bench.memory(outputs=8)
    memory.read(PROMPT[:692])
    memory.cache.append(PROMPT[692:], all_logits=True)
    assert largest_difference(memory.logits(7), bench.fresh(PROMPT)) <= bound
    assert largest_difference(memory.logits(3), bench.fresh(PROMPT[:696])) <= bound


def test_a_cut_against_the_rule_is_seen_here(bench: Bench, bound: float) -> None:
    """These tests can fail: cut far behind its window, a sliding model computes something else, and says nothing."""
    memory = bench.memory()
    memory.read(PROMPT[:200] + OTHER)
    is_cut = SequenceMemory(memory.context).cut(200)
    assert is_cut == (bench.kind is not MemoryKind.RECURRENT), "llama.cpp itself refuses to cut a recurrent state"
    if not is_cut:
        return
    del memory.cache.tokens[200:]
    memory.append(PROMPT[200:260])
    difference = largest_difference(memory.logits(), bench.fresh(PROMPT[:260]))
    say(f"cut against the rule: difference {difference:.3g}, bound {bound:.3g}")
    assert (difference > 10 * bound) == (bench.name == "sliding")

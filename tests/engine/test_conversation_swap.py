"""Several conversations in one context, and what an interruption leaves of them."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from app.engine.engine import EngineError
from app.engine.llama.library import LibraryLog
from app.engine.llama.loading.model import MemoryKind
from app.engine.llama.memory.evaluation import Evaluation, EvaluationAbortedError, EvaluationLimits
from app.engine.llama.memory.sequence_memory import SequenceMemory
from app.engine.llama.memory.sequence_states import SequenceState
from tests.engine.memories import MIB, MODELS, Bench, Memory, largest_difference, open_bench, random_tokens

ONE, TWO, THREE = (random_tokens(400, seed) for seed in range(3))


@pytest.fixture(scope="module", params=MODELS)
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A loaded model of each kind of memory."""
    yield from open_bench(request.param, tmp_path_factory.mktemp("swap"))


@pytest.fixture
def memory(bench: Bench) -> Iterator[Memory]:
    """An empty context."""
    yield bench.memory()
    bench.close_contexts()


def is_right(memory: Memory) -> bool:
    """Whether the ledger says what the memory holds."""
    return SequenceMemory(memory.context).n_tokens == len(memory.cache.tokens)


def test_coming_back_costs_one_evaluation(memory: Memory) -> None:
    """Three conversations take turns, and each reads only what is new to it."""
    for name, tokens in (("one", ONE), ("two", TWO), ("three", THREE)):
        assert not memory.cache.switch_to(name)
        assert memory.read(tokens) == 0
    for name, tokens in (("one", ONE), ("two", TWO), ("three", THREE)):
        assert memory.cache.switch_to(name)
        assert memory.read([*tokens, 300]) == 400
        assert is_right(memory)


def test_an_anonymous_conversation_is_never_kept(memory: Memory) -> None:
    """A title is asked for in between: nothing of it stays, and the conversation is there again."""
    memory.cache.switch_to("one")
    memory.read(ONE)
    assert not memory.cache.switch_to(None)
    memory.read(TWO)
    assert memory.cache.switch_to("one")
    assert not memory.cache.switch_to("")
    assert memory.cache.kept.peek("") is None
    assert memory.read(TWO) == 0


def test_without_a_budget_nothing_is_kept(bench: Bench) -> None:
    """0 bytes switch it off: each switch reads anew, and rightly."""
    memory = bench.memory(swap_bytes=0)
    memory.cache.switch_to("one")
    memory.read(ONE)
    memory.cache.switch_to("two")
    memory.read(TWO)
    assert not memory.cache.switch_to("one")
    assert memory.read(ONE) == 0
    bench.close_contexts()


def test_what_was_read_for_another_is_nobody_elses_state(memory: Memory) -> None:
    """The tokens of the conversation before stay for their common beginning, but never go to disk under this name."""
    memory.cache.switch_to("one")
    memory.read(ONE)
    assert memory.cache.switch_to("one")
    memory.cache.switch_to("two")
    assert memory.cache.state() is None
    assert not memory.cache.switch_to("two")
    memory.cache.switch_to("three")
    assert memory.cache.kept.peek("two") is None
    assert memory.cache.switch_to("one")
    assert memory.cache.tokens == ONE


def test_a_damaged_state_means_a_cold_start(bench: Bench, memory: Memory) -> None:
    """What llama.cpp refuses, or what does not fit its tokens, is read anew; a fresh run says the same."""
    memory.read(ONE)
    state = memory.cache.state()
    assert state is not None
    damaged = (
        SequenceState(state.tokens, bytes(state.data)[: len(state.data) // 2], state.checkpoints),
        SequenceState(state.tokens, b"nothing that llama.cpp wrote"),
        SequenceState(state.tokens[:-1], state.data),
    )
    for one in damaged:
        assert not memory.cache.adopt(one)
        assert memory.cache.tokens == []
        assert is_right(memory)
    assert memory.read(ONE) == 0
    assert largest_difference(memory.logits(), bench.fresh(ONE)) == 0


def test_a_large_state_comes_back(bench: Bench, memory: Memory) -> None:
    """Beyond a mebibyte the bytes lie in pages of their own, and say the same."""
    long = random_tokens(1900, seed=4)
    memory.cache.switch_to("one")
    memory.read(long)
    memory.cache.switch_to("two")
    memory.read(TWO)
    state = memory.cache.kept.peek("one")
    assert state is not None
    assert (state.size_bytes > MIB) == (bench.kind is MemoryKind.DENSE)
    assert memory.cache.switch_to("one")
    assert memory.read([*long, 300]) == 1900
    memory.cache.clear()
    again = memory.logits()
    memory.read([*long, 300])
    assert largest_difference(again, memory.logits()) < 0.01


def test_a_state_may_lie_in_bytes_that_cannot_be_written(memory: Memory) -> None:
    """A file's bytes come as they were read."""
    memory.read(ONE)
    state = memory.cache.state()
    assert state is not None
    for data in (bytes(state.data), memoryview(bytes(state.data)), memoryview(state.data)):
        assert memory.cache.adopt(SequenceState(state.tokens, data, state.checkpoints))
        assert memory.cache.tokens == ONE


def test_a_checkpoint_is_only_what_a_cut_does_not_bring_back(bench: Bench, memory: Memory) -> None:
    """The layers that keep every token are not copied; a memory that can be cut anywhere needs no checkpoint."""
    memory.read(ONE, boundaries=(100, 200))
    state = memory.cache.state()
    assert state is not None
    sizes = [len(checkpoint.data) for checkpoint in state.checkpoints]
    assert bool(sizes) == (bench.kind is not MemoryKind.DENSE)
    if bench.name in {"sliding", "hybrid"}:
        assert sizes[-1] < len(state.data) / 1.2


def test_after_a_stop_the_ledger_is_right(bench: Bench, memory: Memory) -> None:
    """Stop in the middle of a slice keeps the slices before it; the next answer equals a fresh run."""
    memory.read_aborted(ONE, slices=3)
    assert memory.cache.tokens == ONE[: 3 * 64]
    assert is_right(memory)
    memory.read(TWO)
    assert largest_difference(memory.logits(), bench.fresh(TWO)) == 0


def test_a_stop_in_the_first_slice_leaves_nothing(bench: Bench, memory: Memory) -> None:
    """What was known of another prompt is gone, what was to be read is not there yet."""
    memory.read(TWO)
    memory.read_aborted(ONE, slices=0)
    assert memory.cache.tokens == []
    assert is_right(memory)
    memory.read(ONE)
    assert largest_difference(memory.logits(), bench.fresh(ONE)) == 0


def test_a_stop_in_a_reply_goes_back_to_where_it_began(bench: Bench, memory: Memory) -> None:
    """A dense memory keeps the reply; a recurrent state was destroyed, and its checkpoint before the reply is back."""
    memory.read(ONE, boundaries=(100, 390))
    memory.append(TWO[:20])
    with memory.aborting(nodes=3), pytest.raises(EvaluationAbortedError):
        memory.append([300])
    is_recurrent = bench.kind is MemoryKind.RECURRENT
    assert memory.cache.tokens == (ONE[:390] if is_recurrent else [*ONE, *TWO[:20]])
    assert is_right(memory)
    assert memory.read([*ONE, 301]) >= 390


def test_a_cut_that_is_refused_changes_nothing(bench: Bench, memory: Memory) -> None:
    """Only where the memory allows it something is taken back; all of it can go anywhere."""
    memory.read(ONE)
    memory.append(TWO)
    assert memory.cache.cut(100) == (bench.kind is MemoryKind.DENSE)
    assert memory.cache.tokens == (ONE[:100] if bench.kind is MemoryKind.DENSE else ONE + TWO)
    assert is_right(memory)
    with pytest.raises(ValueError, match="there are"):
        memory.cache.cut(1000)
    assert memory.cache.cut(0)
    assert memory.cache.tokens == []
    assert is_right(memory)


def test_a_full_window_is_said(bench: Bench) -> None:
    """More tokens than there is room for are an error with a next step, and what was read before it is right."""
    memory = bench.memory(n_ctx=256)
    if bench.name == "recurrent":  # a single state has room for any number of tokens
        assert memory.read(ONE) == 0
    else:
        with pytest.raises(EngineError, match="full"):
            memory.read(ONE)
        assert memory.cache.tokens == ONE[:256]
    assert is_right(memory)
    bench.close_contexts()


class CountingThreads:
    """Counts what is evaluated."""

    def __init__(self) -> None:
        self.counts: list[int] = []

    @contextmanager
    def evaluating(self, n_tokens: int) -> Generator[None]:
        """Count."""
        self.counts.append(n_tokens)
        yield


def test_more_than_a_context_takes_never_reaches_it(memory: Memory) -> None:
    """llama.cpp would end the process; and every evaluation is announced to whoever chooses the threads."""
    threads: Any = CountingThreads()
    evaluation = Evaluation(memory.context, EvaluationLimits(8, 2), LibraryLog(lambda _line: None), threads)
    for tokens, outputs in ((ONE[:9], 1), (ONE[:3], 3), ((), 0), (ONE[:1], 2), (ONE[:1], -1)):
        with pytest.raises(ValueError, match="at most"):
            evaluation.run(tokens, begin=0, outputs=outputs)
    evaluation.run(ONE[:8], begin=0, outputs=1)
    evaluation.run(ONE[8:10], begin=8, outputs=1)
    evaluation.free()
    assert threads.counts == [8, 2]

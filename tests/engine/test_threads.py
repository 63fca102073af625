"""The number of threads finds its way to what is fastest, on made-up machines whose speed is written down here."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from itertools import pairwise
from typing import TypeAlias

import pytest

from app.engine.llama.speed import adaptive_threads
from app.engine.llama.speed.adaptive_threads import AdaptiveThreads
from app.engine.llama.speed.threads import ThreadController

Machine: TypeAlias = Callable[[int, int], float]
"""Seconds that a token takes, by the number of threads and the token's own number."""
TOKEN_S = 0.008
SIZES = [1, 2, 4, 6, 8, 16]


def idle(cores: int, *, alone: float = 0.3) -> Machine:
    """A machine with nothing else to do; `alone` is the share of the work that more threads do not make faster."""
    return lambda threads, _token: TOKEN_S * (alone + (1 - alone) / threads) / (alone + (1 - alone) / cores)


def busy(cores: int, neighbours: int, *, times: float) -> Machine:
    """A machine on which other programs hold `neighbours` cores: more threads than fit beside them are slow."""
    quiet = idle(cores)

    def takes(threads: int, token: int) -> float:
        fits = threads <= cores - neighbours
        return quiet(threads, token) * (1 if fits else 1.8 if threads == 1 else times)

    return takes


def between(machine: Machine, other: Machine, begin: int, end: int) -> Machine:
    """The one machine, which from token `begin` to `end` is like the other."""
    return lambda threads, token: (other if begin <= token < end else machine)(threads, token)


def noisy(machine: Machine, seed: int) -> Machine:
    """The machine with a tenth more or less by chance, and a hiccup at every hundredth token."""
    chance = random.Random(seed)  # noqa: S311 - noise, not a secret
    return lambda threads, token: (
        machine(threads, token) * chance.lognormvariate(0, 0.1) * (5 if chance.random() < 0.01 else 1)
    )


def write(controller: ThreadController, machine: Machine, tokens: int) -> list[tuple[int, float]]:
    """Decode: what number each token had, and how long it took."""
    taken: list[tuple[int, float]] = []
    for token in range(tokens):
        threads = controller.threads
        taken.append((threads, machine(threads, token)))
        controller.took(taken[-1][1])
    return taken


def against_best_fixed(cores: int, machine: Callable[[], Machine], tokens: int) -> float:
    """The controller's speed over that of the best number that stays the same."""
    ours = sum(seconds for _, seconds in write(ThreadController(cores), machine(), tokens))
    fixed = [[takes(n, token) for token in range(tokens)] for n in range(1, cores + 1) for takes in [machine()]]
    return min(map(sum, fixed)) / ours


@pytest.mark.parametrize("cores", SIZES)
@pytest.mark.parametrize("alone", [0.05, 0.3, 0.6])
def test_an_idle_machine_keeps_its_speed(cores: int, alone: float) -> None:
    """Looking around costs a token or two in a hundred, whatever more threads bring."""
    assert against_best_fixed(cores, lambda: idle(cores, alone=alone), 1000) >= 0.97


@pytest.mark.parametrize("cores", SIZES)
@pytest.mark.parametrize("seed", range(5))
def test_noise_does_not_lead_astray(cores: int, seed: int) -> None:
    """Hiccups and a tenth of noise: the best number is kept, or one that is nearly as good."""
    assert against_best_fixed(cores, lambda: noisy(idle(cores), seed), 1000) >= 0.93


@pytest.mark.parametrize("cores", SIZES[1:])
@pytest.mark.parametrize("times", [3, 10, 20])
def test_busy_from_the_start(cores: int, times: float) -> None:
    """Neighbours on half of the cores, or on all: found out soon enough to keep most of the speed."""
    for neighbours in (cores // 2, cores):
        assert against_best_fixed(cores, lambda n=neighbours: busy(cores, n, times=times), 300) >= 0.8


@pytest.mark.parametrize("cores", SIZES[1:])
@pytest.mark.parametrize("times", [3, 20])
def test_neighbours_that_come_are_noticed_within_thirty_tokens(cores: int, times: float) -> None:
    """After thirty tokens none takes half as long again as with the best number."""
    machine = between(idle(cores), crowd := busy(cores, cores // 2, times=times), 100, 1000)
    taken = write(ThreadController(cores), machine, 200)
    best = min(crowd(n, 0) for n in range(1, cores + 1))
    late = [seconds for _, seconds in taken[130:]]
    assert sum(seconds <= 1.5 * best for seconds in late) >= len(late) - 3


@pytest.mark.parametrize("cores", SIZES[1:])
@pytest.mark.parametrize("times", [3, 20])
def test_neighbours_that_go_are_noticed(cores: int, times: float) -> None:
    """A while after they went, it is as fast as ever; nothing but trying can tell."""
    machine = between(idle(cores), busy(cores, cores, times=times), 100, 300)
    taken = write(ThreadController(cores), machine, 1000)
    late = [seconds for _, seconds in taken[700:]]
    assert sum(late) <= 1.1 * TOKEN_S * len(late)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("length", [5, 15, 60])
@pytest.mark.parametrize(
    ("one", "two"), [((11, 31, 60, 60), (20, 45, 75)), ((30, 60), (30, 60)), ((30, 60, 60), (22, 22, 44))]
)
def test_weather_that_never_settles(one: tuple[int, ...], two: tuple[int, ...], length: int, seed: int) -> None:
    """Two cores between busy neighbours, as measured: every few tokens another pace, for one thread and for two."""

    def machine() -> Machine:
        chance = random.Random(seed)  # noqa: S311 - noise, not a secret
        weather: list[tuple[float, float]] = []
        while len(weather) < 300:
            paces = (chance.choice(one) / 1000, chance.choice(two) / 1000)
            weather += [paces] * math.ceil(chance.expovariate(1 / length))
        return lambda threads, token: weather[token][threads - 1]

    assert against_best_fixed(2, machine, 300) >= 0.8


def test_every_number_stays_within_the_cores() -> None:
    """However wild the times are."""
    chance = random.Random(3)  # noqa: S311 - noise, not a secret
    for cores in SIZES:
        controller = ThreadController(cores)
        for _ in range(2000):
            assert 1 <= controller.threads <= cores
            controller.took(chance.lognormvariate(-5, 2))


def test_a_clearly_slower_number_is_given_up_after_one_token() -> None:
    """Half the threads, twice the time: one token tells."""
    taken = write(ThreadController(2), idle(2, alone=0.0), 200)
    used = [threads for threads, _ in taken]
    assert used.count(1) <= 4
    assert not any(first == second == 1 for first, second in pairwise(used))


def test_slices_of_different_length_count_by_the_token() -> None:
    """A short last slice of a prompt is no sign of a faster machine, nor are trials made while all is well."""
    controller = ThreadController(4, grace=0.5)
    for n_tokens in [256] * 20 + [40] + [256] * 20:
        controller.took(n_tokens * idle(4)(controller.threads, 0), n_tokens)
        assert controller.threads == 4


class Calls:
    """Takes the place of llama.cpp: writes down the numbers of threads, and lets time pass."""

    def __init__(self) -> None:
        """Nothing was set yet."""
        self.now = 0.0
        self.set: list[tuple[int, int]] = []

    def llama_set_n_threads(self, _context: object, for_one: int, for_several: int) -> None:
        """Remember."""
        self.set.append((for_one, for_several))

    def evaluate(self, threads: AdaptiveThreads, n_tokens: int, machine: Machine) -> int:
        """Evaluate as llama.cpp would, and tell with how many threads."""
        with threads.evaluating(n_tokens):
            used = self.set[-1][0 if n_tokens == 1 else 1]
            self.now += n_tokens * machine(used, 0)
        return used


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """What is called of llama.cpp."""
    calls = Calls()
    monkeypatch.setattr(adaptive_threads, "api", calls)
    return calls


def adaptive(calls: Calls, most: int) -> AdaptiveThreads:
    """Threads of a context that is not there."""
    return AdaptiveThreads(None, most, clock=lambda: calls.now)  # pyright: ignore[reportArgumentType] - never looked at


def test_tokens_and_slices_find_their_own_numbers(calls: Calls) -> None:
    """Where single tokens want one thread and the prompt all of them, each gets its own."""
    threads = adaptive(calls, 2)
    for _ in range(5):
        assert calls.evaluate(threads, 256, idle(2)) == 2
        for _ in range(30):
            calls.evaluate(threads, 1, busy(2, 1, times=10))
    assert calls.evaluate(threads, 256, idle(2)) == 2
    assert calls.evaluate(threads, 4, idle(2)) == 1


def test_an_evaluation_that_was_interrupted_teaches_nothing(calls: Calls) -> None:
    """It ended early, which is no sign of speed."""
    threads = adaptive(calls, 2)
    for _ in range(40):
        calls.evaluate(threads, 1, idle(2))
        with pytest.raises(InterruptedError), threads.evaluating(1):
            raise InterruptedError
    used = [for_one for for_one, _ in calls.set]
    assert used.count(1) <= 4


def test_a_reply_can_be_repeated_with_the_numbers_it_was_written_with(calls: Calls) -> None:
    """What was written down gives the same numbers again, on a machine that would ask for others by now."""
    threads = adaptive(calls, 2)
    for _ in range(20):
        calls.evaluate(threads, 1, idle(2))
    threads.forget_runs()
    written = [calls.evaluate(threads, 1, busy(2, 1, times=10)) for _ in range(60)]
    runs = threads.runs
    assert {1, 2} == set(written)
    assert written == [number for number, tokens in runs for _ in range(tokens)]
    with threads.repeating(runs):
        assert calls.evaluate(threads, 256, idle(2)) == written[0]
        assert [calls.evaluate(threads, 1, idle(2)) for _ in range(60)] == written
        assert calls.evaluate(threads, 1, idle(2)) == written[-1]
    assert calls.evaluate(threads, 1, busy(2, 1, times=10)) == 1

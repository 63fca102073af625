"""Guesses are evaluated only where that makes a reply faster: simulated replies, with times of a simulated machine."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TypeAlias

import pytest

from app.engine.llama.speed.guessing import Experience, TextGuesser
from app.engine.llama.speed.guessing_gain import Chance, EvaluationTimes, Purse, best_bet

Cost: TypeAlias = Callable[[int], float]
MOST = 15


def held_up_by_memory(rows: int) -> float:
    """A large model: a few rows take hardly longer than one."""
    return 0.1 * (1 + 0.08 * (rows - 1))


def held_up_by_computing(rows: int) -> float:
    """A small one, on a slow processor: every row costs nearly as much as the first."""
    return 0.01 * (1 + 0.6 * (rows - 1))


def without_gain(rows: int) -> float:
    """Rows that cost as much together as one by one."""
    return 0.01 * rows


def never_ends(_token: int) -> bool:
    """No token ends a reply."""
    return False


class Draft:
    """A draft model that knows the whole text, and guesses each token right with the same chance."""

    first_s = each_s = 0.01

    def __init__(self, machine: Machine, whole: list[int], chance: float) -> None:
        """Take time on `machine`."""
        self.machine = machine
        self.whole = whole
        self.chance = chance
        self.calls = 0

    def catching_up_s(self, text: Sequence[int]) -> float:
        """It is never behind."""
        return 0.0

    def guess(self, text: Sequence[int], count: int) -> tuple[int, ...]:
        """Guess the next tokens."""
        self.calls += 1
        self.machine.seconds += self.first_s + self.each_s * (count - 1)
        right = self.whole[len(text) : len(text) + count]
        return tuple(token if self.machine.random.random() < self.chance else -1 for token in right)


class Machine:
    """Writes a text whose tokens are known beforehand, and counts what that takes."""

    def __init__(self, cost: Cost, *, noise: float = 0.0) -> None:
        """Take `cost` for an evaluation, sometimes more by up to `noise` of it."""
        self.cost = cost
        self.random = random.Random(7)  # noqa: S311 - a simulation
        self.noise = noise
        self.seconds = 0.0
        self.evaluations = 0
        self.times = EvaluationTimes()
        self.draft: Draft | None = None

    def write(self, prompt: list[int], reply: list[int], experience: Experience | None = None) -> float:
        """Write `reply` behind `prompt`, and give how many times as fast it was as without guesses."""
        known = experience or Experience()
        guesser = TextGuesser(known, self.times, MOST, never_ends, self.draft, lambda: self.seconds)
        guesser.begin(prompt)
        self.seconds, place = 0.0, 0
        while place < len(reply):
            guesser.follows(reply[place])
            guesses = guesser.guess(MOST)
            self._evaluate(guesser, 1 + len(guesses))
            place += 1
            right = 0
            while right < len(guesses) and place < len(reply) and guesses[right] == reply[place]:
                guesser.follows(reply[place])
                right, place = right + 1, place + 1
            guesser.judged(right)
        return len(reply) * self.cost(1) / self.seconds

    def _evaluate(self, guesser: TextGuesser, rows: int) -> None:
        seconds = self.cost(rows) * (1 + self.noise * self.random.random())
        self.seconds += seconds
        self.evaluations += 1
        guesser.evaluated(rows, seconds)


def text(count: int, seed: int, words: int = 5000) -> list[int]:
    """Tokens without any order."""
    draw = random.Random(seed)  # noqa: S311 - a simulation
    return [draw.randrange(words) for _ in range(count)]


@pytest.mark.parametrize("cost", [held_up_by_memory, held_up_by_computing, without_gain])
def test_a_text_without_repetition_costs_nothing(cost: Cost) -> None:
    """Where nothing can be guessed, or only by chance, at most 2 % are lost."""
    for words in (5000, 40, 8):
        machine = Machine(cost)
        assert machine.write(text(500, 1, words), text(1000, 2, words)) >= 0.98, words


def test_a_repeated_text_is_faster_as_soon_as_rows_are_cheap() -> None:
    """A text that repeats the prompt, with one word in fifty changed, is written several times as fast."""
    source = text(400, 1)
    changed = [9999 if i % 50 == 25 else token for i, token in enumerate(source)]
    assert Machine(held_up_by_memory, noise=0.2).write(source, changed) > 3
    assert Machine(held_up_by_computing, noise=0.2).write(source, changed) > 1.2
    assert Machine(without_gain).write(source, changed) >= 0.95


def test_a_conversation_remembers_that_guessing_went_well() -> None:
    """The second reply that repeats the text is guessed at from its first words on."""
    source = text(300, 1)
    machine, experience = Machine(held_up_by_computing), Experience()
    first = machine.write(source, source, experience)
    assert machine.write(source, source, experience) > first


def test_a_draft_model_guesses_only_while_it_pays() -> None:
    """One that is mostly right makes it faster; one that is always wrong costs at most 2 %, and is not asked often."""
    reply = text(1000, 2)
    for chance in (0.8, 0.0):
        machine = Machine(held_up_by_memory)
        machine.draft = draft = Draft(machine, reply, chance)
        gain = machine.write([], reply)
        if chance:
            assert gain > 1.5
        else:
            assert gain >= 0.98
            assert 5 < draft.calls < 60


def test_a_draft_model_that_has_become_good_is_used_again() -> None:
    """Somewhere in a long conversation the text becomes one that it can guess."""
    machine, experience, reply = Machine(held_up_by_memory), Experience(), text(1000, 2)
    machine.draft = draft = Draft(machine, reply, 0.0)
    machine.write([], reply, experience)
    draft.chance = 0.9
    for _ in range(3):
        machine.write([], reply, experience)
    assert machine.write([], reply, experience) > 1.5


def test_a_machine_that_becomes_busy_is_noticed() -> None:
    """Where rows have become dear, guessing ends; where they have become cheap again, it begins anew."""
    source = text(300, 1)
    machine, experience = Machine(held_up_by_memory), Experience()
    assert machine.write(source, source, experience) > 3
    machine.cost = without_gain
    machine.write(source, source, experience)
    assert machine.write(source, source, experience) >= 0.95
    machine.cost = held_up_by_memory
    for _ in range(6):
        machine.write(source, source, experience)
    assert machine.write(source, source, experience) > 2


def test_nothing_is_bet_before_anything_was_measured() -> None:
    """The first tokens are written one by one: there is nothing to compare with yet."""
    times = EvaluationTimes()
    assert not best_bet(times, [1.0] * MOST).pays
    for _ in range(3):
        times.took(1, 0.01)
    assert best_bet(times, [1.0] * MOST).count == MOST


def test_what_a_number_of_rows_takes_is_guessed_between_those_that_are_known() -> None:
    """Between two that were measured it lies between them, and beyond them it is more."""
    times = EvaluationTimes()
    for _ in range(3):
        times.took(1, 0.01)
    times.took(4, 0.02)
    times.took(8, 0.03)
    assert times.of(6) == pytest.approx(0.025)
    assert 0.03 < times.of(12) < 0.045
    times.took(8, 10.0)  # the machine was busy with something else: never more than one by one
    assert times.of(8) <= 0.08


def test_a_guess_that_costs_time_itself_has_to_bring_more() -> None:
    """A draft model's own evaluations are counted."""
    times = EvaluationTimes()
    for _ in range(3):
        times.took(1, 0.1)
    assert best_bet(times, [0.8] * 8, each_s=0.01).pays
    assert not best_bet(times, [0.8] * 8, each_s=0.1).pays
    assert not best_bet(times, [0.8] * 8, first_s=1.0).pays


def test_a_chance_forgets_what_was_long_ago() -> None:
    """After two hundred other ones what was seen before counts little."""
    chance = Chance(1.0, 2.0)
    for _ in range(200):
        chance.saw(was_right=False)
    assert chance.value < 0.01
    for _ in range(200):
        chance.saw(was_right=True)
    assert chance.value > 0.85


def test_only_a_hundredth_of_the_time_is_lost_to_trying() -> None:
    """What is in the purse is what was earned, less what was lost."""
    purse = Purse()
    assert not purse.can_pay(0.1)
    purse.earn(20)
    assert purse.can_pay(0.1)
    purse.pay(0.15)
    purse.pay(-1)  # a trial that won
    assert not purse.can_pay(0.1)

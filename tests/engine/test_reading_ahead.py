"""Reading ahead is done in slices that nobody has to wait for, on a fast machine and on a slow one."""

from __future__ import annotations

import pytest

from app.engine.llama.memory.reading_ahead import Pace


class Machine:
    """A clock that the reading of tokens moves on."""

    def __init__(self, tokens_per_s: float) -> None:
        self.now = 100.0
        self._tokens_per_s = tokens_per_s

    def read(self, tokens: int) -> float:
        """Read, and tell how long it took."""
        spent = tokens / self._tokens_per_s
        self.now += spent
        return spent


@pytest.mark.parametrize("tokens_per_s", [60, 150, 300, 700, 1500])
def test_slices_come_to_last_a_tenth_of_a_second_or_two(tokens_per_s: float) -> None:
    """After a few slices each takes about the time in which nobody notices having waited."""
    machine = Machine(tokens_per_s)
    pace = Pace(lambda: machine.now)
    spent = [machine.read(pace()) for _ in range(12)]
    assert all(0.04 < seconds < 0.2 for seconds in spent[6:])


def test_a_very_slow_machine_reads_a_few_tokens_at_once() -> None:
    """Fewer would cost more than they spare: the weights are read once for all of them."""
    machine = Machine(tokens_per_s=5)
    pace = Pace(lambda: machine.now)
    for _ in range(4):
        machine.read(pace())
    assert pace() == 8


def test_a_rest_between_two_readings_is_no_slow_slice() -> None:
    """Somebody thought about the next word; the machine is as fast as before."""
    machine = Machine(tokens_per_s=1500)
    pace = Pace(lambda: machine.now)
    for _ in range(8):
        machine.read(pace())
    usual = pace()
    machine.now += 60
    pace.rest()
    assert pace() == usual

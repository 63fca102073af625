"""Why PySide6 is held below 6.12: that one takes a reference to True away with every signal."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QObject, Signal

EMITS = 200


class _Bell(QObject):
    rung = Signal(int)


@pytest.mark.parametrize("immortal", [True, None], ids=["True", "None"])
def test_signals_leave_the_reference_count_alone(immortal: object) -> None:
    """After a few hundred signals Python's constants are still referred to as often as before."""
    bell = _Bell()
    bell.rung.emit(0)
    before = sys.getrefcount(immortal)
    for number in range(EMITS):
        bell.rung.emit(number)
    assert abs(sys.getrefcount(immortal) - before) < EMITS // 4

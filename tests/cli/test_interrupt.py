"""Ctrl-C, while a command is in the middle of something."""

from __future__ import annotations

import signal

import pytest

from app.cli.interrupt import first_interrupt


def test_the_first_one_only_asks() -> None:
    """What runs goes on to its end; afterwards Ctrl-C is again what it was."""
    before = signal.getsignal(signal.SIGINT)
    told: list[str] = []
    with first_interrupt(lambda: told.append("asked")):
        signal.raise_signal(signal.SIGINT)
        told.append("went on")
    assert told == ["asked", "went on"]
    assert signal.getsignal(signal.SIGINT) is before


def test_the_second_one_ends_it() -> None:
    """Whoever presses it twice does not want to wait."""
    told: list[str] = []
    with first_interrupt(lambda: told.append("asked")):
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert told == ["asked"]


def test_one_that_is_ignored_stays_so() -> None:
    """As in the background of a shell."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with first_interrupt(lambda: pytest.fail("nobody asked")):
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)

"""Errors that are shown: a sentence, a next step, and never less than that."""

from __future__ import annotations

import pytest

from app.errors import Fault, PaddockError


class FullBarnError(PaddockError):
    """An error as a room defines one."""

    fault = Fault.MACHINE


def test_an_error_is_its_sentence_and_the_next_step() -> None:
    """Values fill both; templates stay, so that they can be translated where they are shown."""
    error = FullBarnError("{name} holds {count:,} bales.", next_step="Empty {name}.", name="The barn", count=12000)
    assert str(error) == "The barn holds 12,000 bales. Empty The barn."
    assert (error.message, error.next_step) == ("{name} holds {count:,} bales.", "Empty {name}.")
    assert error.values == {"name": "The barn", "count": 12000}
    assert error.fault is Fault.MACHINE


def test_an_error_may_be_one_sentence() -> None:
    """Without a next step there is no blank at its end."""
    assert str(PaddockError("The gate is closed.")) == "The gate is closed."


def test_details_are_not_part_of_the_sentence() -> None:
    """They stand behind a button."""
    error = PaddockError("The engine stopped.", details="exit code -6")
    assert "exit" not in str(error)
    assert error.details == "exit code -6"


def test_values_are_never_templates() -> None:
    """A file may be called as it likes."""
    assert str(PaddockError("{name} is empty.", name="{message} {0}.gguf")) == "{message} {0}.gguf is empty."


def test_whoever_raises_nothing_of_its_own_is_at_fault() -> None:
    """An error without an owner is ours."""
    with pytest.raises(PaddockError) as caught:
        raise PaddockError("Something.")
    assert caught.value.fault is Fault.PADDOCK

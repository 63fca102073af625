"""How numbers are said in Discover."""

from __future__ import annotations

import pytest

from app.ui.composer.model_choice import show_size
from app.ui.presenters.discover_words import shown_speed


@pytest.mark.parametrize(
    ("speed", "words"),
    [
        (None, ""),
        (1.24, "1.2 tok/s"),
        (11.4, "11 tok/s"),
        (1000.0, "1000 tok/s"),
        (4321.0, "over 1,000 tok/s"),
    ],
)
def test_a_speed_takes_no_more_room_than_it_is_worth(speed: float | None, words: str) -> None:
    """Above a thousand the number says nothing more."""
    assert shown_speed(speed) == words


@pytest.mark.parametrize(("size", "words"), [(0, "0 bytes"), (1, "1 byte"), (600, "600 bytes"), (1000, "1 kB")])
def test_one_byte_is_one(size: int, words: str) -> None:
    """The ledger counts by the byte what is small."""
    assert show_size(size) == words

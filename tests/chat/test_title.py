"""What a conversation is called before somebody gives it a name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.title import LONGEST_TITLE, title_of


@pytest.mark.parametrize(
    ("message", "title"),
    [
        ("Why does sourdough collapse?", "Why does sourdough collapse?"),
        ("\n\n  Two   spaces\tand a tab  \nsecond line", "Two spaces and a tab"),
        (
            "Compare the notice periods in section 4 and section 17 of the lease",
            "Compare the notice periods in section 4 and…",
        ),
        ("x" * 100, "x" * (LONGEST_TITLE - 1) + "…"),
    ],
)
def test_the_first_line_is_the_title(message: str, title: str) -> None:
    """Whitespace is tidied, and a long line is cut between words where that leaves enough."""
    assert title_of(message) == title


@given(st.text())
def test_a_title_is_one_short_line(message: str) -> None:
    """Whatever was written, the title fits in the sidebar."""
    title = title_of(message)
    assert len(title) <= LONGEST_TITLE
    assert "\n" not in title

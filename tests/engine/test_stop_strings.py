"""Stop strings across the borders of pieces."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.engine.llama.reply.stop_strings import StopStrings

WORDS = st.text(alphabet="abc ", max_size=40)
STOPS = st.lists(st.text(alphabet="abc ", min_size=1, max_size=4), max_size=3)


def feed(text: str, stops: list[str], cuts: list[int]) -> tuple[str, bool]:
    """Let `text` through in pieces that end at `cuts`."""
    borders = [0, *sorted({cut for cut in cuts if cut < len(text)}), len(text)]
    filtered = StopStrings(stops)
    shown = "".join(filtered.feed(text[begin:end]) for begin, end in pairwise(borders))
    return shown + ("" if filtered.found else filtered.flush()), filtered.found


def earliest_end(text: str, stops: list[str]) -> int:
    """Where the first stop string of the whole text begins, or the text's end."""
    return min((text.find(stop) for stop in stops if stop in text), default=len(text))


@given(WORDS, STOPS, st.lists(st.integers(min_value=0, max_value=40)))
def test_how_the_text_is_cut_makes_no_difference(text: str, stops: list[str], cuts: list[int]) -> None:
    """Whatever pieces the text comes in, what is shown ends no later than where a stop string begins in the whole."""
    shown, found = feed(text, stops, cuts)
    whole = any(stop in text for stop in stops)
    assert found == whole
    assert text.startswith(shown)
    assert not any(stop in shown for stop in stops)
    if not whole:
        assert shown == text


@given(WORDS, STOPS)
def test_in_one_piece_the_earliest_stop_counts(text: str, stops: list[str]) -> None:
    """Of several stop strings the one that comes first in the text ends it, not the first of the list."""
    assert feed(text, stops, [])[0] == text[: earliest_end(text, stops)]


def test_a_stop_string_over_three_pieces_is_held_back() -> None:
    """Nothing of a stop string is ever shown, and what only looked like one is shown in the end."""
    stops = StopStrings(["\nUser:"])
    assert stops.feed("Yes\nU") == "Yes"
    assert stops.feed("se") == ""
    assert stops.feed("ful") == "\nUseful"
    assert stops.feed("\nUse") == ""
    assert stops.feed("r: and") == ""
    assert stops.found
    assert stops.feed("more") == ""


def test_what_was_held_back_at_the_end_is_let_go() -> None:
    """A text may end with the beginning of a stop string."""
    stops = StopStrings(["STOP", ""])
    assert stops.feed("The ST") == "The "
    assert stops.flush() == "ST"
    assert not stops.found

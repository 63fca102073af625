"""What a text has said before is found again at once."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.engine.llama.speed.prompt_lookup import LookupChances, PromptLookup


def lookup(*tokens: int) -> PromptLookup:
    """A text."""
    known = PromptLookup()
    known.extend(tokens)
    return known


def test_what_followed_the_last_time_is_expected() -> None:
    """After the same two tokens comes what came behind them before, and so on."""
    assert lookup(1, 2, 3, 4, 5, 1, 2).ahead(3) == (3, 4, 5)
    assert lookup(1, 2, 3, 1, 2, 4, 1, 2).ahead(1) == (4,)
    assert lookup(1, 2, 3, 4).ahead(3) == ()
    assert lookup().ahead(3) == ()


def test_three_equal_tokens_say_more_than_two() -> None:
    """The longer match wins over the later one."""
    assert lookup(9, 1, 2, 3, 8, 1, 2, 4, 9, 1, 2).ahead(1) == (3,)


def test_a_passage_is_followed_to_its_end() -> None:
    """While the text repeats a passage it stays there, though another one lies nearer."""
    known = lookup(1, 2, 3, 4, 5, 6, 3, 4, 9, 1, 2)
    for token in (3, 4):
        assert known.expected == token
        known.append(token)
    assert (known.expected, known.same) == (5, 4)
    known.append(7)
    assert known.expected is None


def test_one_token_over_and_over_expects_itself() -> None:
    """The end of the text may be its own pattern."""
    known = lookup(7, 7, 7)
    known.append(7)
    assert known.expected == 7


@given(st.lists(st.integers(0, 4), max_size=60), st.integers(0, 60))
def test_what_is_expected_stands_in_the_text_behind_equal_tokens(tokens: list[int], whole: int) -> None:
    """However the text came, at once or token by token: an expectation has a source."""
    known = lookup(*tokens[:whole])
    for token in tokens[whole:]:
        known.append(token)
    assert known.tokens == tokens
    pairs = list(pairwise(tokens))
    assert (known.expected is not None) == (tuple(tokens[-2:]) in pairs[:-1])
    if known.expected is not None:
        pattern = [*tokens[-2:], known.expected]
        assert any(tokens[i : i + 3] == pattern for i in range(len(tokens)))


def test_chances_are_learned_by_how_much_was_the_same() -> None:
    """That two equal tokens promise little says nothing of ten."""
    chances = LookupChances()
    before = chances.ahead(10, 1)
    for _ in range(50):
        chances.saw(2, was_right=False)
    assert chances.ahead(2, 1)[0] < 0.05
    assert chances.ahead(10, 1) == before
    assert len(chances.ahead(2, 8)) == 8

"""The logit bias, as a person writes it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.settings.logit_bias import TokenBias, parse_logit_bias
from app.settings.registry import SettingError
from app.settings.values import Settings, find_setting


@pytest.mark.parametrize(
    ("text", "biases"),
    [
        ("", []),
        ("  ", []),
        ("certainly = -5", [TokenBias("certainly", -5.0)]),
        ("1234=2.5,so = never", [TokenBias(1234, 2.5), TokenBias("so", -math.inf)]),
        (" x = -INF ", [TokenBias("x", -math.inf)]),
        ('" a, b=" = 1, "12" = .5', [TokenBias(" a, b=", 1.0), TokenBias("12", 0.5)]),
        ('"\\n" = -100', [TokenBias("\n", -100.0)]),
        ("Grüße 🦙 = 3,", [TokenBias("Grüße 🦙", 3.0)]),
    ],
)  # fmt: skip
def test_tokens_and_their_biases_are_read(text: str, biases: list[TokenBias]) -> None:
    """By id or by text; in quotation marks a text may hold anything."""
    assert list(parse_logit_bias(text)) == biases


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("certainly", "missing at “certainly”"),
        ("= 3", "missing at “= 3”"),
        ("a = ", "no bias at"),
        ("a = 3, b = lots", "no bias at “lots”"),
        ("a = 101", "no bias at “101”"),
        ("a = nan", "no bias at “nan”"),
        ("a = inf", "no bias at “inf”"),
        ("a = 1e1", "no bias at “1e1”"),
        ('"a = 3', "quotation mark has no end"),
        ('a "b" = 3', 'missing at “"b" = 3”'),
        ('"" = 3', "a token is missing"),
        ('"\\ud800" = 3', "a token is missing"),
        ("\0 = 3", "a token is missing"),
        (",", "a token is missing"),
        (",".join(f"{i}=1" for i in range(300)), "more than 200 tokens"),
    ],
)
def test_what_cannot_be_read_is_a_sentence_with_its_place(text: str, place: str) -> None:
    """The setting refuses it, however it is set."""
    with pytest.raises(SettingError) as caught:
        Settings().replaced("sampling.logit_bias", text)
    assert place in str(caught.value)
    with pytest.raises(SettingError):
        find_setting("sampling.logit_bias").parse(text)


@given(st.text(max_size=60))
def test_nothing_but_a_sentence_comes_of_any_text(text: str) -> None:
    """It is read, or it is a `SettingError` that can be shown."""
    try:
        biases = parse_logit_bias(text)
    except SettingError as error:
        assert str(error).encode()  # noqa: PT017 - both ends are right
        return
    assert all(bias.bias == -math.inf or abs(bias.bias) <= 100 for bias in biases)

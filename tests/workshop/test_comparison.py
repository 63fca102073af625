"""What two measurements mean, in plain words."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from app.workshop.comparison import Closeness, Comparison, Measured, comparison_from_json
from app.workshop.target_types import sensible_targets

SOURCE = Measured("Q4_1", 98_000_000, 340.0, 115.0, -3.65)
FASTER = Measured("Q8_0", 145_000_000, 750.0, 125.0, -3.66)
TWICE = "Made from weights that were made smaller before: it loses more."


def grown(share: float) -> Measured:
    """The same model with a perplexity that is larger by `share`."""
    return replace(FASTER, log_likelihood=SOURCE.log_likelihood - math.log(1 + share))


def test_a_faster_copy_with_the_same_words_pays() -> None:
    """As the starter model's does."""
    comparison = Comparison(SOURCE, FASTER)
    assert comparison.pays
    assert comparison.speed_words() == "It reads 2.2 times as fast, and writes 1.1 times as fast."
    assert comparison.size_words() == "It takes 145 MB instead of 98 MB."
    assert comparison.closeness_words() == "Its words are practically the same."
    assert comparison.verdict() == "Worth using here."


@pytest.mark.parametrize(
    ("growth", "closeness", "pays"),
    [
        (-0.05, Closeness.SAME, True),
        (0.019, Closeness.SAME, True),
        (0.021, Closeness.CLOSE, True),
        (0.06, Closeness.NOTICEABLE, False),
        (0.5, Closeness.WORSE, False),
    ],
)
def test_how_near_the_words_come(growth: float, closeness: Closeness, pays: bool) -> None:
    """By how much the perplexity grows, and only near ones pay."""
    comparison = Comparison(SOURCE, grown(growth))
    assert comparison.perplexity_growth == pytest.approx(growth)
    assert comparison.closeness is closeness
    assert comparison.pays == pays


@pytest.mark.parametrize(
    ("read", "written", "words"),
    [
        (340, 115, "It reads and writes as fast as before."),
        (340, 230, "It reads as fast as before, and writes 2.0 times as fast."),
        (680, 115, "It reads 2.0 times as fast, and writes as fast as before."),
        (680, 57.5, "It reads 2.0 times as fast, and writes 0.50 times as fast."),
    ],
)
def test_the_speeds_in_words(read: float, written: float, words: str) -> None:
    """Each direction is said, and no difference that is none."""
    after = replace(FASTER, prompt_tokens_per_s=read, decode_tokens_per_s=written)
    assert Comparison(SOURCE, after).speed_words() == words


def test_what_is_gained_on_one_side_must_not_be_lost_on_the_other() -> None:
    """A copy that writes half as fast does not pay, however fast it reads; one that is much smaller does."""
    assert not Comparison(SOURCE, replace(FASTER, decode_tokens_per_s=60.0)).pays
    same_speed = replace(FASTER, prompt_tokens_per_s=340.0, decode_tokens_per_s=115.0)
    assert Comparison(SOURCE, same_speed).verdict() == "No clear gain on this machine."
    assert Comparison(SOURCE, replace(same_speed, size_bytes=60_000_000)).pays


def test_a_comparison_is_kept_as_json() -> None:
    """And comes back as it was; something else does not."""
    comparison = Comparison(SOURCE, FASTER)
    assert comparison_from_json(json.loads(json.dumps(comparison.as_json()))) == comparison
    assert comparison_from_json({"before": 1}) is None


def test_that_the_words_are_worse_is_said_once() -> None:
    """Beside the verdict stands the sentence on the words: it does not say the same again."""
    comparison = Comparison(SOURCE, grown(0.5))
    said = f"{comparison.closeness_words()} {comparison.verdict()}"
    assert said == "Its words are clearly worse. Not worth it unless nothing else fits."


def test_weights_that_were_made_smaller_before_promise_less() -> None:
    """What is made of the whole weights keeps its own sentence, and so does what promises little anyway."""
    assert {target.sentence for target in sensible_targets("F16")}.isdisjoint({TWICE})
    own = [target.name for target in sensible_targets("Q4_1") if target.sentence != TWICE]
    assert own == ["Q8_0", "Q3_K_M", "Q2_K"]

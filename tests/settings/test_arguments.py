"""Settings on the command line."""

from __future__ import annotations

import argparse

import pytest

from app.settings.arguments import add_arguments, settings_from_arguments
from app.settings.logit_bias import MAXIMUM_ENTRIES
from app.settings.values import SETTINGS, Settings


@pytest.fixture
def parser() -> argparse.ArgumentParser:
    """The options of `ask`."""
    parser = argparse.ArgumentParser()
    add_arguments(parser, ["sampling.temperature", "sampling.seed", "sampling.max_tokens", "load.context"])
    return parser


def test_what_is_said_on_the_command_line_wins(parser: argparse.ArgumentParser) -> None:
    """What is not said stays as it was set."""
    kept = Settings().replaced("sampling.top_k", 7).replaced("load.context", 512)
    arguments = parser.parse_args(["--temperature", "0.2", "--max-tokens=20", "--seed", "9"])
    settings = settings_from_arguments(arguments, kept)
    assert (settings.sampling.temperature, settings.sampling.max_tokens, settings.sampling.seed) == (0.2, 20, 9)
    assert (settings.sampling.top_k, settings.load.context) == (7, 512)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--temperature", "9"], "argument --temperature: Temperature cannot be “9”. It takes a number from 0 to 2."),
        (["--seed", "-1"], "argument --seed: Seed cannot be “-1”. It takes a whole number from 0 to 4,294,967,294."),
        (["--context", "lots"], "argument --context: Context window cannot be “lots”."),
    ],
)
def test_a_wrong_value_is_a_wrong_command_line(
    parser: argparse.ArgumentParser, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    """Exit status 2, and the setting's own sentence."""
    with pytest.raises(SystemExit) as caught:
        parser.parse_args(words)
    assert caught.value.code == 2
    assert sentence in capsys.readouterr().err


def test_a_sentence_without_a_next_step_ends_with_itself(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing stands behind its full stop."""
    parser = argparse.ArgumentParser()
    add_arguments(parser, ["sampling.logit_bias"])
    with pytest.raises(SystemExit):
        parser.parse_args(["--logit-bias", ", ".join(f"{token} = 1" for token in range(MAXIMUM_ENTRIES + 1))])
    assert capsys.readouterr().err.endswith(f"The logit bias names more than {MAXIMUM_ENTRIES} tokens.\n")


def test_every_setting_can_be_an_argument(capsys: pytest.CaptureFixture[str]) -> None:
    """Their help can be printed, whatever signs stand in it."""
    parser = argparse.ArgumentParser()
    add_arguments(parser, [setting.key for setting in SETTINGS])
    with pytest.raises(SystemExit):
        parser.parse_args(["--help"])
    assert "--repeat-last-n" in capsys.readouterr().out

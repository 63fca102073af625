"""The command line: what it takes, and what it says when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cli.arguments import parse


def test_nothing_named_means_the_window() -> None:
    """`main.py` alone, or with a data folder, opens the window."""
    assert parse([]).command is None
    assert parse(["--home", "/tmp/x"]).home == Path("/tmp/x")  # noqa: S108 - only a name here


@pytest.mark.parametrize(
    "arguments",
    [
        ["--json", "--home", "there", "models", "list"],
        ["models", "--json", "--home", "there", "list"],
        ["models", "list", "--json", "--home", "there"],
    ],
)
def test_json_and_home_stand_anywhere(arguments: list[str]) -> None:
    """Before the command's name, behind it, or behind its action."""
    parsed = parse(arguments)
    assert parsed.json is True
    assert parsed.home == Path("there")
    assert (parsed.command, parsed.action) == ("models", "list")


@pytest.mark.parametrize(
    "arguments",
    [
        ["frob"],
        ["ask"],
        ["ask", "x", "--temperature", "warm"],
        ["ask", "x", "--temperature", "9"],
        ["ask", "x", "--seed", "-1"],
        ["ask", "x", "--max-tokens", "0"],
        ["ask", "x", "--context", "many"],
        ["ask", "x", "--conversation", "1", "--system", "y"],
        ["ask", "x", "--jso"],
        ["ask", "x", "--reasoning", "a lot"],
        ["ask", "x", "--replay", "1"],
        ["ask", "--replay", "1", "--temperature", "0"],
        ["ask", "--replay", ""],
        ["ask", "--replay", "1", "--no-save"],
        ["models", "list", "--load-anyway"],
        ["models"],
        ["models", "add"],
        ["models", "add", ""],
        ["models", "show", ""],
        ["ask", "x", "--model", ""],
        ["ask", "x", "--conversation", " "],
        ["conversations", "show", ""],
        ["--home", "", "doctor"],
        ["ask", "x", "two\nlines\x1b[2J"],
        ["conversations", "search"],
    ],
)
def test_a_wrong_command_line_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence on standard error, nothing on standard output, no usage text in between."""
    with pytest.raises(SystemExit) as ended:
        parse(arguments)
    said = capsys.readouterr()
    assert ended.value.code == 2
    assert said.out == ""
    assert len(said.err.splitlines()) == 1


def test_settings_of_an_answer_come_typed() -> None:
    """What the registry declares is what the command line takes."""
    parsed = vars(parse(["ask", "x", "--temperature", "0", "--seed", "7", "--max-tokens", "5", "--context", "512"]))
    assert parsed["sampling.temperature"] == 0.0
    assert parsed["sampling.seed"] == 7
    assert parsed["sampling.max_tokens"] == 5
    assert parsed["load.context"] == 512

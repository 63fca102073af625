"""How commands print, on a terminal and elsewhere."""

from __future__ import annotations

import sys

import pytest

from app.cli.printing import print_error, print_json, print_table, print_text, readable_size
from app.errors import PaddockError

HOSTILE = "safe\x1b[2J\x1b]0;title\x07 \x9b31mred\ttab\nline"


def test_a_terminal_is_not_commanded(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What a model writes cannot clear the screen; line breaks and tabs stay."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    print_text(HOSTILE)
    assert capsys.readouterr().out == "safe[2J]0;title 31mred\ttab\nline"


def test_a_pipe_gets_the_text_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """The pieces joined are what is saved."""
    print_text(HOSTILE)
    assert capsys.readouterr().out == HOSTILE


def test_an_error_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Also when a file's name has lines of its own."""
    print_error(PaddockError("There is no {name}.", next_step="Look again.", name="two\nlines\x1b[1m"))
    assert capsys.readouterr().err == "There is no two lines[1m. Look again.\n"


def test_columns_are_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    """The last column may be of any length; nothing is printed for no rows."""
    print_table([["a", "long", "x"], ["bbb", "c", "yyy"]])
    print_table([])
    assert capsys.readouterr().out == "a    long  x\nbbb  c     yyy\n"


def test_a_row_is_one_line_whatever_a_name_holds(capsys: pytest.CaptureFixture[str]) -> None:
    """On a pipe too: no line of its own, no escape sequence, nothing that turns the line around."""
    print_table([["two\r\nlines\u2028three", "x"], ["a\x1b[2J\u202eb", "half \udcff"]])
    assert capsys.readouterr().out == "two lines three  x\na[2Jb            half \ufffd\n"


def test_json_holds_no_halves_of_characters(capsys: pytest.CaptureFixture[str]) -> None:
    """A file's name need not be text; JSON must be."""
    print_json({"path": "inv\udcff.gguf"})
    assert capsys.readouterr().out == '{"path": "inv\ufffd.gguf"}\n'


def test_sizes_as_people_say_them() -> None:
    """In the unit that leaves few digits."""
    assert readable_size(98_362_432) == "98 MB"
    assert readable_size(2_500_000_000) == "2.5 GB"

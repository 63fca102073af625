"""Text from elsewhere is read whole, or refused in one sentence."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from typing_extensions import override

from app.engine.requests import Adapter
from app.given_text import (
    TextFileError,
    read_standard_input,
    read_text,
    shown_name,
    standard_input,
    whole_characters,
)


def stdin_of(content: bytes) -> io.TextIOWrapper:
    """A standard input that holds this."""
    return io.TextIOWrapper(io.BytesIO(content))


def test_halves_of_characters_become_one_sign_everywhere() -> None:
    """What is whole stays as it is; a file's name is shown in the same way wherever it is."""
    assert whole_characters("Grüße \U0001f999\0") == "Grüße \U0001f999\0"
    assert whole_characters("inv\udcff\ud800") == "inv\ufffd\ufffd"
    path = Path("inv\udcff.gguf")
    assert Adapter(path).name == shown_name(path) == "inv\ufffd.gguf"


def test_a_text_is_read_without_its_mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some editors write a byte order mark; from a file and from standard input it is the same text."""
    path = tmp_path / "meadow.txt"
    path.write_bytes(b"\xef\xbb\xbfHay.\r\n")
    assert read_text(path, "meadow.txt") == "Hay.\r\n"
    monkeypatch.setattr(sys, "stdin", stdin_of(path.read_bytes()))
    assert read_standard_input() == "Hay.\r\n"


def test_what_is_no_text_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It calls the file as its caller does, and standard input by its name."""
    latin = tmp_path / "latin.txt"
    latin.write_bytes("Grüße".encode("latin-1"))
    large = tmp_path / "large.txt"
    with large.open("wb") as file:
        file.truncate(16_000_001)
    for path, sentence in (
        (tmp_path, "The file is not a file."),
        (tmp_path / "gone", "There is no file The file."),
        (Path("a\0b"), "The file cannot be read."),
        (latin, "The file is not a text in UTF-8."),
        (large, "The file is larger than 16 MB."),
    ):
        with pytest.raises(TextFileError) as caught:
            read_text(path, "The file")
        assert str(caught.value).startswith(sentence)
    monkeypatch.setattr(sys, "stdin", stdin_of(latin.read_bytes()))
    with pytest.raises(TextFileError, match=r"^Standard input is not a text in UTF-8.$"):
        read_standard_input()


class BrokenInput(io.RawIOBase):
    """A terminal that has gone away."""

    @override
    def readable(self) -> bool:
        """It could be, once."""
        return True

    @override
    def readinto(self, buffer: object, /) -> int:
        """Fail as the operating system does."""
        raise OSError(5, "Input/output error")


def test_standard_input_may_be_closed_endless_or_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A closed one is empty, of too much no more is read than shows that, and a broken one is one sentence."""
    monkeypatch.setattr(sys, "stdin", None)
    assert standard_input(4) == b""
    monkeypatch.setattr(sys, "stdin", stdin_of(b"far too much"))
    assert standard_input(4) == b"far t"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(BrokenInput())))
    with pytest.raises(TextFileError, match="Standard input cannot be read"):
        standard_input(4)

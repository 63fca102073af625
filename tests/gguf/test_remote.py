"""The header of a file that lies elsewhere: as much of it is fetched as is needed, and the result is the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.gguf.header_error import ModelHeaderError
from app.gguf.reading import read_header, read_remote_header
from tests.gguf.at_hand import starter_file, vocabulary_files, written_files
from tests.gguf.elsewhere import Elsewhere
from tests.models.gguf_writer import CHAT_MODEL, Numbers, build_gguf

MIB = 1024 * 1024
FIRST_BYTES = 256 * 1024


@pytest.mark.parametrize("path", [starter_file(), *vocabulary_files()], ids=lambda path: path.name)
def test_a_header_from_elsewhere_is_that_of_the_file(path: Path) -> None:
    """In a handful of requests, and hardly more than it."""
    elsewhere = Elsewhere(path.read_bytes())
    header = read_remote_header(elsewhere.read, path.stat().st_size, path.name)
    assert header == read_header(path)
    assert elsewhere.fetched_bytes <= 1.1 * header.data_offset + FIRST_BYTES
    assert elsewhere.requests <= 6


def test_a_large_vocabulary_comes_for_its_own_size() -> None:
    """Its 250,000 tokens and as many merges grow longer from the first to the last; what each weighs is no news."""
    tokens = [f"{number:0{3 + number // 30_000}}" for number in range(250_000)]
    many = {"tokenizer.ggml.tokens": tokens, "tokenizer.ggml.merges": [f"{token[:4]} {token[4:]}" for token in tokens]}
    tensors = [(f"blk.{number}.weight", (64, 64)) for number in range(300)]
    content = build_gguf({**CHAT_MODEL, **many}, tensors=tensors)
    elsewhere = Elsewhere(content)
    header = read_remote_header(elsewhere.read, len(content), "far.gguf")
    assert header.vocabulary_size == len(tokens)
    assert 5 * MIB < header.data_offset < len(content)
    assert elsewhere.fetched_bytes <= 1.3 * header.data_offset + FIRST_BYTES
    assert elsewhere.requests <= 8


def test_small_files_come_with_one_request(tmp_path: Path) -> None:
    """They are fetched whole, and not beyond their end."""
    for path in written_files(tmp_path):
        elsewhere = Elsewhere(path.read_bytes())
        assert read_remote_header(elsewhere.read, path.stat().st_size, path.name) == read_header(path)
        assert elsewhere.requests == 1


def test_what_is_passed_over_is_not_fetched() -> None:
    """A long array of numbers lies between the entries that are wanted."""
    entries = {"tokenizer.ggml.scores": Numbers("f32", [0.5] * 4_000_000), **CHAT_MODEL}
    content = build_gguf(entries)
    elsewhere = Elsewhere(content)
    assert read_remote_header(elsewhere.read, len(content), "far.gguf").name == "Meadow 1B"
    assert elsewhere.fetched_bytes <= 2 * FIRST_BYTES < len(content)


def test_a_failing_connection_is_not_the_files_fault() -> None:
    """What went wrong on the way is told as it is."""

    def read(offset: int, count: int) -> bytes:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        read_remote_header(read, 10**9, "far.gguf")


def test_a_file_that_gives_less_than_it_promised_ends_in_the_middle() -> None:
    """It was exchanged meanwhile, or the server is wrong about its size."""
    content = build_gguf()
    with pytest.raises(ModelHeaderError, match=r"^far.gguf ends in the middle"):
        read_remote_header(lambda offset, count: content[:100][offset : offset + count], len(content), "far.gguf")

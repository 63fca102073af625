"""The sha256 of model files, read once."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from app.models.hashes import FileHashes, HashError


class StoppedError(Exception):
    """What a test raises to end the reading."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of more than one step."""
    path = tmp_path / "model.gguf"
    path.write_bytes(os.urandom(9_000_000))
    return path


@pytest.fixture
def hashes(tmp_path: Path) -> FileHashes:
    """Nothing known yet."""
    return FileHashes(tmp_path / "home" / "hashes.json")


def test_a_file_is_hashed_with_progress_and_remembered(file: Path, hashes: FileHashes) -> None:
    """The second time nothing is read: gigabytes stay where they are."""
    assert hashes.known(file) is None
    heard: list[float] = []
    digest = hashes.hash_file(file, heard.append)
    assert digest == hashlib.sha256(file.read_bytes()).hexdigest()
    assert heard == sorted(heard)
    assert len(heard) > 1
    assert heard[-1] == 1.0
    heard.clear()
    assert hashes.hash_file(file, heard.append) == digest == hashes.known(file)
    assert heard == []


def test_a_changed_file_is_read_again(file: Path, hashes: FileHashes) -> None:
    """Another size or another time is another file."""
    before = hashes.hash_file(file)
    file.write_bytes(b"grass")
    assert hashes.known(file) is None
    assert hashes.hash_file(file) != before
    os.utime(file, ns=(1, 1))
    assert hashes.known(file) is None


def test_whoever_listens_can_stop_it(file: Path, hashes: FileHashes) -> None:
    """What the listener raises comes through, and nothing is remembered."""

    def stop(fraction: float) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        hashes.hash_file(file, stop)
    assert hashes.known(file) is None


@pytest.mark.parametrize("content", ["{", "[1]", '{"%s": ["x", 3]}', '{"%s": null}'])
def test_a_damaged_memory_is_only_forgotten(file: Path, hashes: FileHashes, content: str) -> None:
    """All of it can be found out again."""
    hashes.cache.parent.mkdir()
    hashes.cache.write_text(content.replace("%s", str(file)))
    assert hashes.known(file) is None
    digest = hashes.hash_file(file)
    assert hashes.known(file) == digest


def test_a_missing_file_has_its_sentence(tmp_path: Path, hashes: FileHashes) -> None:
    """The disk may be gone in the middle of it."""
    with pytest.raises(HashError, match="could not be read to its end"):
        hashes.hash_file(tmp_path / "gone.gguf")

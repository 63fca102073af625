"""The sha256 of model files, read once."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import pytest

import app.models.hashes
from app.models.hashes import FileHashes, HashError, ReportFraction


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


def test_who_wrote_a_file_may_say_what_it_hashes_to(file: Path, hashes: FileHashes) -> None:
    """A download is hashed while it comes; nobody reads it again."""
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    hashes.remember(file, digest)
    heard: list[float] = []
    assert hashes.hash_file(file, heard.append) == digest
    assert heard == []


def test_a_changed_file_is_read_again(file: Path, hashes: FileHashes) -> None:
    """Another size or another time is another file."""
    before = hashes.hash_file(file)
    file.write_bytes(b"grass")
    assert hashes.known(file) is None
    assert hashes.hash_file(file) != before
    os.utime(file, ns=(1, 1))
    assert hashes.known(file) is None


def test_a_file_is_found_again_by_what_is_in_it(file: Path, hashes: FileHashes) -> None:
    """A file that is gone, or another one by now, is not."""
    digest = hashes.hash_file(file)
    gone = file.with_name("gone.gguf")
    gone.write_bytes(file.read_bytes())
    hashes.hash_file(gone)
    assert hashes.file_of(digest) == gone
    gone.unlink()
    assert hashes.file_of(digest) == file
    file.write_bytes(b"grass")
    assert hashes.file_of(digest) is None


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


def test_a_file_is_read_beside_other_work(file: Path, hashes: FileHashes) -> None:
    """Nobody waits who need not; what is known already comes without another reading."""
    digest = hashes.hash_later(file).result(timeout=20)
    assert digest == hashlib.sha256(file.read_bytes()).hexdigest() == hashes.known(file)
    assert hashes.hash_later(file).result(timeout=20) == digest


def test_who_asks_for_the_same_file_shares_one_reading(
    file: Path, hashes: FileHashes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A window and the reply in it ask for the same gigabytes at once."""
    may_read, read = threading.Event(), app.models.hashes.read_hash

    def read_late(path: Path, report: ReportFraction | None) -> str:
        assert may_read.wait(20)
        return read(path, report)

    monkeypatch.setattr("app.models.hashes.read_hash", read_late)
    first, second = hashes.hash_later(file), hashes.hash_later(file)
    assert first is second
    may_read.set()
    assert first.result(timeout=20) == hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_file_that_goes_while_nobody_looks_is_told_to_who_waits(tmp_path: Path, hashes: FileHashes) -> None:
    """A file that comes back is read then."""
    path = tmp_path / "gone.gguf"
    with pytest.raises(HashError, match="could not be read to its end"):
        hashes.hash_later(path).result(timeout=20)
    path.write_bytes(b"back")
    assert hashes.hash_later(path).result(timeout=20) == hashlib.sha256(b"back").hexdigest()

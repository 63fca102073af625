"""Small private files: whole or not at all."""

from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path

import pytest

from app import private_file
from app.private_file import (
    DamagedFileError,
    PrivateFileError,
    locked,
    read_object,
    read_or_set_aside,
    set_aside,
    write_object,
)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    """A missing file is an empty object."""
    path = tmp_path / "a.json"
    assert read_object(path) == {}
    write_object(path, {"hay": [1, None, "ü\ud800"]})
    assert read_object(path) == {"hay": [1, None, "ü\ud800"]}
    assert os.name != "posix" or path.stat().st_mode & 0o777 == 0o600


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new content never gets the name before it is whole and on the disk."""
    path = tmp_path / "a.json"
    write_object(path, {"old": True})

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(private_file.os, "fsync", fail)
    with pytest.raises(PrivateFileError, match="could not be saved") as caught:
        write_object(path, {"new": True})
    assert "No space left" in caught.value.details
    assert read_object(path) == {"old": True}


def test_a_lock_that_is_held_is_not_waited_for_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever holds it too long is named in a sentence."""
    monkeypatch.setattr(private_file, "_LOCK_TIMEOUT_S", 0.1)
    path = tmp_path / "a.json"
    with locked(path), pytest.raises(PrivateFileError, match="written by another Paddock"), locked(path):
        pass
    with locked(path):
        pass


def test_a_folder_that_cannot_hold_a_lock_has_its_sentence(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "folder").write_text("")
    with pytest.raises(PrivateFileError, match="could not be saved"), locked(tmp_path / "folder" / "a.json"):
        pass


@pytest.mark.parametrize("is_locked", [False, True])
def test_a_damaged_file_is_kept_beside_its_place(tmp_path: Path, *, is_locked: bool) -> None:
    """Also one that only its reader finds damaged; what is sound is read."""

    def parse(content: dict[str, object]) -> int:
        if not isinstance(content.get("hay", 0), int):
            raise DamagedFileError("The hay is damaged.")
        return len(content)

    path = tmp_path / "a.json"
    with locked(path) if is_locked else nullcontext():
        for damaged in ("{", '{"hay": "straw"}'):
            path.write_text(damaged)
            empty, aside = read_or_set_aside(path, parse, is_locked=is_locked)
            assert empty == 0
            assert aside is not None
            assert (aside.read_text(), path.exists()) == (damaged, False)
        path.write_text('{"hay": 1}')
        assert read_or_set_aside(path, parse, is_locked=is_locked) == (1, None)


def test_what_cannot_be_set_aside_has_its_sentence(tmp_path: Path) -> None:
    """It may be gone already."""
    with pytest.raises(PrivateFileError, match="could not be saved"):
        set_aside(tmp_path / "gone.json")

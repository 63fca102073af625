"""Parts that belong to no download: found, counted, thrown away; and never those that somebody is at."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from app.models.download.errors import InUseError
from app.models.download.leftovers import Leftovers, find_leftovers, throw_away
from app.models.download.part_file import PartFile, part_path

LISTED, FORGOTTEN = "0123456789ab-Listed.gguf", "ba9876543210-Forgotten.gguf"


def lay_part(folder: Path, name: str) -> Path:
    """Have some of a file lie in `folder`."""
    part = part_path(folder / name)
    part.write_bytes(b"x" * 50_000)
    part.with_name(part.name + ".json").write_text("{}")
    return part


def test_only_what_is_in_no_list_is_found(tmp_path: Path) -> None:
    """With the room that it takes, and without a trace of the look."""
    lay_part(tmp_path, LISTED)
    lay_part(tmp_path, FORGOTTEN)
    (tmp_path / "Model.gguf").write_bytes(b"x")
    before = sorted(tmp_path.iterdir())
    found = find_leftovers(tmp_path, {LISTED})
    assert found.targets == (tmp_path / FORGOTTEN,)
    assert 50_000 <= found.size_bytes < 100_000
    assert sorted(tmp_path.iterdir()) == before


def test_what_somebody_is_at_is_left_alone(tmp_path: Path) -> None:
    """Another Paddock may have begun with it after its list was read."""
    lay_part(tmp_path, FORGOTTEN)
    found = find_leftovers(tmp_path, ())
    with closing(PartFile(tmp_path / FORGOTTEN)):
        assert not find_leftovers(tmp_path, ())
        with pytest.raises(InUseError):
            throw_away(found)
    assert part_path(tmp_path / FORGOTTEN).exists()


def test_it_goes_with_its_notes(tmp_path: Path) -> None:
    """Nothing of it is left."""
    lay_part(tmp_path, FORGOTTEN)
    throw_away(find_leftovers(tmp_path, ()))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    """Before the first download there is none."""
    assert find_leftovers(tmp_path / "models", ()) == Leftovers()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """What it leads to is none of ours."""
    other = tmp_path / "other"
    other.write_bytes(b"mine")
    folder = tmp_path / "models"
    folder.mkdir()
    part_path(folder / FORGOTTEN).symlink_to(other)
    assert not find_leftovers(folder, ())
    assert other.read_bytes() == b"mine"

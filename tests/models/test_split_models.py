"""Models in several files: one entry, one size, and a part that is missing has a name."""

from __future__ import annotations

import pytest

from app.models.installed import ModelMissingError
from app.models.library import ModelLibraryError
from app.models.model_files import FileState
from tests.models.shelf import Laptop, write_model, write_parts


@pytest.mark.parametrize("chosen", [0, 1, 2])
def test_any_part_adds_the_whole_model(laptop: Laptop, chosen: int) -> None:
    """It is loaded from its first part, and takes what all take."""
    parts = write_parts(laptop.home)
    added = laptop.library.add(parts[chosen])
    assert (added.path, added.parts, added.name) == (parts[0], tuple(parts), "Big Meadow")
    assert added.size_bytes == sum(path.stat().st_size for path in parts)
    assert laptop.library.add(parts[2]) == added
    assert laptop.library.find(str(parts[1])) == added


def test_a_model_with_a_missing_part_is_not_added(laptop: Laptop) -> None:
    """The sentence names the file to look for."""
    parts = write_parts(laptop.home)
    parts[1].unlink()
    with pytest.raises(ModelLibraryError, match=r"Part 2 of 3 of this model is missing: big-00002-of-00003\.gguf"):
        laptop.library.add(parts[2])
    assert len(laptop.library.models()) == 1


def test_a_part_that_goes_later_makes_the_model_missing(laptop: Laptop) -> None:
    """Using it says which one; its size stays what it was."""
    parts = write_parts(laptop.home)
    added = laptop.library.add(parts[0])
    parts[2].unlink()
    missing = laptop.library.by_id(added.id)
    assert (missing.state, missing.missing, missing.size_bytes) == (FileState.MISSING, (parts[2],), added.size_bytes)
    with pytest.raises(ModelMissingError, match=r"Part 3 of 3 of Big Meadow is no longer at .*big-00003"):
        missing.present_path()


def test_a_file_that_is_only_called_like_a_part_is_a_model_by_itself(laptop: Laptop) -> None:
    """One of one is all of it."""
    path = write_model(laptop.home / "odd-00001-of-00001.gguf")
    added = laptop.library.add(path)
    assert (added.parts, added.files) == ((), (path,))

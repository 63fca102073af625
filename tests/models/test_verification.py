"""Whether a model's file is what it should be: read whole, said plainly, remembered."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from app.models.hashes import FileHashes
from app.models.installed import DamagedModelError, InstalledModel, ModelMissingError
from app.models.library import STARTER_ID
from app.models.model_files import FileState
from tests.models.shelf import Laptop, write_model, write_parts


class GaveUpError(Exception):
    """The user has."""


def sha256_of(path: Path) -> str:
    """What it is now."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def downloaded(laptop: Laptop, sha256: str | None = None) -> InstalledModel:
    """A model that Paddock fetched from a hub."""
    path = write_model(laptop.paths.models / "abcdefabcdef-meadow.gguf")
    return laptop.library.add_downloaded(
        path, repository="meadow/1b", licence="apache-2.0", sha256=sha256 or sha256_of(path), commit="c0ffee"
    )


def spoil(path: Path) -> None:
    """One byte of it turns, as on a failing disk: neither its size nor its time tells."""
    status, content = path.stat(), bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_a_download_is_compared_with_what_its_publisher_says(laptop: Laptop) -> None:
    """How far the reading is can be heard."""
    model, heard = downloaded(laptop), list[float]()
    verified = laptop.library.verify(model.id, heard.append)
    assert (verified.ok, verified.sha256, verified.expected) == (True, model.sha256_expected, model.sha256_expected)
    assert verified.sentence == "abcdefabcdef-meadow.gguf is what its publisher offers."
    assert heard == sorted(heard)
    assert heard[-1] == 1.0


def test_a_byte_that_turned_is_found_whatever_is_remembered(laptop: Laptop) -> None:
    """The model is marked until the file is right again."""
    model = downloaded(laptop)
    laptop.library.verify(model.id)
    spoil(model.path)
    verified = laptop.library.verify(model.id)
    assert (verified.ok, verified.sha256) == (False, sha256_of(model.path))
    assert "not what its publisher offers" in verified.sentence
    assert laptop.library.by_id(model.id).state is FileState.CHANGED
    spoil(model.path)
    assert laptop.library.verify(model.id).ok
    assert laptop.library.by_id(model.id).state is FileState.PRESENT


def test_with_nothing_to_compare_with_the_checksum_is_remembered(laptop: Laptop) -> None:
    """The next time there is something, and a change shows."""
    model = laptop.library.add(write_model(laptop.home / "meadow.gguf"))
    first = laptop.library.verify(model.id)
    assert (first.ok, first.sha256, first.expected) == (None, sha256_of(model.path), None)
    assert "nothing to compare" in first.sentence
    second = laptop.library.verify(model.id)
    assert (second.ok, second.expected, second.is_publishers) == (True, first.sha256, False)
    spoil(model.path)
    third = laptop.library.verify(model.id)
    assert (third.ok, third.expected) == (False, first.sha256)
    assert "when its checksum was first taken here" in third.sentence


def test_a_touched_file_that_is_still_the_same_is_no_longer_called_changed(laptop: Laptop) -> None:
    """A backup that was put back has another time and the same words."""
    model = downloaded(laptop)
    os.utime(model.path, ns=(1, 1))
    assert laptop.library.by_id(model.id).state is FileState.CHANGED
    assert laptop.library.verify(model.id).ok
    assert laptop.library.by_id(model.id).state is FileState.PRESENT


def test_a_change_that_nothing_can_be_compared_with_stays_a_change(laptop: Laptop) -> None:
    """No check makes it clean in silence: it says since when, and only its user takes it for right."""
    path = write_model(laptop.home / "meadow.gguf")
    os.utime(path, ns=(0, 1_700_000_000 * 10**9))
    model = laptop.library.add(path)
    spoil(path)
    os.utime(path, ns=(0, 1_800_000_000 * 10**9))
    for _ in range(2):
        verified = laptop.library.verify(model.id)
        assert (verified.ok, verified.sha256, verified.expected) == (False, sha256_of(path), None)
        assert "when it was added it was of" in verified.sentence
        assert laptop.library.by_id(model.id).state is FileState.CHANGED
    assert laptop.library.accept(model.id).state is FileState.PRESENT
    assert laptop.library.verify(model.id).ok is None
    assert laptop.library.verify(model.id).ok


def test_a_wrong_file_that_its_user_wants_is_taken_for_what_it_is(laptop: Laptop) -> None:
    """But whoever verifies it again hears again that it is not its publisher's."""
    model = downloaded(laptop, sha256="0" * 64)
    assert laptop.library.verify(model.id).ok is False
    assert laptop.library.accept(model.id).state is FileState.PRESENT
    assert laptop.library.by_id(model.id).loadable_path() == model.path
    assert laptop.library.verify(model.id).ok is False


def test_a_file_that_is_not_its_publishers_is_not_loaded_before_somebody_says_so(laptop: Laptop) -> None:
    """To add it by its path says so too; what its publisher says of it is not forgotten by that."""
    model = downloaded(laptop, sha256="0" * 64)
    laptop.library.verify(model.id)
    with pytest.raises(DamagedModelError, match="not what its publisher offers"):
        laptop.library.by_id(model.id).loadable_path()
    added = laptop.library.add(model.path)
    assert (added.id, added.loadable_path(), added.sha256_expected) == (model.id, model.path, "0" * 64)
    assert laptop.library.verify(model.id).ok is False


def test_every_part_is_verified_and_the_wrong_one_is_named(laptop: Laptop) -> None:
    """What each should be is known from its download."""
    parts = write_parts(laptop.paths.models)
    for part in parts:
        FileHashes(laptop.paths.model_hashes).hash_file(part)
    model = laptop.library.add_downloaded(parts[0], repository="m/b", licence=None, sha256=sha256_of(parts[0]))
    assert laptop.library.verify(model.id).ok
    spoil(parts[1])
    verified = laptop.library.verify(model.id)
    assert (verified.ok, verified.path, verified.sha256) == (False, parts[1], sha256_of(parts[1]))


def test_verifying_can_be_given_up(laptop: Laptop) -> None:
    """Nothing is noted of a file that was read half."""
    model = downloaded(laptop)
    before = laptop.paths.model_list.read_text()

    def give_up(_fraction: float) -> None:
        raise GaveUpError

    with pytest.raises(GaveUpError):
        laptop.library.verify(model.id, give_up)
    assert laptop.paths.model_list.read_text() == before


def test_a_file_that_is_gone_cannot_be_verified(laptop: Laptop) -> None:
    """That is what is said, not that it is wrong."""
    model = downloaded(laptop)
    model.path.unlink()
    with pytest.raises(ModelMissingError):
        laptop.library.verify(model.id)


def test_the_starter_model_can_be_verified_too(laptop: Laptop) -> None:
    """What it should be is part of Paddock; the one of these tests is another."""
    assert laptop.library.verify(STARTER_ID).ok is False


def test_where_a_download_came_from_is_kept(laptop: Laptop) -> None:
    """Its repository's licence counts where its header has none."""
    model = downloaded(laptop)
    assert (model.source, model.repository, model.commit, model.licence) == (
        "downloaded", "meadow/1b", "c0ffee", "apache-2.0"
    )  # fmt: skip
    path = write_model(laptop.paths.models / "bare.gguf", "Bare", general__license="")
    bare = laptop.library.add_downloaded(path, repository="meadow/bare", licence="mit", sha256=None)
    assert bare.licence == "mit"
    assert laptop.open_library(None).by_id(bare.id).licence == "mit"


def test_a_model_that_is_downloaded_again_is_one_model(laptop: Laptop) -> None:
    """What was kept of it is still there; where it comes from is what was said last."""
    model = downloaded(laptop)
    laptop.library.set_note(model.id, "grazes")
    write_model(model.path, general__file_type=7)
    again = laptop.library.add_downloaded(
        model.path, repository="meadow/newer", licence=None, sha256=sha256_of(model.path)
    )
    assert (again.id, again.repository, again.note, again.quantization) == (model.id, "meadow/newer", "grazes", "Q8_0")
    assert again.state is FileState.PRESENT


def test_a_model_made_from_another_knows_which(laptop: Laptop) -> None:
    """It is under the same licence, which a quantized file need not repeat."""
    source = downloaded(laptop)
    path = write_model(laptop.paths.models / "meadow-q8.gguf", general__license="", general__file_type=7)
    made = laptop.library.add_converted(path, source_id=source.id)
    assert (made.source, made.made_from, made.licence, made.repository) == (
        "converted", source.id, "apache-2.0", "meadow/1b"
    )  # fmt: skip
    assert made.name == f"{source.name} Q8_0"


def test_every_copy_is_named_after_its_source(laptop: Laptop) -> None:
    """Also the second of a kind: never as its publisher's header happens to call it."""
    names = [
        laptop.library.add_converted(
            write_model(laptop.paths.models / f"copy-{number}.gguf", "Mix1 Ep2", general__file_type=7),
            source_id=STARTER_ID,
        ).name
        for number in (1, 2)
    ]
    assert names == ["Starter model Q8_0", "Starter model Q8_0 2"]


def test_what_a_copy_is_was_remembered_when_it_was_made(laptop: Laptop) -> None:
    """A check compares with that: a byte that turned is found, whether or not its time tells."""
    path = write_model(laptop.paths.models / "meadow-q8.gguf", general__file_type=7)
    FileHashes(laptop.paths.model_hashes).remember(path, sha256_of(path))
    made = laptop.library.add_converted(path, source_id=STARTER_ID)
    assert laptop.library.verify(made.id).ok
    spoil(path)
    os.utime(path)
    verified = laptop.library.verify(made.id)
    assert verified.ok is False
    assert "not what it was when its checksum was first taken here" in verified.sentence
    assert laptop.library.by_id(made.id).state is FileState.CHANGED


def test_a_model_made_from_a_file_that_is_not_in_the_list(laptop: Laptop) -> None:
    """It was named by its path for this once; its copy is in the list all the same."""
    source = laptop.library.find(str(write_model(laptop.paths.models.parent / "elsewhere.gguf")))
    path = write_model(laptop.paths.models / "elsewhere-q8.gguf", general__file_type=7)
    assert laptop.library.add_converted(path, source_id=source.id).name == f"{source.name} Q8_0"

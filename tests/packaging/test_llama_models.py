"""What the set-up does with the source of llama.cpp so that tests can read its models."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import sys
import tarfile
from pathlib import Path

import pytest
from paddock_setup import llama_models, llama_source
from paddock_setup.commands import SetupError
from paddock_setup.places import Places

from tests.llama_sources import llama_models_folder

TOP = "llama_cpp_python-0.0.1"
MODELS = f"{TOP}/vendor/llama.cpp/models"


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A checkout whose lock file names an archive that is in the cache."""
    places = Places(checkout=tmp_path / "paddock", cache=tmp_path / "cache")
    places.venv.mkdir(parents=True)
    places.sources.mkdir(parents=True)
    archive = write_archive(
        places.sources / f"{TOP}.tar.gz",
        {f"{MODELS}/vocab.gguf": b"GGUF", f"{MODELS}/templates/a.jinja": b"{{ messages }}", f"{TOP}/setup.py": b""},
    )
    lock_archive(places, archive)
    return places


def write_archive(path: Path, files: dict[str, bytes], *, link: tuple[str, str] | None = None) -> Path:
    """Pack `files`, and a symbolic link from the first to the second name of `link`."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        if link is not None:
            member = tarfile.TarInfo(link[0])
            member.type, member.linkname = tarfile.SYMTYPE, link[1]
            archive.addfile(member)
    return path


def lock_archive(places: Places, archive: Path) -> None:
    """Name the archive in the lock file, in the form that `make lock` writes."""
    sha256 = hashlib.sha256(archive.read_bytes()).hexdigest()
    lock = places.lock("llama.txt")
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text(f"llama-cpp-python==0.0.1 \\\n    --hash=sha256:{sha256}\n")


def test_the_models_are_unpacked_once_and_linked(places: Places) -> None:
    """They lie in the cache under their version, nothing else of the source does, and `.venv` leads there."""
    assert not llama_models.are_there(places)
    llama_models.ensure(places)
    assert llama_models.are_there(places)
    linked = places.llama_models
    assert linked.readlink().parent == places.cache / "llama.cpp-models"
    assert linked.readlink().name.startswith("0.0.1-")
    assert {str(path.relative_to(linked)) for path in linked.rglob("*")} == {
        "vocab.gguf",
        "templates",
        "templates/a.jinja",
    }
    assert (linked / "templates" / "a.jinja").read_bytes() == b"{{ messages }}"


def test_a_second_checkout_only_sets_a_link(places: Places, tmp_path: Path) -> None:
    """All checkouts of a user share one copy, also when the archive is gone."""
    llama_models.ensure(places)
    shutil.rmtree(places.sources)
    second = Places(checkout=tmp_path / "second", cache=places.cache)
    shutil.copytree(places.checkout / "packaging", second.checkout / "packaging")
    second.venv.mkdir()
    llama_models.ensure(second)
    assert second.llama_models.readlink() == places.llama_models.readlink()


def test_another_version_is_unpacked_beside_the_first(places: Places) -> None:
    """After a pull that moved llama.cpp the link leads to the new models."""
    llama_models.ensure(places)
    lock_archive(places, write_archive(places.sources / "newer.tar.gz", {f"{MODELS}/newer.gguf": b"GGUF"}))
    assert not llama_models.are_there(places)
    llama_models.ensure(places)
    assert [path.name for path in places.llama_models.iterdir()] == ["newer.gguf"]


def test_a_cleared_cache_is_noticed(places: Places) -> None:
    """A link that leads nowhere is no reason to start the tests."""
    llama_models.ensure(places)
    shutil.rmtree(places.llama_models.readlink())
    assert not llama_models.are_there(places)


def test_what_a_killed_set_up_left_is_removed(places: Places) -> None:
    """Half an unpacked folder has another name, is never used, and goes with the next run."""
    abandoned = places.cache / "llama.cpp-models" / "unfinished-1" / "models"
    abandoned.mkdir(parents=True)
    assert not llama_models.are_there(places)
    llama_models.ensure(places)
    assert not abandoned.exists()
    assert llama_models.are_there(places)


def test_an_archive_that_is_not_the_locked_one_is_not_used(places: Places) -> None:
    """A download that was cut short or changed is fetched again."""
    archive = next(places.sources.glob("*.tar.gz"))
    assert llama_source.find_archive(places) == archive
    archive.write_bytes(archive.read_bytes()[:-1])
    assert llama_source.find_archive(places) is None


def test_no_file_of_an_archive_leads_out_of_the_folder(tmp_path: Path) -> None:
    """Names with `..` are refused, links are left out."""
    link = (f"{MODELS}/link.gguf", "/etc/passwd")
    good = write_archive(tmp_path / "good.tar.gz", {f"{MODELS}/vocab.gguf": b"GGUF"}, link=link)
    llama_models.unpack(good, tmp_path / "good")
    assert [path.name for path in (tmp_path / "good").iterdir()] == ["vocab.gguf"]
    bad = write_archive(tmp_path / "bad.tar.gz", {f"{MODELS}/../../outside.gguf": b"GGUF"})
    with pytest.raises(SetupError, match="cannot be unpacked"):
        llama_models.unpack(bad, tmp_path / "bad")
    assert not list(tmp_path.rglob("outside.gguf"))


def test_a_lock_without_a_hash_is_one_sentence(places: Places) -> None:
    """What a merge conflict left is said, not shown as a traceback."""
    places.lock("llama.txt").write_text("<<<<<<< HEAD\n")
    with pytest.raises(SetupError, match="names no version with its hash"):
        llama_source.locked(places)


def test_unfinished_work_goes_with_its_reason(places: Places) -> None:
    """An archive that cannot be unpacked leaves nothing half done behind."""
    files = {f"{MODELS}/vocab.gguf": b"GGUF", f"{MODELS}/../outside.gguf": b"GGUF"}
    lock_archive(places, write_archive(places.sources / "bad.tar.gz", files))
    with pytest.raises(SetupError):
        llama_models.ensure(places)
    assert [path.name for path in (places.cache / "llama.cpp-models").iterdir()] == ["lock"]
    assert not llama_models.are_there(places)


def test_tests_without_the_set_up_are_told_to_run_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing models fail the test with what to type; they do not skip it."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    with pytest.raises(AssertionError, match=re.escape("Run `make test`")):
        llama_models_folder()


def test_the_models_of_this_environment_are_there() -> None:
    """What `make test` set up holds vocabularies and chat templates."""
    folder = llama_models_folder()
    assert list(folder.glob("ggml-vocab-*.gguf"))
    assert list((folder / "templates").glob("*.jinja"))

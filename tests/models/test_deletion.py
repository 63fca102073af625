"""Deleting models: what would go is said first, only our own files go by themselves, and the bin may refuse."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.models.deletion import BinError
from app.models.installed import InstalledModel
from app.models.library import STARTER_ID, ModelLibrary, ModelLibraryError
from tests.models.elsewhere.trees import cached_file, ollama_model
from tests.models.gguf_writer import build_gguf
from tests.models.shelf import Laptop, write_model, write_parts


def downloaded(laptop: Laptop, name: str = "meadow", projector: Path | None = None) -> InstalledModel:
    """A model that Paddock fetched."""
    path = write_model(laptop.paths.models / f"{name}.gguf", name)
    return laptop.library.add_downloaded(path, repository="m/m", licence=None, sha256=None, projector=projector)


def test_our_own_download_goes_to_the_bin(laptop: Laptop) -> None:
    """What will happen is said before, and the entry goes with the file."""
    model = downloaded(laptop)
    deletion = laptop.library.deletion_of(model.id)
    assert (deletion.files, deletion.size_bytes, deletion.touches_others) == ((model.path,), model.size_bytes, False)
    assert deletion.sentence == "Its file goes to the bin of this computer."
    assert laptop.library.delete(model.id) == (model.path,)
    assert laptop.bin.taken == [model.path]
    assert [left.id for left in laptop.library.models()] == [STARTER_ID]


def test_all_parts_go_and_the_projector_that_nobody_else_needs(laptop: Laptop) -> None:
    """One that another model sees by stays, and so does one that is not ours."""
    eyes = write_model(laptop.paths.models / "eyes.gguf", general__type="mmproj")
    parts = write_parts(laptop.paths.models)
    first = laptop.library.add_downloaded(parts[0], repository="m/b", licence=None, sha256=None, projector=eyes)
    second = downloaded(laptop, "other", projector=eyes)
    assert laptop.library.deletion_of(first.id).files == tuple(parts)
    laptop.library.delete(first.id)
    assert laptop.library.deletion_of(second.id).files == (second.path, eyes)
    foreign = downloaded(
        laptop, "third", projector=write_model(laptop.home / "their-eyes.gguf", general__type="mmproj")
    )
    assert laptop.library.deletion_of(foreign.id).files == (foreign.path,)


def test_the_users_own_file_stays_unless_they_insist(laptop: Laptop) -> None:
    """The sentence says so, and where it is."""
    model = laptop.library.add(write_model(laptop.home / "meadow.gguf"))
    deletion = laptop.library.deletion_of(model.id)
    assert deletion.touches_others
    assert deletion.sentence == (
        f"This file is your own, from {laptop.home}. Only the entry in the list goes; the file stays."
    )
    assert laptop.library.delete(model.id) == ()
    assert model.path.is_file()
    again = laptop.library.add(model.path)
    assert laptop.library.delete(again.id, even_if_not_ours=True) == (model.path,)
    assert laptop.bin.taken == [model.path]


def test_another_applications_file_is_said_to_be_its(laptop: Laptop) -> None:
    """Deleting it in Paddock leaves that application's model where it is."""
    write_model(laptop.home / ".lmstudio/models/m/r/seer.gguf")
    (model,) = laptop.library.adopt(laptop.library.scan())
    deletion = laptop.library.deletion_of(model.id)
    assert deletion.sentence == (
        "This file belongs to LM Studio. Only the entry in the list goes; LM Studio keeps its model."
    )
    assert laptop.library.delete(model.id) == ()
    assert model.path.is_file()


def test_a_file_of_ollama_is_never_deleted(laptop: Laptop) -> None:
    """Several of its models may share it, however it came into our list; its own command knows."""
    blob = ollama_model(laptop.home / ".ollama" / "models", content=build_gguf())
    (found,) = laptop.library.adopt(laptop.library.scan())
    with pytest.raises(ModelLibraryError, match=r"ollama rm llama3\.2:3b"):
        laptop.library.delete(found.id, even_if_not_ours=True)
    assert laptop.library.deletion_of(found.id).files == ()
    assert laptop.library.delete(found.id) == ()
    added = laptop.library.add(blob)
    with pytest.raises(ModelLibraryError, match="Ollama keeps this file"):
        laptop.library.delete(added.id, even_if_not_ours=True)
    assert blob.is_file()
    assert laptop.bin.taken == []


def test_a_file_in_the_cache_of_hugging_face_is_never_deleted(laptop: Laptop) -> None:
    """The link alone would free nothing, and what it leads to may be shared."""
    link = cached_file(laptop.home / ".cache/huggingface/hub", "meadow/hub", "hub.gguf", build_gguf())
    (found,) = laptop.library.adopt(laptop.library.scan())
    deletion = laptop.library.deletion_of(found.id)
    assert (deletion.files, deletion.touches_others) == ((), True)
    with pytest.raises(ModelLibraryError, match="hf cache rm model/meadow/hub"):
        laptop.library.delete(found.id, even_if_not_ours=True)
    assert link.is_file()


def test_of_a_link_only_the_link_goes(laptop: Laptop) -> None:
    """The file it leads to stays where it is, also in our own folder."""
    target = write_model(laptop.home / "far" / "meadow.gguf")
    link = laptop.home / "near.gguf"
    link.symlink_to(target)
    model = laptop.library.add(link)
    assert "a link that you made" in laptop.library.deletion_of(model.id).sentence
    laptop.library.delete(model.id, even_if_not_ours=True)
    assert not link.is_symlink()
    assert target.is_file()


def test_a_model_in_memory_is_not_deleted(laptop: Laptop) -> None:
    """It would go on writing replies with a file that nobody can find."""
    model = downloaded(laptop)
    laptop.library.in_use = lambda: {model.path}
    with pytest.raises(ModelLibraryError, match="is in memory"):
        laptop.library.delete(model.id)
    assert model.path.is_file()
    laptop.library.in_use = lambda: ()
    assert laptop.library.delete(model.id) == (model.path,)


def test_the_starter_model_stays(laptop: Laptop) -> None:
    """It came with the program."""
    with pytest.raises(ModelLibraryError, match="stays"):
        laptop.library.deletion_of(STARTER_ID)
    with pytest.raises(ModelLibraryError, match="stays"):
        laptop.library.delete(STARTER_ID, even_if_not_ours=True)


def test_what_is_gone_already_only_leaves_the_list(laptop: Laptop) -> None:
    """There is nothing to move."""
    model = downloaded(laptop)
    model.path.unlink()
    assert "gone already" in laptop.library.deletion_of(model.id).sentence
    assert laptop.library.delete(model.id) == ()
    assert len(laptop.library.models()) == 1


def test_a_bin_that_refuses_costs_nothing(laptop: Laptop) -> None:
    """The file and its entry stay."""
    model = downloaded(laptop)

    def refuse(_files: object) -> None:
        raise BinError("No.")

    library = ModelLibrary(laptop.paths, None, to_bin=refuse)
    with pytest.raises(BinError):
        library.delete(model.id)
    assert library.by_id(model.id).is_present


MOVE = """
import sys
from pathlib import Path
from app.errors import PaddockError
from app.models.deletion import move_to_bin
try:
    move_to_bin([Path(name) for name in sys.argv[1:]])
except PaddockError as error:
    print(error)
"""


def move(home: Path, *files: Path) -> str:
    """Move files to the bin of a user whose home is `home`, and give what is said."""
    environment = {**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home / "data")}
    command = [sys.executable, "-c", MOVE, *map(str, files)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60).stdout


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the bin is the user's real one")
def test_the_systems_bin_can_give_a_file_back(tmp_path: Path) -> None:
    """A real bin of a desktop: it knows where the file was."""
    path = write_model(tmp_path / "brown llama.gguf")
    content = path.read_bytes()
    assert move(tmp_path, path) == ""
    assert not path.exists()
    assert (tmp_path / "data/Trash/files/brown llama.gguf").read_bytes() == content
    assert "brown%20llama.gguf" in (tmp_path / "data/Trash/info/brown llama.gguf.trashinfo").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the bin is the user's real one")
def test_without_a_bin_it_is_said_and_the_files_stay(tmp_path: Path) -> None:
    """Also how many had gone before it refused."""
    (tmp_path / "data").write_text("no folder")
    path = write_model(tmp_path / "llama.gguf")
    assert "could not be moved to the bin. Nothing was deleted." in move(tmp_path, path)
    assert path.is_file()
    (tmp_path / "data").unlink()
    assert "1 files of this model are there already" in move(tmp_path, path, tmp_path / "gone.gguf")

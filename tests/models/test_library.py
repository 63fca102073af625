"""The list of models: adding, finding, forgetting, and what happens when files or the list itself go wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.gguf.header_error import ModelHeaderError
from app.gguf.model_header import ModelHeader
from app.models.installed import ModelMissingError
from app.models.library import STARTER_ID, ModelLibrary, ModelLibraryError
from app.models.model_names import free_name
from app.models.starter import StarterModel
from app.models.templates import ChosenTemplate
from app.paths import Paths, find_paths
from tests.models.gguf_writer import CHAT_MODEL, build_gguf


@pytest.fixture
def paths() -> Paths:
    """The folders of the test's own home."""
    return find_paths()


@pytest.fixture
def library(paths: Paths, tmp_path: Path) -> ModelLibrary:
    """A library with a small file as its starter model."""
    return ModelLibrary(paths, StarterModel(model_file(tmp_path, "starter.gguf")))


def model_file(folder: Path, name: str = "meadow.gguf", **entries: str) -> Path:
    """A small model file."""
    path = folder / name
    path.write_bytes(build_gguf({**CHAT_MODEL, **{key.replace("__", "."): value for key, value in entries.items()}}))
    return path


def test_the_starter_model_is_there_from_the_start(library: ModelLibrary) -> None:
    """Nothing has to be added, and nothing has to be read, to have a model."""
    (starter,) = library.models()
    assert (starter.id, starter.name, starter.source) == ("starter", "Starter model", "starter")
    assert (starter.architecture, starter.quantization, starter.licence) == ("llama", "Q4_1", "Apache-2.0")
    assert starter.size_bytes == starter.path.stat().st_size
    assert starter.is_present


@pytest.mark.parametrize("words", ["starter", "Starter", "starter model", "SmolLM2 135M"])
def test_the_starter_model_has_several_names(library: ModelLibrary, words: str) -> None:
    """People call it as they see it."""
    assert library.find(words).id == STARTER_ID


def test_an_added_model_stays_where_it_lies(library: ModelLibrary, paths: Paths, tmp_path: Path) -> None:
    """It is listed after the starter model, by another process too, and its file is not touched."""
    path = model_file(tmp_path)
    before = path.read_bytes()
    added = library.add(path)
    assert (added.name, added.architecture, added.quantization) == ("Meadow 1B", "llama", "Q4_K_M")
    assert (added.licence, added.source, added.size_bytes) == ("apache-2.0", "added", len(before))
    assert [model.id for model in library.models()] == [STARTER_ID, added.id]
    assert ModelLibrary(paths, None).models() == [added]
    assert path.read_bytes() == before
    assert not list(paths.data.glob("*.gguf"))


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps permissions otherwise")
def test_the_list_is_for_its_owner_only(library: ModelLibrary, paths: Paths, tmp_path: Path) -> None:
    """Which models one has is nobody else's business."""
    library.add(model_file(tmp_path))
    assert paths.model_list.stat().st_mode & 0o777 == 0o600


def test_adding_twice_is_adding_once(library: ModelLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also by a relative path, and by a link."""
    added = library.add(model_file(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link.gguf").symlink_to("meadow.gguf")
    assert library.add(Path("meadow.gguf")) == added
    assert library.add(tmp_path / "link.gguf") == added
    assert library.add(tmp_path / "starter.gguf").id == STARTER_ID
    assert len(library.models()) == 2


def test_what_is_no_model_is_not_added(library: ModelLibrary, paths: Paths, tmp_path: Path) -> None:
    """The header is read before anything is written."""
    (tmp_path / "notes.gguf").write_text("Feed the llamas.\n")
    with pytest.raises(ModelHeaderError, match="is a text file"):
        library.add(tmp_path / "notes.gguf")
    with pytest.raises(ModelLibraryError, match="belongs to a model"):
        library.add(model_file(tmp_path, "eyes.gguf", general__type="mmproj"))
    assert not paths.model_list.exists()


def test_two_models_never_have_one_name(library: ModelLibrary, tmp_path: Path) -> None:
    """Quantizations of one model call themselves the same; the user must be able to tell them apart."""
    names = [library.add(model_file(tmp_path, f"{letter}.gguf")).name for letter in "abc"]
    (tmp_path / "more").mkdir()
    names.append(library.add(model_file(tmp_path / "more", "c.gguf")).name)
    assert names == ["Meadow 1B", "Meadow 1B Q4_K_M", "c", "c Q4_K_M"]


@pytest.mark.parametrize(
    ("file", "said", "noted", "name"),
    [
        ("Llama-3.2-3B-Instruct-Q4_K_M.gguf", "Llama 3.2 3B Instruct", None, "Llama 3.2 3B Instruct"),
        ("Qwen_Qwen3-4B-Instruct-2507-Q4_K_M.gguf", "Qwen3-4B-Instruct-2507", None, "Qwen3 4B Instruct 2507"),
        ("mistral-7b-instruct-v0.2.Q4_K_M.gguf", "mistralai_mistral-7b-v0.2", None, "mistral 7b v0.2"),
        ("phi-2.Q4_K_M.gguf", "hub", None, "phi 2"),
        ("smollm2-q8_0.gguf", "models--HuggingFaceTB--SmolLM2-135M", None, "SmolLM2 135M"),
        ("ggml-org_gemma-3-4b-it-GGUF_gemma-3-4b-it-Q4_K_M.gguf", "", None, "gemma 3 4b it"),
        ("sha256-3f2a", "Qwen3 8B", "qwen3:latest", "qwen3"),
        ("sha256-3f2a", "Llama 3.2", "llama3.2:3b", "llama3.2:3b"),
        ("sha256-3f2a", "Llama", "hf.co/bartowski/Llama-3.2-3B-GGUF:Q4_K_M", "Llama 3.2 3B"),
        ("model.gguf", "", None, "model"),
    ],
)
def test_an_adopted_model_is_called_as_people_write(file: str, said: str, noted: str | None, name: str) -> None:
    """Whatever LM Studio, Ollama, llama.cpp or a publisher's tool made of its name."""
    metadata = {"general.architecture": "llama", "general.file_type": 15, "general.name": said}
    assert free_name(ModelHeader(3, metadata), Path(file), noted, frozenset()) == name


def test_where_all_its_names_are_taken_a_model_of_ollama_is_not_called_by_its_digest() -> None:
    """Two registries may have a model of one name."""
    header, blob = ModelHeader(3, {"general.name": "Meadow"}), Path("sha256-3f2a")
    taken = {"meadow:7b", "own.example/b/meadow:7b", "meadow", "sha256 3f2a", "sha256-3f2a"}
    assert free_name(header, blob, "own.example/b/meadow:7b", taken) == "meadow:7b 2"


def test_what_a_file_does_not_say_is_no_part_of_its_name(library: ModelLibrary, tmp_path: Path) -> None:
    """Without a quantization to tell it by, a second model of one name is called as its file is."""
    for name in ("tiny-llama.gguf", "tiny-base.gguf"):
        (tmp_path / name).write_bytes(build_gguf({"general.architecture": "llama", "general.name": "Tiny"}))
        library.add(tmp_path / name)
    assert [model.name for model in library.models()[1:]] == ["Tiny", "tiny base"]


def test_a_model_is_found_by_whatever_one_has(library: ModelLibrary, tmp_path: Path) -> None:
    """Id, name in any case, file name with and without its ending, path."""
    added = library.add(model_file(tmp_path, "Meadow-Q4.gguf"))
    for words in (added.id, "meadow 1b", "meadow-q4", "Meadow-Q4.gguf", str(tmp_path / "Meadow-Q4.gguf")):
        assert library.find(words) == added


def test_a_path_that_is_not_in_the_list_is_used_without_adding_it(library: ModelLibrary, tmp_path: Path) -> None:
    """A command can name any model file."""
    path = model_file(tmp_path)
    found = library.find(str(path))
    assert (found.id, found.name, found.source) == (str(path), "Meadow 1B", "file")
    assert len(library.models()) == 1


def test_an_unknown_model_is_answered_with_those_there_are(library: ModelLibrary, tmp_path: Path) -> None:
    """The sentence is the help."""
    library.add(model_file(tmp_path))
    with pytest.raises(ModelLibraryError) as caught:
        library.find("pasture 70b")
    assert str(caught.value) == "There is no model “pasture 70b”. There are: Starter model, Meadow 1B."


@pytest.mark.parametrize("words", ["", "nobody", "a\0b", "x" * 5000])
def test_odd_words_are_only_unknown(library: ModelLibrary, words: str) -> None:
    """What cannot be a path is no model, and nothing worse."""
    with pytest.raises(ModelLibraryError, match="There is no model"):
        library.find(words)


def test_a_name_of_two_files_is_not_guessed(library: ModelLibrary, tmp_path: Path) -> None:
    """Two folders may hold files of the same name."""
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        library.add(model_file(tmp_path / folder, "same.gguf", general__name=folder))
    with pytest.raises(ModelLibraryError, match="could be several models"):
        library.find("same.gguf")
    assert library.find("two").path.parent.name == "two"


def test_without_a_starter_model_it_is_said(paths: Paths) -> None:
    """A build may come without it."""
    library = ModelLibrary(paths, None)
    assert library.models() == []
    with pytest.raises(ModelLibraryError, match="not part of this Paddock"):
        library.find("starter")
    with pytest.raises(ModelLibraryError, match="Add a model file first"):
        library.find("meadow")


def test_removing_forgets_and_deletes_nothing(library: ModelLibrary, tmp_path: Path) -> None:
    """The file is the user's."""
    added = library.add(model_file(tmp_path))
    library.remove(added.id)
    assert [model.id for model in library.models()] == [STARTER_ID]
    assert added.path.is_file()
    with pytest.raises(ModelLibraryError, match="There is no model"):
        library.remove(added.id)
    with pytest.raises(ModelLibraryError, match="stays"):
        library.remove(STARTER_ID)


def test_a_removed_model_is_put_back_as_it_was(library: ModelLibrary, paths: Paths, tmp_path: Path) -> None:
    """The very entry: its id, its earlier names, the licence that was accepted, what it was made from, its place."""
    path = model_file(tmp_path)
    fetched = library.add_downloaded(path, repository="a/b", licence="gemma", sha256="ab" * 32, commit="c")
    library.rename(fetched.id, "Poet")
    library.choose_template(fetched.id, ChosenTemplate("chat.jinja", "{{ messages }}"))
    copy = library.add_converted(model_file(tmp_path, "copy.gguf", general__name="copy"), source_id=fetched.id)
    before, kept = library.models(), paths.model_list.read_text()
    removed = [library.remove(copy.id), library.remove(fetched.id)]
    assert [model.id for model in library.models()] == [STARTER_ID]
    for each in reversed(removed):
        library.put_back(each)
    assert library.models() == before
    assert library.find("Meadow 1B").id == fetched.id
    assert paths.model_list.read_text() == kept


def test_what_was_put_in_the_place_of_a_removed_model_stays(library: ModelLibrary, tmp_path: Path) -> None:
    """A file is in the list once, and no two models have one name."""
    removed = library.remove(library.add(model_file(tmp_path)).id)
    again = library.add(tmp_path / "meadow.gguf")
    assert library.put_back(removed) == again
    library.remove(again.id)
    library.add(model_file(tmp_path, "other.gguf"))
    with pytest.raises(ModelLibraryError, match="There is a model"):
        library.put_back(removed)
    assert len(library.models()) == 2


def test_a_file_that_went_away_stays_in_the_list(library: ModelLibrary, tmp_path: Path) -> None:
    """A drive may be plugged in again; only using it says what is wrong."""
    added = library.add(model_file(tmp_path))
    aside = added.path.rename(tmp_path / "elsewhere.gguf")
    missing = library.find(added.id)
    assert not missing.is_present
    assert missing.size_bytes == added.size_bytes
    with pytest.raises(ModelMissingError, match=r"no longer at .*meadow\.gguf"):
        missing.present_path()
    aside.rename(added.path)
    assert library.find(added.id).present_path() == added.path


@pytest.mark.parametrize("content", ["", "{", "[]", '{"models": 3}', '{"models": {"a": 1}}', "\0" * 100])
def test_a_damaged_list_is_set_aside_and_said(library: ModelLibrary, paths: Paths, content: str) -> None:
    """Nothing is lost: the damaged list lies beside the new one."""
    paths.data.mkdir(parents=True)
    paths.model_list.write_text(content)
    assert [model.id for model in library.models()] == [STARTER_ID]
    (notice,) = library.notices
    assert "damaged" in str(notice)
    (aside,) = paths.data.glob("models.json.damaged-*")
    assert aside.read_text() == content


def test_sound_entries_of_a_damaged_list_are_kept(library: ModelLibrary, paths: Paths, tmp_path: Path) -> None:
    """One bad entry does not cost the others."""
    added = library.add(model_file(tmp_path))
    content = json.loads(paths.model_list.read_text())
    content["models"].append({"id": 3})
    paths.model_list.write_text(json.dumps(content))
    assert library.models()[1:] == [added]
    assert "1 of its entries could be read" in str(library.notices[0])


def test_what_a_newer_paddock_wrote_of_a_model_is_kept(library: ModelLibrary, paths: Paths, tmp_path: Path) -> None:
    """Unknown keys of an entry survive a change of the list."""
    first = library.add(model_file(tmp_path))
    content = json.loads(paths.model_list.read_text())
    content["models"][0]["favourite"] = True
    paths.model_list.write_text(json.dumps(content))
    library.add(model_file(tmp_path, "second.gguf", general__name="second"))
    entries = json.loads(paths.model_list.read_text())["models"]
    assert [entry.get("favourite") for entry in entries] == [True, None]
    assert library.notices == ()
    assert library.models()[1] == first


@pytest.mark.skipif(os.name != "posix", reason="file names are text elsewhere")
def test_a_file_name_need_not_be_text(library: ModelLibrary, tmp_path: Path) -> None:
    """Old disks have names in old encodings; they are kept as they are and shown as well as can be."""
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/weide-\xfc.gguf"))
    path.write_bytes(build_gguf({"general.architecture": "llama"}))
    added = library.add(path)
    assert added.name.encode()
    assert library.models()[1].path == path
    assert library.models()[1].is_present


ADD = """
import sys
from pathlib import Path
from app.models.library import ModelLibrary
from app.paths import find_paths
for name in sys.argv[1:]:
    ModelLibrary(find_paths(), None).add(Path(name))
"""


def test_two_processes_may_add_at_once(paths: Paths, tmp_path: Path) -> None:
    """A command beside the open window loses nothing of it, and the other way round."""
    files = [str(model_file(tmp_path, f"{number}.gguf", general__name=str(number))) for number in range(8)]
    commands = [[sys.executable, "-c", ADD, *part] for part in (files[:4], files[4:])]
    running = [subprocess.Popen(command) for command in commands]
    assert [process.wait(60) for process in running] == [0, 0]
    assert sorted(model.name for model in ModelLibrary(paths, None).models()) == sorted(map(str, range(8)))

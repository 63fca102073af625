"""What is on the disk already: found, offered once at the first start, used where it lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.gguf.header_error import ModelHeaderError
from app.models import adoption
from app.models.elsewhere.search import Search
from app.models.library import STARTER_ID
from tests.models.elsewhere.trees import cached_file, ollama_model, write
from tests.models.gguf_writer import CHAT_MODEL, build_gguf
from tests.models.shelf import Laptop, write_model, write_parts


def model_bytes(name: str, **entries: str | int) -> bytes:
    """A model file's content."""
    return build_gguf({**CHAT_MODEL, "general.name": name, **{k.replace("__", "."): v for k, v in entries.items()}})


def furnish(laptop: Laptop) -> dict[str, Path]:
    """Put models where other applications would, and what is none beside them."""
    studio = laptop.home / ".lmstudio" / "models" / "meadow" / "repository"
    write_model(studio / "adapter.gguf", "An adapter", general__type="adapter")
    write_model(studio / "mmproj-model.gguf", "Eyes", general__type="mmproj")
    write_model(studio / "embed.gguf", "Embedder", llama__pooling_type=1)
    write(studio / "cut.gguf", b"GGUF\x03\0\0\0")
    return {
        "ollama": ollama_model(laptop.home / ".ollama" / "models", content=model_bytes("Llama")),
        "studio": write_model(studio / "seer.gguf", "Seer"),
        "cache": cached_file(laptop.home / ".cache/huggingface/hub", "meadow/hub", "hub.gguf", model_bytes("Hub")),
        "jan": write_parts(laptop.home / "gpt4all-like", stem="grazer")[0],
    }


def test_models_of_other_applications_are_found_and_used_where_they_lie(laptop: Laptop) -> None:
    """Adapters, projectors, embedders and broken files are none; nothing is copied, and nothing is written there."""
    places = furnish(laptop)
    before = sorted((path, path.stat().st_mtime_ns) for path in laptop.home.rglob("*"))
    found = laptop.library.scan([laptop.home / "gpt4all-like"])
    assert {model.path for model in found} == set(places.values())
    adopted = {model.path: model for model in laptop.library.adopt(found)}
    ollama, seer = adopted[places["ollama"]], adopted[places["studio"]]
    assert (ollama.name, ollama.owner, ollama.source) == ("llama3.2:3b", "Ollama", "found")
    assert ollama.sha256_expected == places["ollama"].name.removeprefix("sha256-")
    assert (seer.name, seer.owner, seer.projector) == (
        "Seer",
        "LM Studio",
        places["studio"].with_name("mmproj-model.gguf"),
    )
    assert adopted[places["cache"]].owner == "Hugging Face"
    assert (adopted[places["jan"]].owner, len(adopted[places["jan"]].parts)) == (None, 3)
    assert sorted((path, path.stat().st_mtime_ns) for path in laptop.home.rglob("*")) == before
    assert not laptop.paths.models.exists()


def test_what_is_in_the_list_is_not_found_again(laptop: Laptop) -> None:
    """By whatever path it was added, and for the starter model too."""
    path = write_model(laptop.home / "mine" / "meadow.gguf")
    (laptop.home / "link.gguf").symlink_to(path)
    laptop.library.add(laptop.home / "link.gguf")
    starter = laptop.library.by_id(STARTER_ID).path
    assert laptop.library.scan([path.parent, starter.parent]) == []


def test_a_download_that_was_never_listed_is_found_in_our_own_folder(laptop: Laptop) -> None:
    """The program may have been killed between the file's last byte and the list."""
    path = write_model(laptop.paths.models / "0123456789ab-lost.gguf", general__name="")
    (found,) = laptop.library.scan()
    (adopted,) = laptop.library.adopt([found])
    assert (adopted.path, adopted.owner, adopted.name) == (path, None, "lost")
    assert not laptop.library.deletion_of(adopted.id).touches_others


def test_named_folders_are_kept_and_looked_through_each_time(laptop: Laptop) -> None:
    """Named once is enough; a folder that is no longer named is left alone."""
    path = write_model(laptop.home / "attic" / "old.gguf")
    laptop.library.keep_folders([path.parent, path.parent])
    assert laptop.library.folders == (path.parent,)
    assert [model.path for model in laptop.open_library(None).scan()] == [path]
    laptop.library.keep_folders([])
    assert laptop.library.scan() == []


def test_looking_around_can_be_stopped(laptop: Laptop) -> None:
    """What was found until then is given."""
    furnish(laptop)
    search = Search(is_stopped=lambda: True)
    assert laptop.library.scan(search=search) == []
    assert not search.is_complete


def test_taking_one_that_broke_meanwhile_takes_none(laptop: Laptop) -> None:
    """The sentence says which one."""
    first = write_model(laptop.home / "attic" / "a.gguf")
    second = write_model(laptop.home / "attic" / "b.gguf")
    found = laptop.library.scan([first.parent])
    second.write_text("hay")
    with pytest.raises(ModelHeaderError, match=r"b\.gguf"):
        laptop.library.adopt(found)
    assert len(laptop.library.models()) == 1


def test_the_very_first_start_says_what_is_here(laptop: Laptop) -> None:
    """Until the user has answered, and never after that."""
    furnish(laptop)
    seen = laptop.library.first_look()
    assert seen.sentence == "3 models found, nothing to download."
    assert seen.next_step == "From Ollama, LM Studio, Hugging Face. They are used where they lie; nothing is copied."
    assert len(laptop.library.models()) == 1
    laptop.library.end_first_look()
    again = laptop.open_library(None).first_look()
    assert (again.sentence, again.is_first) == ("", False)


def test_one_model_is_said_in_the_singular_and_none_not_at_all(laptop: Laptop) -> None:
    """Nothing found is nothing to say."""
    assert (laptop.library.first_look().sentence, laptop.library.first_look().is_first) == ("", True)
    ollama_model(laptop.home / ".ollama" / "models", content=model_bytes("Llama"))
    assert laptop.library.first_look().sentence == "1 model found, nothing to download."


def test_who_has_models_already_is_not_asked(laptop: Laptop) -> None:
    """Their list was made by an older Paddock, or by a command."""
    furnish(laptop)
    laptop.library.add(write_model(laptop.home / "mine.gguf"))
    assert not laptop.library.first_look().is_first


def test_the_first_look_ends_when_its_time_is_over(laptop: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is slow today is looked at when somebody asks."""
    furnish(laptop)
    monkeypatch.setattr(adoption, "_FIRST_LOOK_S", 0.0)
    assert laptop.library.first_look().found == ()

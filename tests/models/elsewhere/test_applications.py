"""Each application on each system: where it keeps models, and what it calls them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.models.elsewhere.find import find_models
from app.models.elsewhere.found_model import FoundModel, OtherApplication
from app.models.elsewhere.places import Places, System
from app.models.elsewhere.search import Search
from tests.models.elsewhere.trees import (
    EVERY_SYSTEM,
    WEIGHTS,
    cached_file,
    link,
    ollama_blob,
    ollama_manifest,
    ollama_model,
    places,
    write,
)

JAN = {System.LINUX: ".local/share", System.MACOS: "Library/Application Support", System.WINDOWS: "AppData/Roaming"}
LOCAL = {System.LINUX: ".local/share", System.MACOS: "Library/Application Support", System.WINDOWS: "AppData/Local"}
CONFIG = {System.LINUX: ".config", System.MACOS: ".config", System.WINDOWS: "AppData/Roaming"}
CACHE = {System.LINUX: ".cache", System.MACOS: "Library/Caches", System.WINDOWS: "AppData/Local"}
EYES = b"GGUF eyes"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home folder."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def find_all(told: Places) -> list[FoundModel]:
    """Everything that is found; nothing may have been damaged."""
    search = Search()
    models = find_models(told, search)
    assert (search.damaged, search.is_complete) == (0, True)
    return models


@pytest.mark.parametrize("system", EVERY_SYSTEM)
def test_ollama_in_the_home(home: Path, system: System) -> None:
    """On every system it is `.ollama`, and the name of a file is its hash."""
    path = ollama_model(home / ".ollama" / "models")
    (model,) = find_all(places(home, system))
    assert (model.path, model.name, model.owner) == (path, "llama3.2:3b", OtherApplication.OLLAMA)
    assert (model.sha256, model.size_bytes) == (path.name.removeprefix("sha256-"), len(WEIGHTS))


@pytest.mark.parametrize("quoted", ["{}", '"{}"', " {} "])
def test_ollama_moved_by_a_variable(home: Path, tmp_path: Path, quoted: str) -> None:
    """The variable may be quoted, as people write it; what stayed behind is found too."""
    ollama_model(tmp_path / "disk", "moved/latest", b"GGUF moved")
    ollama_model(home / ".ollama" / "models")
    models = find_all(places(home, OLLAMA_MODELS=quoted.format(tmp_path / "disk")))
    assert [model.name for model in models] == ["moved:latest", "llama3.2:3b"]


@pytest.mark.parametrize("place", ["usr/share/ollama/.ollama/models", "var/snap/ollama/common/models"])
def test_ollama_as_a_service(home: Path, place: str) -> None:
    """On Linux it runs as a user of its own, whose files others may read."""
    told = places(home)
    ollama_model(told.root / place)
    assert [model.name for model in find_all(told)] == ["llama3.2:3b"]
    assert find_all(places(home, System.MACOS)) == []


def test_ollama_as_a_service_that_was_moved(home: Path, tmp_path: Path) -> None:
    """What the service is told in its settings counts, as its documentation says to do it."""
    told = places(home)
    ollama_model(tmp_path / "srv")
    setting = f'[Service]\nEnvironment="OLLAMA_HOST=0.0.0.0"\nEnvironment="OLLAMA_MODELS={tmp_path / "srv"}"\n'
    write(told.root / "etc/systemd/system/ollama.service.d/override.conf", setting)
    assert [model.name for model in find_all(told)] == ["llama3.2:3b"]


def test_names_in_ollama_are_as_short_as_it_shows_them(home: Path) -> None:
    """Other people's, and those from the hub."""
    models = home / ".ollama" / "models"
    names = {
        "registry.ollama.ai/someone/meadow/7b": "someone/meadow:7b",
        "hf.co/o/R-GGUF/Q4_K_M": "hf.co/o/R-GGUF:Q4_K_M",
    }
    for number, path in enumerate(names):
        sha256 = ollama_blob(models, WEIGHTS + bytes([number]))
        write(models / "manifests" / path, ollama_manifest({"model": sha256}))
    assert sorted(model.name for model in find_all(places(home))) == sorted(names.values())


def test_what_ollama_has_for_other_engines_is_no_model_here(home: Path) -> None:
    """Some of its models have no single file, some only live on its servers."""
    models = home / ".ollama" / "models"
    library = models / "manifests" / "registry.ollama.ai" / "library"
    write(library / "cloud" / "latest", ollama_manifest({}))
    write(library / "tensors" / "latest", ollama_manifest({"tensor": ollama_blob(models, b"tensor")}))
    write(library / "safetensors" / "latest", ollama_manifest({"model": ollama_blob(models, b"{}")}))
    assert find_all(places(home)) == []


def test_a_projector_of_ollama_comes_with_its_model(home: Path) -> None:
    """It is a layer beside that of the model."""
    models = home / ".ollama" / "models"
    layers = {"projector": ollama_blob(models, EYES), "model": ollama_blob(models)}
    write(models / "manifests" / "registry.ollama.ai" / "library" / "llava" / "7b", ollama_manifest(layers))
    write(models / "manifests" / ".DS_Store", "")
    write(models / "manifests" / "registry.ollama.ai" / "library" / "llava" / ".DS_Store", "")
    (model,) = find_all(places(home))
    assert model.projector is not None
    assert model.projector.read_bytes() == EYES


def test_ollama_s_second_form_of_manifests(home: Path) -> None:
    """Names are links into the files, a manifest can be a list of them, and the old form beside it adds nothing."""
    models = home / ".ollama" / "models"
    path = ollama_model(models)
    child = ollama_blob(models, ollama_manifest({"model": path.name.removeprefix("sha256-")}).encode())
    digests = [f"sha256:{'3' * 64}", f"sha256:{child}"]  # the first is for another engine, and was not downloaded
    listed = json.dumps({"schemaVersion": 2, "manifests": [{"digest": digest} for digest in digests]})
    parent = ollama_blob(models, listed.encode())
    link(models / "manifests-v2/ollama.com/library/llama3.2/3b", f"../../../../blobs/sha256-{parent}")
    assert [(model.name, model.path) for model in find_all(places(home))] == [("llama3.2:3b", path)]
    (models / "manifests/registry.ollama.ai/library/llama3.2/3b").unlink()
    assert [(model.name, model.path) for model in find_all(places(home))] == [("llama3.2:3b", path)]


@pytest.mark.parametrize("system", EVERY_SYSTEM)
@pytest.mark.parametrize("place", [".lmstudio", ".cache/lm-studio"])
def test_lm_studio_in_the_home(home: Path, system: System, place: str) -> None:
    """Today's folder, and that of older versions; on every system alike. A projector is for its whole repository."""
    folder = home / place / "models" / "lmstudio-community" / "gemma-3-4b-it-GGUF"
    eyes = write(folder / "mmproj-model-f16.gguf", EYES)
    write(folder / "mmproj-model-f32.gguf", EYES)
    names = ("gemma-3-4b-it-Q4_K_M", "gemma-3-4b-it-Q8_0")
    paths = [write(folder / f"{name}.gguf") for name in names]
    write(folder / "gemma-3-4b-it-Q6_K.gguf.part")
    models = find_all(places(home, system))
    assert [(model.path, model.name, model.projector) for model in models] == [
        (path, name, eyes) for path, name in zip(paths, names, strict=True)
    ]
    assert {model.owner for model in models} == {OtherApplication.LM_STUDIO}
    assert {model.sha256 for model in models} == {None}


@pytest.mark.parametrize("system", EVERY_SYSTEM)
def test_lm_studio_moved_by_its_pointer_and_its_settings(home: Path, tmp_path: Path, system: System) -> None:
    """The pointer names its home, the settings there name the folder of models."""
    write(home / ".lmstudio-home-pointer", f"{tmp_path / 'lm'}\n")
    write(tmp_path / "lm" / "settings.json", json.dumps({"downloadsFolder": str(tmp_path / "disk")}))
    paths = {write(tmp_path / place / "p" / "r" / f"{place[:2]}.gguf") for place in ("disk", "lm/models")}
    assert {model.path for model in find_all(places(home, system))} == paths


@pytest.mark.parametrize("system", EVERY_SYSTEM)
def test_jan_in_the_home(home: Path, system: System) -> None:
    """A model is what its `model.yml` says; paths are seen from the data folder."""
    data = home / JAN[system] / "Jan" / "data"
    folder = "llamacpp/models/janhq/Jan-v3-4B"
    path, eyes = write(data / folder / "model.gguf"), write(data / folder / "mmproj.gguf", EYES)
    about = f"model_path: {folder}/model.gguf\nmmproj_path: {folder}/mmproj.gguf\nname: 'Jan v3'\nsize_bytes: 11\n"
    write(data / folder / "model.yml", f"embedding: false\n{about}")
    (model,) = find_all(places(home, system))
    assert (model.path, model.name, model.projector) == (path, "Jan v3", eyes)
    assert model.owner is OtherApplication.JAN


def test_a_file_that_was_imported_into_jan_is_named_by_its_path(home: Path, tmp_path: Path) -> None:
    """It stays where it lies, here as there; behind a link it is not looked at."""
    path = write(tmp_path / "mine" / "own.gguf")
    models = home / ".local/share/Jan/data/llamacpp/models"
    write(models / "own" / "model.yml", f"model_path: {path}\n")
    write(models / "sly" / "model.yml", f"model_path: {link(tmp_path / 'other' / 'sly.gguf', path)}\n")
    assert [(model.path, model.name) for model in find_all(places(home))] == [(path, "own")]


@pytest.mark.parametrize("system", EVERY_SYSTEM)
@pytest.mark.parametrize("owner", ["Jan", "jan.ai.app"])
def test_jan_moved_by_its_settings(home: Path, tmp_path: Path, system: System, owner: str) -> None:
    """Its settings name the data folder; they have been in two places."""
    write(home / JAN[system] / owner / "settings.json", json.dumps({"data_folder": str(tmp_path / "disk")}))
    path = write(tmp_path / "disk/llamacpp/models/m/model.gguf")
    write(path.with_name("model.yml"), "model_path: llamacpp/models/m/model.gguf\n")
    assert [model.path for model in find_all(places(home, system))] == [path]


@pytest.mark.parametrize("system", EVERY_SYSTEM)
def test_gpt4all_in_the_home(home: Path, system: System) -> None:
    """Models lie plainly in one folder; what is still being downloaded is none."""
    folder = home / LOCAL[system] / "nomic.ai" / "GPT4All"
    path = write(folder / "Meta-Llama-3-8B-Instruct.Q4_0.gguf")
    write(folder / "incomplete-Nous-Hermes.gguf")
    (model,) = find_all(places(home, system))
    assert (model.path, model.owner, model.projector) == (path, OtherApplication.GPT4ALL, None)


@pytest.mark.parametrize("system", EVERY_SYSTEM)
@pytest.mark.parametrize(("name", "key"), [("GPT4All.ini", "modelPath"), ("GPT4All.conf", "modelPaths")])
def test_gpt4all_moved_by_its_settings(home: Path, tmp_path: Path, system: System, name: str, key: str) -> None:
    """Its settings are Qt's, with rare characters by their number."""
    path = write(tmp_path / "wiße" / "own.gguf")
    said = f'[General]\ndevice=CPU\n{key}="{tmp_path}/wi\\xdf\\x65/"\n[model-x]\n{key}=/nowhere\n'
    write(home / CONFIG[system] / "nomic.ai" / name, said)
    assert [model.path for model in find_all(places(home, system))] == [path]


@pytest.mark.parametrize("system", EVERY_SYSTEM)
def test_llama_cpp_s_own_cache(home: Path, system: System) -> None:
    """All files lie in one folder; the note beside them tells which projector belongs to which model."""
    cache = home / CACHE[system] / "llama.cpp"
    seeing = write(cache / "ggml-org_gemma-3-4b-it-GGUF_gemma-3-4b-it-Q4_K_M.gguf")
    eyes = write(cache / "ggml-org_gemma-3-4b-it-GGUF_mmproj-model-f16.gguf", EYES)
    blind = write(cache / "ggml-org_models_tinyllamas_stories260K.gguf")
    write(cache / "ggml-org_models_half.gguf.downloadInProgress")
    note = {
        "ggufFile": {"rfilename": "gemma-3-4b-it-Q4_K_M.gguf"},
        "mmprojFile": {"rfilename": "mmproj-model-f16.gguf"},
    }
    write(cache / "manifest=ggml-org=gemma-3-4b-it-GGUF=latest.json", json.dumps(note))
    models = find_all(places(home, system))
    assert [(model.path, model.projector) for model in models] == [(seeing, eyes), (blind, None)]
    assert {model.owner for model in models} == {OtherApplication.LLAMA_CPP}


def test_llama_cpp_moved_by_a_variable(home: Path, tmp_path: Path) -> None:
    """The folder can hold both forms, that of the hub's cache and its own older one."""
    write(tmp_path / "cache" / "old.gguf")
    cached_file(tmp_path / "cache", "owner/repo", "new.gguf")
    models = find_all(places(home, LLAMA_CACHE=tmp_path / "cache"))
    assert [(model.name, model.owner) for model in models] == [
        ("old", OtherApplication.LLAMA_CPP),
        ("new", OtherApplication.LLAMA_CPP),
    ]


@pytest.mark.parametrize("system", EVERY_SYSTEM)
def test_the_hub_s_cache_in_the_home(home: Path, system: System) -> None:
    """The path has the model's name, the file that it leads to its hash."""
    cache = home / ".cache" / "huggingface" / "hub"
    path = cached_file(cache, "owner/repo", "UD/large-Q8_0.gguf")
    eyes = cached_file(cache, "owner/repo", "mmproj-F16.gguf", EYES)
    cached_file(cache, "owner/other", "config.json", b"{}")
    (model,) = find_all(places(home, system))
    assert (model.path, model.name, model.projector) == (path, "large-Q8_0", eyes)
    assert model.sha256 == path.resolve().name
    assert model.owner is OtherApplication.HUGGING_FACE


@pytest.mark.parametrize(
    ("variable", "inside"),
    [
        ("HF_HUB_CACHE", ""),
        ("HUGGINGFACE_HUB_CACHE", ""),
        ("HF_HOME", "hub"),
        ("XDG_CACHE_HOME", "huggingface/hub"),
    ],
)
@pytest.mark.parametrize("value", ["{}", "$DISK/cache", "${{DISK}}/cache", "%DISK%/cache"])
def test_the_hub_s_cache_moved_by_a_variable(
    home: Path, tmp_path: Path, variable: str, inside: str, value: str
) -> None:
    """Each of them, also where it names another one."""
    path = cached_file(tmp_path / "cache" / inside, "owner/repo", "moved.gguf")
    told = Places(System.LINUX, home, {"DISK": str(tmp_path), variable: value.format(tmp_path / "cache")})
    assert [model.path for model in find_all(told)] == [path]


def test_of_a_file_in_two_commits_the_newest_is_taken(home: Path) -> None:
    """An old one that no new commit has is found too."""
    cache = home / ".cache" / "huggingface" / "hub"
    cached_file(cache, "owner/repo", "a.gguf", b"GGUF old", commit="0aa")
    old = cached_file(cache, "owner/repo", "b.gguf", b"GGUF b", commit="0aa")
    new = cached_file(cache, "owner/repo", "a.gguf", b"GGUF new", commit="9ff")
    assert [model.path for model in find_all(places(home))] == [new, old]


def test_the_hub_s_cache_that_repositories_share(home: Path) -> None:
    """A link leads to a link; only the first is called by the file's sha256."""
    cache = home / ".cache" / "huggingface" / "hub"
    path = cached_file(cache, "owner/repo", "shared.gguf")
    first = path.resolve()
    shared = first.rename(write(cache / "blobs" / "ab" / ("ab" * 32)))
    link(first, f"../../blobs/ab/{shared.name}")
    (model,) = find_all(places(home))
    assert (model.path, model.sha256) == (path, first.name)
    link_out = cache / "models--owner--repo" / "snapshots" / "c1" / "out.gguf"
    link(link_out, write(home / "elsewhere.gguf"))
    assert [model.path for model in find_all(places(home))] == [path]


def test_the_hub_s_cache_where_links_cannot_be_made(home: Path) -> None:
    """On Windows the files themselves lie there; what they hash to is not known from their names."""
    path = write(home / ".cache/huggingface/hub/models--owner--repo/snapshots/c1/plain.gguf")
    (model,) = find_all(places(home, System.WINDOWS))
    assert (model.path, model.sha256) == (path, None)


def test_a_folder_of_the_user_s_own(home: Path) -> None:
    """Files lie together by chance: a projector goes with the model it is named after."""
    folder = home / "models"
    eyes = write(folder / "mmproj-gemma-3-4b-it-BF16.gguf", EYES)
    seeing = write(folder / "gemma-3-4b-it-Q4_K_M.gguf")
    blind = write(folder / "SmolLM2-135M-Instruct.Q4_1.gguf")
    write(folder / "mmproj-F16.gguf", EYES)
    deep = write(folder / "more" / "deep" / "Qwen2-VL-2B-Instruct-UD-Q4_K_XL.GGUF")
    deep_eyes = write(deep.with_name("mmproj-F16.gguf"), EYES)
    told = Places(System.LINUX, home, {}, (folder, home / "missing"), home.parent / "machine")
    assert [(model.path, model.projector) for model in find_all(told)] == [
        (blind, None),
        (seeing, eyes),
        (deep, deep_eyes),
    ]


@pytest.mark.parametrize(
    "network", [r"\\server\share\models", "//server/share", r"\/server/x", "relative/folder", "~x/y"]
)
def test_no_note_leads_to_another_computer(home: Path, network: str) -> None:
    """Merely looking at a share signs in to it; and what is relative to nobody knows what is no place."""
    told = places(home, OLLAMA_MODELS=network)
    assert told.variable("OLLAMA_MODELS") is None
    assert told.path("a\0b") is None
    assert told.path("/\ud800") is None
    assert told.path("~/models") == home / "models"
    assert told.path("models", home) == home / "models"

"""Finding what other applications have: everything together, within limits, and without touching any of it."""

from __future__ import annotations

import itertools
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from typing_extensions import override

from app.models.elsewhere.find import find_models
from app.models.elsewhere.found_model import OtherApplication
from app.models.elsewhere.places import Places, System, this_machine
from app.models.elsewhere.search import Limits, Search
from tests.models.elsewhere.trees import EVERY_SYSTEM, cached_file, link, ollama_manifest, ollama_model, places, write


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home folder."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def write_everything(home: Path) -> Places:
    """A home in which every application has one model, and a folder of the user's own."""
    ollama_model(home / ".ollama" / "models")
    write(home / ".lmstudio" / "models" / "publisher" / "repo" / "lm-Q4_K_M.gguf")
    write(home / ".local/share/Jan/data/llamacpp/models/jan/model.yml", "model_path: llamacpp/models/jan/model.gguf\n")
    write(home / ".local/share/Jan/data/llamacpp/models/jan/model.gguf")
    write(home / ".local/share/nomic.ai/GPT4All/four.gguf")
    write(home / ".cache/llama.cpp/owner_repo_cached.gguf")
    cached_file(home / ".cache/huggingface/hub", "owner/repo", "hub.gguf")
    write(home / "models" / "own.gguf")
    return Places(System.LINUX, home, {}, (home / "models",), home.parent / "machine")


def snapshot(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Every file below `folder`, with when it was changed and what is in it."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_size, path.read_bytes()) for path in files}


def test_every_application_is_found_and_none_is_touched(home: Path) -> None:
    """A first start can say how many models are there already; not a byte of them changes."""
    everything = write_everything(home)
    before = snapshot(home)
    search = Search()
    models = find_models(everything, search)
    assert [(model.owner, model.name) for model in models] == [
        (OtherApplication.OLLAMA, "llama3.2:3b"),
        (OtherApplication.LM_STUDIO, "lm-Q4_K_M"),
        (OtherApplication.JAN, "jan"),
        (OtherApplication.GPT4ALL, "four"),
        (OtherApplication.LLAMA_CPP, "owner_repo_cached"),
        (OtherApplication.HUGGING_FACE, "hub"),
        (OtherApplication.NONE, "own"),
    ]
    assert all(model.path.read_bytes().startswith(b"GGUF") and model.parts == (model.path,) for model in models)
    assert (search.damaged, search.unreadable, search.incomplete, search.is_complete) == (0, 0, 0, True)
    assert snapshot(home) == before


@pytest.mark.parametrize("system", EVERY_SYSTEM)
def test_an_empty_home_has_no_models(home: Path, system: System) -> None:
    """Nothing is there, nothing is wrong."""
    search = Search()
    assert find_models(places(home, system), search) == []
    assert (search.damaged, search.unreadable, search.is_complete) == (0, 0, True)


def test_a_file_that_two_applications_share_is_one_model(home: Path) -> None:
    """It belongs to the first; a folder that the user named does not show it again."""
    path = write(home / ".lmstudio" / "models" / "publisher" / "repo" / "shared.gguf")
    own = Places(System.LINUX, home, {}, (home / ".lmstudio",), home.parent / "machine")
    (home / ".lmstudio" / "second-name.gguf").hardlink_to(path)
    assert [(model.path, model.owner) for model in find_models(own, Search())] == [(path, OtherApplication.LM_STUDIO)]


def test_links_out_of_a_folder_are_not_followed(home: Path, tmp_path: Path) -> None:
    """Neither to a file nor to a folder, and no ring of them keeps the search from ending."""
    outside = write(tmp_path / "outside" / "secret.gguf")
    models = home / ".lmstudio" / "models" / "publisher" / "repo"
    link(models / "away.gguf", outside)
    link(models / "folder", outside.parent)
    link(models / "ring", models.parent)
    link(models / "self.gguf", "self.gguf")
    link(models / "dangling.gguf", models / "missing.gguf")
    link(models / "inside.gguf", write(models / "kept" / "real.gguf"))
    search = Search()
    found = find_models(places(home), search)
    assert search.is_complete
    assert {Path(os.path.realpath(model.path)) for model in found} == {models / "kept" / "real.gguf"}


def test_an_application_may_itself_be_behind_a_link(home: Path, tmp_path: Path) -> None:
    """Who moved the folder of models to a larger disk and left a link has them found."""
    ollama_model(tmp_path / "large-disk")
    link(home / ".ollama" / "models", tmp_path / "large-disk")
    assert [model.name for model in find_models(places(home), Search())] == ["llama3.2:3b"]


def test_what_only_is_called_a_model_is_none(home: Path) -> None:
    """A pointer to a large file, an empty file, a folder, and a pipe, which nobody waits at."""
    folder = home / ".lmstudio" / "models" / "publisher" / "repo"
    write(folder / "pointer.gguf", "version https://git-lfs.github.com/spec/v1\n")
    write(folder / "empty.gguf", "")
    (folder / "folder.gguf").mkdir()
    if sys.platform != "win32":
        os.mkfifo(folder / "pipe.gguf")
    assert find_models(places(home), Search()) == []


@dataclass(frozen=True, slots=True)
class Status:
    """What Windows and macOS say of a file besides what Linux says."""

    st_mode: int
    st_file_attributes: int = 0
    st_flags: int = 0


@pytest.mark.parametrize(
    ("status", "count"),
    [
        (Status(0o100644), 1),
        (Status(0o100644, st_file_attributes=0x400), 0),
        (Status(0o100644, st_flags=0x4000_0000), 0),
    ],
)
def test_files_that_a_cloud_would_have_to_fetch_are_left_alone(
    home: Path, monkeypatch: pytest.MonkeyPatch, status: Status, count: int
) -> None:
    """To read one would download it."""
    path = write(home / ".lmstudio" / "models" / "publisher" / "repo" / "cloud.gguf")
    real = Path.lstat
    monkeypatch.setattr(Path, "lstat", lambda self: status if self == path else real(self))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] - Path's own
    assert len(find_models(places(home), Search())) == count


def test_a_file_where_a_folder_should_be_is_no_trouble(home: Path) -> None:
    """Whoever has no LM Studio may call a file so."""
    for name in (".lmstudio", ".ollama", ".cache"):
        write(home / name, "hay")
    search = Search()
    assert find_models(places(home), search) == []
    assert (search.damaged, search.unreadable, search.is_complete) == (0, 0, True)


class Racing(Search):
    """A search beside which somebody tidies up: what it has just seen is gone."""

    def __init__(self, gone: Path) -> None:
        super().__init__()
        self._gone = gone

    @override
    def listed(self, folder: Path) -> list[os.DirEntry[str]]:
        entries = super().listed(folder)
        if any(entry.path == str(self._gone) for entry in entries) and self._gone.is_dir():
            self._gone.rmdir()
        return entries

    @override
    def is_gguf(self, path: Path, root: Path) -> bool:
        is_gguf = super().is_gguf(path, root)
        if path == self._gone and is_gguf:
            path.unlink()
        return is_gguf


def test_what_goes_away_meanwhile_does_not_stop_the_search(home: Path) -> None:
    """A model that is deleted at that moment is found without a size; whoever wants it will be told."""
    folder = home / ".lmstudio" / "models" / "publisher" / "repo"
    path, other = write(folder / "a.gguf"), write(folder / "b.gguf")
    models = find_models(places(home), Racing(path))
    assert [(model.path, model.size_bytes) for model in models] == [(path, 0), (other, other.stat().st_size)]
    (folder / "empty").mkdir()
    assert len(find_models(places(home), Racing(folder / "empty"))) == 1


def test_parts_are_one_model_and_what_lacks_one_is_counted(home: Path) -> None:
    """A model in three files has one entry, its size is that of all, and half a model is none."""
    folder = home / ".lmstudio" / "models" / "publisher" / "repo"
    parts = tuple(write(folder / f"large-Q4_K_M-{number:05}-of-00003.gguf") for number in (1, 2, 3))
    write(folder / "half-00002-of-00002.gguf")
    search = Search()
    (model,) = find_models(places(home), search)
    assert (model.name, model.path, model.parts) == ("large-Q4_K_M", parts[0], parts)
    assert model.size_bytes == sum(path.stat().st_size for path in parts)
    assert search.incomplete == 1


def test_what_is_closed_is_counted(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder or a file of somebody else is no reason to stop."""
    closed = write(home / ".lmstudio" / "models" / "closed" / "repo" / "model.gguf").parent.parent
    unread = write(home / ".lmstudio" / "models" / "publisher" / "repo" / "unread.gguf")
    ollama_model(home / ".ollama" / "models")
    scandir, lstat = os.scandir, Path.lstat

    def closed_scandir(path: Path) -> object:
        if path == closed:
            raise PermissionError
        return scandir(path)

    def closed_lstat(self: Path) -> os.stat_result:
        if self == unread:
            raise PermissionError
        return lstat(self)

    monkeypatch.setattr(os, "scandir", closed_scandir)
    monkeypatch.setattr(Path, "lstat", closed_lstat)
    search = Search()
    assert [model.owner for model in find_models(places(home), search)] == [OtherApplication.OLLAMA]
    assert search.unreadable == 2


def test_a_search_can_be_stopped(home: Path) -> None:
    """Whoever closes the window does not wait; what was found until then is given, and known not to be all."""
    everything = write_everything(home)
    questions = itertools.count()
    search = Search(is_stopped=lambda: next(questions) > 12)
    assert len(find_models(everything, search)) < 7
    assert not search.is_complete
    at_once = Search(is_stopped=lambda: True)
    assert find_models(everything, at_once) == []
    assert not at_once.is_complete


def test_each_application_has_its_own_time(home: Path) -> None:
    """One that takes too long is left, and the next is looked at."""
    everything = write_everything(home)
    ticks = itertools.count()
    search = Search(Limits(seconds=6), clock=lambda: float(next(ticks)))
    owners = {model.owner for model in find_models(everything, search)}
    assert not search.is_complete
    assert OtherApplication.NONE in owners
    assert len(owners) < 7


def test_a_folder_with_very_much_in_it_is_left(home: Path) -> None:
    """The number of entries and the depth are bounded."""
    for number in range(40):
        write(home / "models" / f"{number:02}.gguf")
    own = Places(System.LINUX, home, {}, (home / "models",), home.parent / "machine")
    narrow = Search(Limits(entries=10))
    assert len(find_models(own, narrow)) <= 10
    assert not narrow.is_complete
    write(home / "deep" / "1" / "2" / "3" / "model.gguf")
    deep = Places(System.LINUX, home, {}, (home / "deep",), home.parent / "machine")
    assert len(find_models(deep, Search(Limits(depth=3)))) == 1
    shallow = Search(Limits(depth=2))
    assert find_models(deep, shallow) == []
    assert not shallow.is_complete


def test_a_user_s_folder_need_not_be_text(home: Path) -> None:
    """Old disks have names in old encodings; what is shown of them can be shown."""
    folder = Path(os.fsdecode(os.fsencode(home) + b"/weide-\xfc")) if sys.platform == "linux" else home / "weide"
    path = write(folder / "hay.gguf").rename(folder / Path(os.fsdecode(b"h\xe4y.gguf")).name)
    own = Places(System.LINUX, home, {}, (folder,), home.parent / "machine")
    (model,) = find_models(own, Search())
    assert model.path == path
    assert model.name.encode()


def test_this_machine_is_looked_at_as_its_user(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """The environment of the process that runs, and its home."""
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    machine = this_machine([home / "models"])
    assert (machine.home, machine.folders) == (home, (home / "models",))
    assert machine.system == sys.platform
    assert machine.environment["HOME"] == str(home)


NOTES = (
    ".ollama/models/manifests/registry.ollama.ai/library/llama3.2/3b",
    ".ollama/models/manifests-v2/ollama.com/library/llama3.2/3b",
    ".lmstudio-home-pointer",
    ".lmstudio/settings.json",
    ".local/share/Jan/settings.json",
    ".local/share/Jan/data/llamacpp/models/jan/model.yml",
    ".config/nomic.ai/GPT4All.ini",
    ".cache/llama.cpp/manifest=owner=repo=latest.json",
    ".cache/huggingface/hub/models--owner--repo/refs/main",
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["layers", "manifests", "digest", "mediaType", "downloadsFolder", "data_folder", "ggufFile"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
DAMAGE = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace")),
    JSON.map(lambda value: json.dumps(value).encode()),
    st.sampled_from(["model_path: ", "modelPath=", "mmproj_path: ", ""]).flatmap(
        lambda key: st.text(max_size=30).map(lambda text: (key + text).encode("utf-8", "replace"))
    ),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(note=st.sampled_from(NOTES), damage=DAMAGE)
@example(note=NOTES[0], damage=b'{"layers": [{"mediaType": []}, {"mediaType": {}}, 3, null], "manifests": {}}')
@example(note=NOTES[1], damage=b'{"manifests": [{"digest": []}, {}], "layers": "all"}')
@example(note=NOTES[3], damage=b"[" * 100_000)
@example(note=NOTES[3], damage=b'{"downloadsFolder": "/\\ud800"}')
@example(note=NOTES[3], damage=b"1" * 5000)
@example(note=NOTES[7], damage=b'{"ggufFile": {"rfilename": 3}, "mmprojFile": []}')
def test_no_damaged_note_stops_the_search(tmp_path_factory: pytest.TempPathFactory, note: str, damage: bytes) -> None:
    """Whatever another application wrote, the others' models are found."""
    home = tmp_path_factory.mktemp("home")
    everything = write_everything(home)
    write(home / note, damage)
    search = Search()
    owners = {model.owner for model in find_models(everything, search)}
    assert len(owners) >= 6
    assert search.damaged <= 3


def test_a_damaged_note_is_counted(home: Path) -> None:
    """The one model is passed over, the one beside it is not, and the count says so."""
    models = home / ".ollama" / "models"
    ollama_model(models)
    manifests = models / "manifests" / "registry.ollama.ai" / "library"
    write(manifests / "broken" / "latest", "{")
    write(manifests / "gone" / "latest", ollama_manifest({"model": "a" * 64}))
    write(manifests / "sly" / "latest", ollama_manifest({"model": "../../../../etc/passwd"}))
    write(models / "blobs" / "sha256-short")
    write(manifests / "short" / "latest", ollama_manifest({"model": "short"}))
    write(manifests / "binary" / "latest", b"\xff\xfe\x00")
    write(manifests / "huge" / "latest", " " * (5 * 1024 * 1024))
    search = Search()
    assert [model.name for model in find_models(places(home), search)] == ["llama3.2:3b"]
    assert search.damaged == 6

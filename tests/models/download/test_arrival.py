"""What becomes of a model whose last file has come: it joins the library, whatever happens in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.models.arrival import take_in
from app.models.catalogue import Catalogue
from app.models.download.download import DownloadState
from app.models.download.model_download import model_key
from app.models.download.wanted import WantedFile
from app.models.hashes import FileHashes
from app.models.installed import InstalledModel
from app.models.library import ModelLibrary
from app.models.library_error import ModelLibraryError
from app.models.model_names import readable_name
from app.models.offer import Offer
from app.models.order import offered_name, order
from app.models.remote_file import RemotePath
from app.models.repository import FilePart, Repository, RepositoryFile
from app.online_parts import OnlineParts
from app.paths import Paths, find_paths, resources
from app.settings.file import SettingsFile
from tests.hub_server.repositories import HubRepository
from tests.hub_server.server import HubServer, hub_server
from tests.models.download.dying import NAME, REPOSITORY, Step, die_at, make_repository
from tests.models.shelf import write_model


@pytest.fixture
def paths() -> Paths:
    """The data folder of the processes that a test starts."""
    return find_paths()


@pytest.fixture
def repository(tmp_path: Path) -> HubRepository:
    """A model of two parts, and its projector."""
    return make_repository(tmp_path / "on-the-hub")


@pytest.fixture
def hub(repository: HubRepository, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A hub that has them."""
    with hub_server(repository) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        yield server


def check_joined(model: InstalledModel, repository: HubRepository) -> None:
    """See that it is known from where it came, and whole."""
    first, second, sees = (file.sha256 for file in repository.files)
    assert model.name == NAME
    assert (model.repository, model.commit, model.licence) == (REPOSITORY, repository.commit, "apache-2.0")
    assert model.sha256_expected == first
    assert [path.name[:12] for path in model.parts] == [first[:12], first[:12]]
    assert [FileHashes(find_paths().model_hashes).hash_file(path) for path in model.parts] == [first, second]
    assert model.projector is not None
    assert model.projector.name.startswith(sees[:12])
    assert all(path.is_file() for path in (*model.parts, model.projector))


@pytest.mark.parametrize("step", [step for step in Step if step is not Step.SOME_CAME])
def test_who_is_killed_on_the_way_into_the_library_has_the_model_at_the_next_start(
    step: Step, hub: HubServer, repository: HubRepository, paths: Paths
) -> None:
    """Without the network, once, and with all that is to be known of it."""
    die_at(step)
    hub.log.clear()
    settings = SettingsFile(paths.settings)
    settings.change("network.policy", "offline")
    library = ModelLibrary(paths, None)
    with closing(OnlineParts(paths, settings, FileHashes(paths.model_hashes))) as online:
        queue = online.downloads
        queue.recognise()
        taken = [take_in(library, queue, key) for key in {model_key(each.wanted) for each in queue.downloads}]
        assert [model.name for model in taken if model] == ([] if step is Step.NOWHERE else [NAME])
        assert all(each.is_settled for each in queue.downloads)
    (model,) = library.models()
    check_joined(model, repository)
    with closing(OnlineParts(paths, settings, FileHashes(paths.model_hashes))) as online:
        assert online.downloads.downloads == ()
    assert hub.log.requests == ()


def test_what_came_before_a_restart_counts_when_the_last_file_comes(
    hub: HubServer, repository: HubRepository, paths: Paths
) -> None:
    """One part finished before the process died; the others come now, and nothing comes twice."""
    die_at(Step.SOME_CAME)
    settings = SettingsFile(paths.settings)
    library = ModelLibrary(paths, None)
    with closing(OnlineParts(paths, settings, FileHashes(paths.model_hashes))) as online:
        states = [each.state for each in online.downloads.downloads]
        assert states == [DownloadState.FINISHED, DownloadState.INTERRUPTED, DownloadState.INTERRUPTED]
        assert take_in(library, online.downloads, model_key(online.downloads.downloads[0].wanted)) is None
    die_at(Step.NOWHERE)
    check_joined(ModelLibrary(paths, None).models()[0], repository)
    assert hub.log.bytes_sent_twice(repository.files[0].path) <= repository.files[0].size_bytes  # its header, before


def test_a_model_that_the_library_refuses_is_not_offered_to_it_again(paths: Paths) -> None:
    """It is said once; the file stays where it is."""
    paths.create()
    path = write_model(paths.models / "cd-adapter.gguf", general__type="adapter")
    sha256 = FileHashes(paths.model_hashes).hash_file(path)
    wanted = WantedFile(RemotePath("m/m", "c0ffee", "a.gguf"), path.name, "Adapter", path.stat().st_size, sha256)
    settings = SettingsFile(paths.settings)
    settings.change("network.policy", "offline")
    with closing(OnlineParts(paths, settings, FileHashes(paths.model_hashes))) as online:
        queue = online.downloads
        queue.add(wanted)
        queue.pause(queue.downloads[0].id)
        queue.recognise()
        with pytest.raises(ModelLibraryError, match="adapter"):
            take_in(ModelLibrary(paths, None), queue, path.name)
        assert take_in(ModelLibrary(paths, None), queue, path.name) is None
    assert path.is_file()
    assert ModelLibrary(paths, None).models() == []


def offer(repository: str, file: str) -> Offer:
    """A file of a repository."""
    return Offer(Repository(repository, "c0ffee"), RepositoryFile(file, (FilePart(f"{file}.gguf", 1),)))


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("SmolLM2-135M-Instruct.Q4_1", "SmolLM2 135M Instruct"),
        ("Llama-3.2-3B-Instruct-Q4_K_M", "Llama 3.2 3B Instruct"),
        ("Qwen3-30B-A3B-Instruct-2507-UD-Q4_K_XL", "Qwen3 30B A3B Instruct 2507"),
        ("microsoft_Phi-4-mini-instruct-Q6_K", "Phi 4 mini instruct"),
        ("ggml-org_gemma-3-4b-it-GGUF_gemma-3-4b-it-Q4_K_M", "gemma 3 4b it"),
        ("my_small_model", "my small model"),
        ("hf.co/bartowski/Llama-3.2-3B-Instruct-GGUF:Q4_K_M", "Llama 3.2 3B Instruct"),
        ("qwen3:latest", "qwen3"),
        ("llama3.2:3b", "llama3.2:3b"),
        ("9f2c1a7be04d5f6688aa01b2", ""),
        ("gpt-oss-20b-mxfp4", "gpt oss 20b"),
        ("tiny.gguf", "tiny"),
        ("Q4_K_M", ""),
    ],
)
def test_the_name_of_a_file_made_readable(stem: str, name: str) -> None:
    """Without its quantization, its owner, and what a tool was at, in words."""
    assert readable_name(stem) == name


def test_what_people_call_a_model() -> None:
    """As the catalogue does; else by its file; where that tells nothing, by its repository."""
    catalogue = Catalogue.load(resources())
    picked = catalogue.models[-1]
    assert offered_name(offer(picked.repository.upper(), "anything-Q4_0"), catalogue) == picked.name
    assert offered_name(offer("somebody/Else-GGUF", "Meadow-1B-Q4_0"), catalogue) == "Meadow 1B"
    assert offered_name(offer("somebody/Meadow-2B-GGUF", "Q4_0"), catalogue) == "Meadow 2B"


def test_a_quantization_is_in_the_name_only_to_tell_two_apart(paths: Paths) -> None:
    """From the moment of the order on; the library calls them as they were ordered, and so does the list."""
    paths.create()
    settings = SettingsFile(paths.settings)
    settings.change("network.policy", "offline")
    library = ModelLibrary(paths, None)
    with closing(OnlineParts(paths, settings, FileHashes(paths.model_hashes))) as online:
        for quantization in ("Q4_K_M", "UD-Q4_K_XL"):
            path = write_model(paths.models / "new.gguf", "Ep2", told=quantization)
            sha256 = FileHashes(paths.model_hashes).read_again(path)
            part = FilePart(f"Meadow-1B-{quantization}.gguf", path.stat().st_size, sha256)
            file = RepositoryFile(f"Meadow-1B-{quantization}", (part,), quantization)
            ordered = Offer(Repository("m/Meadow-GGUF", "c0ffee"), file)
            path.rename(paths.models / ordered.names[0])
            order(ordered, online.licences.find("mit"), library, online.catalogue, online.downloads)
        names = ["Meadow 1B", "Meadow 1B UD-Q4_K_XL"]
        assert [each.wanted.shown_as for each in online.downloads.downloads] == names
    with closing(OnlineParts(paths, settings, FileHashes(paths.model_hashes))) as online:
        online.downloads.recognise()
        for each in reversed(online.downloads.downloads):
            take_in(library, online.downloads, model_key(each.wanted))
        assert [each.wanted.shown_as for each in online.downloads.downloads] == names
    assert {model.name for model in library.models()} == set(names)


def test_a_name_that_was_taken_meanwhile_gets_its_quantization(paths: Paths) -> None:
    """The list of downloads says then what the library says."""
    paths.create()
    library = ModelLibrary(paths, None)
    path = write_model(paths.models / "ab-Meadow.gguf", "Ep2")
    sha256 = FileHashes(paths.model_hashes).hash_file(path)
    remote = RemotePath("m/m", "c0ffee", "Meadow.gguf")
    settings = SettingsFile(paths.settings)
    settings.change("network.policy", "offline")
    with closing(OnlineParts(paths, settings, FileHashes(paths.model_hashes))) as online:
        online.downloads.add(WantedFile(remote, path.name, "Meadow", path.stat().st_size, sha256))
        library.add(write_model(paths.data / "own.gguf", "Meadow"))
    with closing(OnlineParts(paths, settings, FileHashes(paths.model_hashes))) as online:
        online.downloads.recognise()
        model = take_in(library, online.downloads, path.name)
        assert model is not None
        assert model.name == "Meadow Q4_K_M"
        assert [each.wanted.shown_as for each in online.downloads.downloads] == [model.name]

"""`models add` of what is here already, was begun before, or is on its way in the window."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.models.hashes import FileHashes
from app.models.library import ModelLibrary
from app.models.offer import Offer
from app.models.order import order
from app.models.repository_reference import RepositoryReference
from app.online_parts import OnlineParts
from app.paths import find_paths
from app.settings.file import SettingsFile
from tests.cli.running import run
from tests.hub_server.exchange import Kind
from tests.hub_server.faults import SpeedCap
from tests.hub_server.repositories import starter_repository
from tests.hub_server.server import HubServer, hub_server
from tests.models.download.dying import FILE, NAME, REPOSITORY, Step, die_at, make_repository

STARTER = "HuggingFaceTB/SmolLM2-135M-Instruct-GGUF"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[HubServer]:
    """A hub with the starter model's file, and a model of two parts and a projector."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    with hub_server(starter_repository(), make_repository(tmp_path / "on-the-hub")) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        yield server


def delivered(hub: HubServer) -> int:
    """How many bytes of files were sent."""
    return sum(request.sent_bytes for request in hub.log.requests if request.asked.kind is Kind.DELIVERY)


def test_what_is_here_is_not_downloaded_again(hub: HubServer) -> None:
    """It is said, by the name that the first command gave it; when a file is gone it comes again."""
    first = run("models", "add", STARTER, "--yes")
    assert first.stdout == "SmolLM2 135M Instruct is here and can be used now.\n", first.stderr
    hub.log.clear()
    second = run("models", "add", STARTER, "--yes")
    assert second.stdout == "SmolLM2 135M Instruct is here already. Nothing was downloaded.\n"
    assert delivered(hub) == 0
    (model,) = (each for each in json.loads(run("models", "list", "--json").stdout) if each["source"] == "downloaded")
    Path(model["path"]).unlink()
    third = run("models", "add", STARTER, "--yes", "--json")
    assert json.loads(third.stdout)["id"] == model["id"]
    assert Path(model["path"]).is_file()


@pytest.mark.parametrize("step", [Step.SOME_CAME, Step.HAS_ITS_NAME, Step.ALL_CAME])
def test_the_same_command_ends_what_a_killed_process_began(hub: HubServer, step: Step) -> None:
    """With the projector that was ordered then, and without fetching what was here."""
    die_at(step)
    hub.log.clear()
    ended = run("models", "add", f"{REPOSITORY}:{FILE}", "--yes", "--json")
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["name"] == NAME
    (model,) = ModelLibrary(find_paths(), None).models()
    assert model.projector is not None
    assert model.projector.is_file()
    assert all(part.is_file() for part in model.parts)
    assert (model.repository, model.sha256_expected) == (REPOSITORY, hub.repositories[REPOSITORY].files[0].sha256)
    sent = {
        request.asked.path.rpartition("/")[2] for request in hub.log.requests if request.asked.kind is Kind.DELIVERY
    }
    assert (hub.repositories[REPOSITORY].files[1].path in sent) == (step is Step.SOME_CAME)


def test_what_the_window_downloads_is_left_to_it(hub: HubServer) -> None:
    """Two would write one file; the command says so, and the download goes on."""
    cap = SpeedCap(2e6)
    hub.faults.append(cap)
    paths = find_paths()
    paths.create()
    settings = SettingsFile(paths.settings)
    settings.change("network.policy", "allow")
    with closing(OnlineParts(paths, settings, FileHashes(paths.model_hashes))) as online:
        repository = online.hub.repository(RepositoryReference(*STARTER.split("/"))).value
        library = ModelLibrary(paths, None)
        licence = online.licences.find("apache-2.0")
        order(Offer(repository, repository.models[0]), licence, library, online.catalogue, online.downloads)
        ended = run("models", "add", STARTER, "--yes")
        assert ended.returncode == 1
        assert "SmolLM2 135M Instruct is being downloaded by another Paddock." in ended.stderr
        assert "Traceback" not in ended.stderr
        (download,) = online.downloads.downloads
        assert download.trouble is None
        online.downloads.look_again()
        assert online.downloads.downloads[0].id == download.id

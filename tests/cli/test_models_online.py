"""`models` with the hub: asked before anything is sent, downloaded whole, verified, and into the bin again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.models.library import ModelLibrary
from app.models.starter import find_starter
from app.paths import find_paths
from app.workshop.comparison import Comparison
from app.workshop.convert import Converted
from app.workshop.offer_book import OfferBook
from tests.cli.running import run
from tests.gguf_files import TinyModel
from tests.hub_server.repositories import starter_repository
from tests.hub_server.server import HubServer, hub_server
from tests.workshop.test_comparison import FASTER, SOURCE

REPOSITORY = "HuggingFaceTB/SmolLM2-135M-Instruct-GGUF"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[HubServer]:
    """A hub with the starter model's file, which the commands are told to ask; a user without keyring and bin."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    with hub_server(starter_repository()) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        yield server


def _ledger() -> list[dict[str, object]]:
    report = json.loads(run("doctor", "--json").stdout)
    return report["network"]["ledger"]


def test_nothing_is_sent_before_somebody_agrees(hub: HubServer) -> None:
    """The policy is to ask, and a script is nobody who could be asked."""
    ended = run("models", "search", "smollm")
    assert ended.returncode == 1
    assert "--yes" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert not hub.log.requests
    (line,) = _ledger()
    assert (line["result"], line["purpose"]) == ("refused: not allowed", "Search for “smollm”")


def test_offline_is_not_what_yes_answers(hub: HubServer, paddock_home: Path) -> None:
    """The switch counts before everything."""
    config = paddock_home / "config"
    config.mkdir(parents=True)
    (config / "settings.json").write_text('{"network.policy": "offline"}')
    ended = run("models", "add", REPOSITORY, "--yes")
    assert ended.returncode == 1
    assert "offline" in ended.stderr
    assert not hub.log.requests


def test_a_search_prints_what_can_be_added(hub: HubServer) -> None:
    """Each with its licence."""
    assert hub.address
    (found,) = json.loads(run("models", "search", "smollm", "--yes", "--json").stdout)
    assert found["id"] == REPOSITORY
    assert found["licence"] == "apache-2.0"
    assert run("models", "search", "nothing", "like", "it", "--yes", "--json").stdout == "[]\n"


def test_from_the_hub_into_the_list_and_into_the_bin(hub: HubServer, tmp_path: Path) -> None:
    """Downloaded, verified against the hub's sha256, used, and removed."""
    added = run("models", "add", REPOSITORY, "--yes", "--json")
    assert added.returncode == 0, added.stderr
    model = json.loads(added.stdout)
    assert (model["source"], model["licence"]) == ("downloaded", "apache-2.0")
    assert "Apache" in added.stderr
    verified = json.loads(run("models", "verify", model["id"], "--json").stdout)
    assert verified["ok"] is True
    assert verified["sha256"] == verified["expected"]
    sent_before = len(hub.log.requests)
    removed = json.loads(run("models", "remove", model["id"], "--yes", "--json").stdout)
    assert removed["files"] == [model["path"]]
    assert not Path(model["path"]).exists()
    assert list((tmp_path / "share" / "Trash" / "files").iterdir())
    assert len(hub.log.requests) == sent_before
    assert {line["result"] for line in _ledger()} == {"complete"}


def test_a_restricted_licence_has_to_be_accepted(hub: HubServer, paddock_home: Path) -> None:
    """What it restricts is said; nothing is downloaded before."""
    repository = starter_repository()
    hub.publish(replace(repository, commit="ab" * 20, card_data={"license": "gemma"}, tags=("gguf", "license:gemma")))
    config = paddock_home / "config"
    config.mkdir(parents=True)
    (config / "settings.json").write_text('{"network.policy": "allow"}')  # only the licence is left to ask about
    ended = run("models", "add", REPOSITORY)
    assert ended.returncode == 1
    assert "has to be accepted" in ended.stderr
    assert run("models", "add", REPOSITORY, "--yes").returncode == 0


def test_whether_it_fits_is_known_before_the_download(hub: HubServer) -> None:
    """From a ranged read of its header; the same model here needs the same."""
    keys = {"verdict", "need_bytes", "free_bytes", "max_context", "tokens_per_s"}
    remote = json.loads(run("models", "fit", REPOSITORY, "--yes", "--json").stdout)
    here = json.loads(run("models", "fit", "starter", "--json").stdout)
    assert keys <= set(remote) & set(here)
    assert remote["verdict"] == here["verdict"] == "fits"
    assert remote["need_bytes"] == pytest.approx(here["need_bytes"], rel=0.05)
    assert sum(request.sent_bytes for request in hub.log.requests) < 30_000_000


def test_a_copy_in_another_quantization_joins_the_list(tmp_path: Path) -> None:
    """It is measured beside its source."""
    source = json.loads(run("models", "add", str(TinyModel().write(tmp_path / "tiny.gguf")), "--json").stdout)["id"]
    ended = run("models", "convert", source, "--to", "Q8_0", "--json")
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["model"]["quantization"] == "Q8_0"
    assert told["comparison"]["closeness"] == "same"
    assert [model["id"] for model in json.loads(run("models", "list", "--json").stdout)] == [
        "starter",
        source,
        told["model"]["id"],
    ]
    twice = run("models", "convert", source, "--to", "q8_0")
    assert twice.returncode == 1
    assert told["model"]["name"] in twice.stderr
    again = run("models", "convert", source, "--to", "nonsense")
    assert again.returncode == 1
    assert "Q8_0" in again.stderr


def test_the_copy_that_was_made_at_idle_is_taken_instead_of_a_second_one(tmp_path: Path) -> None:
    """It waits in the window for an answer; the command gives it, and says so."""
    paths, path = find_paths(), tmp_path / "Starter.Q8_0.gguf"
    paths.create()
    TinyModel(extra={"general.file_type": 7}).write(path)
    starter = ModelLibrary(paths, find_starter()).by_id("starter")
    book = OfferBook(paths.workshop_offers)
    book.made(starter, Converted(path, Comparison(SOURCE, FASTER)))
    ended = run("models", "convert", "starter", "--to", "Q8_0", "--json")
    assert ended.returncode == 0, ended.stderr
    assert "Paddock had made this copy already" in ended.stderr
    told = json.loads(ended.stdout)["model"]
    assert (told["path"], told["name"]) == (str(path), "Starter model Q8_0")
    assert book.noted()["starter"].converted is None


def test_models_of_other_applications_are_found_and_used_where_they_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is copied."""
    home = tmp_path / "home"
    folder = home / ".lmstudio" / "models" / "maker" / "Small-GGUF"
    folder.mkdir(parents=True)
    model = TinyModel().write(folder / "small.gguf")
    monkeypatch.setenv("HOME", str(home))
    found = json.loads(run("models", "scan", str(folder.parent), "--json").stdout)
    assert [each["path"] for each in found] == [str(model)]
    assert run("models", "scan", str(folder.parent), "--add").returncode == 0
    listed = json.loads(run("models", "list", "--json").stdout)
    assert [each["path"] for each in listed][1:] == [str(model)]

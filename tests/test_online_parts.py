"""What reaches beyond this laptop, as the window and the commands have it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from app.models.download.download import DownloadChanged, DownloadEvent, DownloadState
from app.models.download.wanted import WantedFile
from app.models.hashes import FileHashes
from app.models.hub_search import SearchRequest
from app.models.remote_file import RemotePath
from app.network.errors import GateClosedError, NotAllowedError
from app.network.gate import Answer
from app.network.purpose import Purpose
from app.online_parts import OnlineParts
from app.paths import Paths, find_paths
from app.settings.file import SettingsFile
from tests.hub_server.repositories import starter_repository
from tests.hub_server.server import hub_server

_LONG_S = 60


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    """Folders of a user who has no proxy and no token."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name == "HF_ENDPOINT":
            monkeypatch.delenv(name)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    paths = find_paths(tmp_path)
    paths.create()
    return paths


def test_to_build_it_loads_nothing_that_could_connect(paths: Paths) -> None:
    """A start costs nothing, and cannot send anything."""
    code = (
        "import sys; from pathlib import Path; from app.online_parts import OnlineParts;"
        "from app.paths import find_paths; from app.settings.file import SettingsFile;"
        "from app.models.hashes import FileHashes;"
        f"paths = find_paths(Path({str(paths.data.parent)!r}));"
        "parts = OnlineParts(paths, SettingsFile(paths.settings), FileHashes(paths.model_hashes)); parts.close();"
        "print([name for name in ('httpx2', 'huggingface_hub', 'keyring', 'ssl') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_the_policy_of_the_settings_rules_the_hub(paths: Paths) -> None:
    """It asks at first, and once it is set to be offline nobody is asked."""
    settings = SettingsFile(paths.settings)
    online = OnlineParts(paths, settings, FileHashes(paths.model_hashes))
    with hub_server(starter_repository()) as server, closing(online):
        settings.change("network.hub", server.address)
        with pytest.raises(NotAllowedError):
            online.hub.search(SearchRequest())
        online.gate.ask = _once
        assert online.hub.search(SearchRequest()).value.found
        settings.change("network.policy", "offline")
        with pytest.raises(GateClosedError):
            online.hub.account("hf_abcdefgh")
    assert [entry.result for entry in online.ledger.read().entries][-1] == "refused: offline"


def test_a_download_is_told_to_everybody_who_listens(paths: Paths) -> None:
    """The window and its task bar both want to know."""
    repository = starter_repository()
    file = next(each for each in repository.files if each.path.endswith(".gguf"))
    with hub_server(repository) as server:
        settings = SettingsFile(paths.settings)
        settings.change("network.hub", server.address)
        settings.change("network.policy", "allow")
        online = OnlineParts(paths, settings, FileHashes(paths.model_hashes))
        heard: list[DownloadEvent] = []
        finished = threading.Event()
        online.listen(heard.append)
        online.listen(lambda event: finished.set() if _is_finished(event) else None)
        with closing(online):
            remote = RemotePath(repository.id, repository.commit, file.path)
            online.downloads.add(WantedFile(remote, "starter.gguf", "Starter", file.size_bytes, file.sha256))
            assert finished.wait(_LONG_S)
    assert (paths.models / "starter.gguf").stat().st_size == file.size_bytes
    assert any(_is_finished(event) for event in heard)


def _once(_purpose: Purpose, _host: str) -> Answer:
    return Answer.ONCE


def _is_finished(event: DownloadEvent) -> bool:
    return isinstance(event, DownloadChanged) and event.download.state is DownloadState.FINISHED

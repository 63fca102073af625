"""What stands in a button's place: which files of a repository are here already."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.models.download.download import Download, DownloadState
from app.models.download.model_download import ModelDownload
from app.models.download.wanted import WantedFile
from app.models.installed import InstalledModel, Source
from app.models.remote_file import RemotePath
from app.ui.presenters.discover_marks import Marks

REPOSITORY = "Owner/Tiny-GGUF"
FILE = "ggml-model-Q4_K_M.gguf"


def marks(folder: Path, name: str, source: Source, repository: str | None) -> Marks:
    """What is known where one model is here."""
    path = folder / name
    path.write_bytes(b"GGUF")
    model = InstalledModel("id", "Tiny", path, 4, "llama", "Q4_K_M", None, source, repository=repository)
    found = Marks(lambda: [model])
    found.look()
    return found


@pytest.mark.parametrize(
    ("name", "source", "repository"),
    [
        (f"0123456789ab-{FILE}", Source.DOWNLOADED, REPOSITORY),
        (f"0123456789ab-{FILE}", Source.FOUND, None),
        (FILE, Source.FOUND, None),
    ],
)
def test_what_is_here_need_not_come_again(tmp_path: Path, name: str, source: Source, repository: str | None) -> None:
    """Whether Paddock fetched it, found it after its list was lost, or another application has it."""
    assert marks(tmp_path, name, source, repository).state(REPOSITORY.lower(), f"folder/{FILE}") == "On disk"


@pytest.mark.parametrize(
    ("name", "source", "repository"),
    [
        (f"0123456789ab-{FILE}", Source.DOWNLOADED, "another/Model-GGUF"),
        (f"Another-{FILE}", Source.FOUND, None),
        (FILE, Source.CONVERTED, REPOSITORY),
    ],
)
def test_another_model_of_a_usual_name_keeps_nobody_from_getting_this_one(
    tmp_path: Path, name: str, source: Source, repository: str | None
) -> None:
    """Many publishers call their files alike."""
    assert not marks(tmp_path, name, source, repository).state(REPOSITORY, FILE)


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (DownloadState.RUNNING, "25 %"),
        (DownloadState.PAUSED, "Paused"),
        (DownloadState.INTERRUPTED, "Paused"),
        (DownloadState.FAILED, "Failed"),
        (DownloadState.FINISHED, "On disk"),
    ],
)
def test_a_download_is_told_by_how_it_goes(state: DownloadState, word: str) -> None:
    """One that waits for its user does not look as if it went on."""
    found = Marks(list)
    found.take([_download(state)])
    assert found.state(REPOSITORY, FILE) == word


def test_a_damaged_file_can_be_had_again(tmp_path: Path) -> None:
    """Also while the list of downloads still holds the one that brought it."""
    path = tmp_path / FILE
    path.write_bytes(b"GGUF")
    model = InstalledModel("id", "Tiny", path, 4, "llama", "Q4_K_M", None, Source.DOWNLOADED, repository=REPOSITORY)
    damaged = replace(model, is_damaged=True)
    found = Marks(lambda: [damaged])
    found.look()
    found.take([_download(DownloadState.FINISHED)])
    assert not found.state(REPOSITORY, FILE)


def _download(state: DownloadState) -> ModelDownload:
    wanted = WantedFile(RemotePath(REPOSITORY, "main", FILE), FILE, "Tiny")
    return ModelDownload("key", (Download("id", wanted, state, received_bytes=100, size_bytes=400),))

"""A process that downloads a model of two parts and a projector and dies at a step of its arrival.

`python -m tests.models.download.dying STEP`, with the hub and the data folder in the environment.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from enum import StrEnum
from pathlib import Path
from typing import Final, NoReturn

from app.models.arrival import take_in
from app.models.download import queue
from app.models.download.download import DownloadChanged, DownloadEvent, DownloadState
from app.models.download.model_download import model_key
from app.models.download.queue import DownloadQueue
from app.models.hashes import FileHashes
from app.models.library import ModelLibrary
from app.models.offer import Offer
from app.models.order import order
from app.models.repository_reference import RepositoryReference
from app.online_parts import OnlineParts
from app.paths import find_paths
from app.settings.file import SettingsFile
from tests.hub_server.repositories import HubFile, HubRepository
from tests.models.shelf import write_model, write_parts

ROOT = Path(__file__).resolve().parents[3]
REPOSITORY = "meadow/Meadow-1B-Chat-GGUF"
NAME = "Meadow 1B Chat"
FILE = "Meadow-1B-Chat-Q4_K_M"
FILES = 3


class Step(StrEnum):
    """Where it dies."""

    SOME_CAME = "some came"
    """One file is listed as finished, two are still to come."""
    HAS_ITS_NAME = "has its name"
    """The last file is whole and right, and nobody has noted so."""
    HASH_KNOWN = "hash known"
    """Its hash is remembered; the list does not say yet that it came."""
    ALL_CAME = "all came"
    """The list says so; the library knows of nothing."""
    IN_THE_LIBRARY = "in the library"
    """The list of downloads still has it."""
    NOWHERE = "nowhere"


def make_repository(folder: Path) -> HubRepository:
    """A model of two parts whose header has an awkward name, and its projector."""
    folder.mkdir()
    parts = write_parts(folder, 2, FILE)
    projector = write_model(folder / "mmproj-Meadow-1B-Chat-F16.gguf", "Sees", general__type="mmproj")
    files = tuple(HubFile(path.name, path) for path in (*parts, projector))
    return HubRepository(REPOSITORY, files, tags=("gguf", "license:mit"), card_data={"license": "mit"})


def die_at(step: Step) -> None:
    """Have a process that downloads it die there, as by `kill -9`."""
    ended = subprocess.run([sys.executable, "-m", "tests.models.download.dying", step], cwd=ROOT, check=False)
    assert ended.returncode == (0 if step is Step.NOWHERE else -signal.SIGKILL)


def main() -> None:
    """Download it, and take it into the library."""
    step = Step(sys.argv[1])
    paths = find_paths()
    paths.create()
    settings = SettingsFile(paths.settings)
    settings.change("network.policy", "allow")
    settings.change("network.files_at_a_time", 1)
    _prepare(step)
    online = OnlineParts(paths, settings, FileHashes(paths.model_hashes))
    came, library = _Came(), ModelLibrary(paths, None)
    online.listen(came.hear)
    repository = online.hub.repository(RepositoryReference(*REPOSITORY.split("/"))).value
    offer = Offer(repository, repository.models[0], repository.projectors[0])
    downloads = order(offer, online.licences.find("mit"), library, online.catalogue, online.downloads)
    came.all_came.wait()
    assert take_in(library, online.downloads, model_key(downloads[0].wanted)) is not None
    online.close()


class _Came:
    """Knows when all files are here."""

    def __init__(self) -> None:
        self.all_came = threading.Event()
        self._finished: set[str] = set()

    def hear(self, event: DownloadEvent) -> None:
        if isinstance(event, DownloadChanged) and event.download.state is DownloadState.FINISHED:
            self._finished.add(event.download.id)
            if len(self._finished) == FILES:
                self.all_came.set()


def _prepare(step: Step) -> None:
    """Put death in the way of what comes next."""
    if step in _BEFORE:
        setattr(*_BEFORE[step], _die)
        return
    remember = FileHashes.remember
    remembered = 0

    def remember_and_die(self: FileHashes, path: Path, sha256: str) -> None:
        nonlocal remembered
        remembered += 1
        if remembered == FILES and step is Step.HAS_ITS_NAME:
            _die()
        remember(self, path, sha256)
        if remembered == FILES and step is Step.HASH_KNOWN:
            _die()

    FileHashes.remember = remember_and_die


def _die(*_: object) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


_BEFORE: Final = {
    Step.SOME_CAME: (queue, "_finished"),
    Step.ALL_CAME: (ModelLibrary, "take_downloaded"),
    Step.IN_THE_LIBRARY: (DownloadQueue, "settled"),
}
"""What is never done."""


if __name__ == "__main__":
    main()

"""Downloads that a full disk stopped go on by themselves."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.models.download.disk_room import DiskRoom
from app.models.download.download import DownloadState
from app.models.download.errors import no_room
from app.models.download.model_download import ModelDownload
from app.ui.presenters.download_room import LOOK_EVERY_MS, DownloadRoom
from tests.ui.model_manager.shown_downloads import GB, shown

FULL = no_room("Model.gguf", GB, 0, GB)


class Disk:
    """A disk whose room a test decides, and what was resumed."""

    def __init__(self, app: QApplication) -> None:
        self.free_bytes = 0
        self.resumed: list[str] = []
        self.room = DownloadRoom(Path("models"), DiskRoom(lambda _: self.free_bytes, GB), self._resume, app)

    def _resume(self, model: ModelDownload) -> None:
        self.resumed.append(model.shown_as)


def test_it_goes_on_when_there_is_room(qapp: QApplication) -> None:
    """And not before: what is kept free for the rest stays free."""
    disk = Disk(qapp)
    disk.room.follow([shown("Model", DownloadState.PAUSED, 0, 2 * GB, trouble=FULL)])
    assert disk.room.is_looking
    disk.free_bytes = 2 * GB
    disk.room.look()
    assert disk.resumed == []
    disk.free_bytes = 3 * GB
    disk.room.look()
    assert disk.resumed == ["Model"]


def test_room_is_given_out_once(qapp: QApplication) -> None:
    """What those that run still need is not free."""
    disk = Disk(qapp)
    disk.room.follow(
        [
            shown("Running", DownloadState.RUNNING, GB, 2 * GB),
            shown("First", DownloadState.PAUSED, 0, 2 * GB, trouble=FULL),
            shown("Second", DownloadState.PAUSED, 0, 2 * GB, trouble=FULL),
        ]
    )
    disk.free_bytes = 5 * GB
    disk.room.look()
    assert disk.resumed == ["First"]


def test_nobody_looks_when_nothing_waits_for_room(qapp: QApplication) -> None:
    """What the user paused stays paused."""
    disk = Disk(qapp)
    disk.free_bytes = 100 * GB
    disk.room.follow([shown("Paused", DownloadState.PAUSED)])
    disk.room.look()
    assert disk.resumed == []
    assert not disk.room.is_looking
    assert LOOK_EVERY_MS == 30_000

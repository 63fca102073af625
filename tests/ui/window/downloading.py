"""A hub on this computer, and a window whose downloads come from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.models.download.download import Download, DownloadState
from app.models.download.safe_name import local_name
from app.models.download.wanted import WantedFile
from app.models.remote_file import RemotePath
from app.network.gate import NetworkPolicy
from app.paths import find_paths
from app.settings.file import SettingsFile
from app.ui.model_manager.downloads_page import DownloadsPage
from app.ui.model_manager.downloads_row import DownloadRow
from app.ui.toast import Toast
from tests.gguf_files import TinyModel
from tests.hub_server.faults import SpeedCap
from tests.hub_server.repositories import HubFile, HubRepository
from tests.hub_server.server import HubServer
from tests.ui.window.use import Use

REPOSITORY = "owner/Tiny-GGUF"
NAMES = ("First", "Second", "Third")


def make_repository(folder: Path) -> HubRepository:
    """Three small models, each its own."""
    folder.mkdir()
    paths = [TinyModel(layers=12, seed=seed).write(folder / f"{name}.gguf") for seed, name in enumerate(NAMES)]
    return HubRepository(REPOSITORY, tuple(HubFile(path.name, path) for path in paths))


def prepare(home: Path, hub: HubServer, policy: NetworkPolicy = NetworkPolicy.ALLOW) -> None:
    """Have the next window ask this hub."""
    paths = find_paths(home)
    paths.create()
    settings = SettingsFile(paths.settings)
    settings.change("network.hub", hub.address)
    settings.change("network.policy", policy.value)


@dataclass
class Downloading:
    """What a user does with downloads, and sees of them."""

    use: Use
    hub: HubServer

    def wanted(self, name: str, model: str = "") -> WantedFile:
        """One of the hub's models, as the page of its repository would want it."""
        file = self.hub.repositories[REPOSITORY].file(f"{name}.gguf")
        assert file is not None
        commit = self.hub.repositories[REPOSITORY].commit
        remote = RemotePath(REPOSITORY, commit, file.path)
        own = local_name(file.path, file.sha256)
        return WantedFile(remote, own, name, file.size_bytes, file.sha256, "apache-2.0", model or own)

    def get(self, *names: str) -> None:
        """Have models downloaded, and wait until the window knows."""
        for name in names:
            self.use.desktop.parts.online.downloads.add(self.wanted(name))
        self.use.until(lambda: {model.shown_as for model in self.use.desktop.downloads.models} >= set(names))

    def slowly(self, bytes_per_s: float = 500_000) -> SpeedCap:
        """Have files come so slowly that something can be done meanwhile."""
        cap = SpeedCap(bytes_per_s)
        self.hub.faults.append(cap)
        return cap

    def download(self, name: str) -> Download:
        """How a download is now."""
        return next(each for each in self.use.desktop.parts.online.downloads.downloads if each.wanted.shown_as == name)

    def let_undo_go(self) -> None:
        """Wait no longer for somebody to take back what was done last."""
        (undo,) = (toast for toast in self.use.window.findChildren(Toast) if toast.is_undo)
        undo.gone.emit()

    def until_state(self, name: str, state: DownloadState) -> None:
        """Wait until the window has seen a download in a state."""

        def is_so() -> bool:
            models = self.use.desktop.downloads.models
            return any(model.shown_as == name and model.state is state for model in models)

        self.use.until(is_so)

    def until_begun(self, name: str) -> None:
        """Wait until something of it is here."""
        self.use.until(
            lambda: any(m.shown_as == name and m.received_bytes > 0 for m in self.use.desktop.downloads.models)
        )

    def until_gone(self, name: str) -> None:
        """Wait until the window shows a download no longer."""
        self.use.until(lambda: name not in [model.shown_as for model in self.use.desktop.downloads.models])

    @property
    def page(self) -> DownloadsPage:
        """The page, which is opened first if need be."""
        page = self.use.window.findChild(DownloadsPage)
        if page is None or not page.isVisible():
            self.use.desktop.downloads.open()
            page = self.use.window.findChild(DownloadsPage)
        assert page is not None
        return page

    def row(self, name: str) -> DownloadRow:
        """The row of a download."""
        page = self.page
        return next(row for row in (*page.unfinished.rows, *page.finished.rows) if row.model.shown_as == name)

    def until_row(self, name: str, says: Callable[[str], bool]) -> None:
        """Wait until what a row says is as wanted."""
        self.use.until(lambda: says(f"{self.row(name).accessibleName()} {self.row(name).accessibleDescription()}"))

    def order(self) -> list[str]:
        """The names in the list, from the top."""
        return [row.model.shown_as for row in self.page.unfinished.rows]

    def file(self, name: str) -> Path:
        """Where a model is when it has come."""
        return self.use.desktop.parts.paths.models / self.wanted(name).name

"""What becomes of a download that is complete: a model in the library."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.models.download.download import Download, DownloadState
from app.models.download.model_download import model_key, part_names
from app.models.installed import InstalledModel
from app.parts import ModelParts
from app.ui.presenters.download_orders import DownloadOrders

if TYPE_CHECKING:
    from app.models.download.queue import DownloadQueue


class DownloadArrivals:
    """Hands models to the library once all their files are there; `welcome` hears of each once, on the GUI thread."""

    def __init__(self, parts: ModelParts, orders: DownloadOrders, welcome: Callable[[InstalledModel], None]) -> None:
        self._library = parts.models
        self._hashes = parts.hashes
        self._folder = parts.paths.models
        self._orders = orders
        self._welcome = welcome
        self._models: dict[str, InstalledModel] = {}

    def model(self, key: str) -> InstalledModel | None:
        """Give what the download `key` became; None if it is not in the library yet."""
        return self._models.get(key)

    def finished(self, download: Download) -> None:
        """A file is whole and right: it may have been the last one of its model."""
        key = model_key(download.wanted)
        self._orders.run(lambda queue: self._take_in(queue, download, key), lambda model: self._arrived(key, model))

    def _take_in(self, queue: DownloadQueue, download: Download, key: str) -> InstalledModel | None:
        wanted, names = download.wanted, part_names(download.wanted)
        files = [self._folder / name for name in names]
        of_it = [each for each in queue.downloads if model_key(each.wanted) == key]
        if any(each.state is not DownloadState.FINISHED for each in of_it) or not all(file.is_file() for file in files):
            return None
        return self._library.add_downloaded(
            files[0],
            repository=wanted.remote.repository,
            licence=wanted.licence or None,
            sha256=self._hashes.known(files[0]),
            commit=wanted.remote.commit,
            projector=next((each.path for each in of_it if each.wanted.name not in names), None),
        )

    def _arrived(self, key: str, model: InstalledModel | None) -> None:
        if model is not None and key not in self._models:
            self._models[key] = model
            self._welcome(model)

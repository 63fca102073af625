"""What becomes of a download that is complete: a model in the library."""

from __future__ import annotations

from collections.abc import Callable

from app.models.arrival import take_in
from app.models.download.download import Download
from app.models.download.model_download import model_key
from app.models.installed import InstalledModel
from app.parts import ModelParts
from app.ui.presenters.download_orders import DownloadOrders


class DownloadArrivals:
    """Hands models to the library once all their files are there; `welcome` hears of each once, on the GUI thread."""

    def __init__(self, parts: ModelParts, orders: DownloadOrders, welcome: Callable[[InstalledModel], None]) -> None:
        self._library = parts.models
        self._orders = orders
        self._welcome = welcome
        self._models: dict[str, InstalledModel] = {}

    def model(self, key: str) -> InstalledModel | None:
        """Give what the download `key` became; None if it is not in the library yet."""
        return self._models.get(key)

    def finished(self, download: Download) -> None:
        """A file is whole and right: it may have been the last one of its model."""
        key = model_key(download.wanted)
        self._orders.run(lambda queue: take_in(self._library, queue, key), lambda model: self._arrived(key, model))

    def _arrived(self, key: str, model: InstalledModel | None) -> None:
        if model is not None and key not in self._models:
            self._models[key] = model
            self._welcome(model)

"""What reaches beyond this laptop. Nothing of it is built before somebody wants it, so that a start costs nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final

from app.credentials import Credentials
from app.errors import PaddockError
from app.models.acceptances import Acceptances
from app.models.hashes import FileHashes
from app.models.licence import LicenceBook
from app.network.addresses import hub_address
from app.network.gate import Gate, NetworkPolicy
from app.network.grants import Grants
from app.network.ledger import Ledger
from app.network.network import Network
from app.paths import Paths, resources
from app.settings.file import SettingsFile
from app.settings.values import NetworkSettings

if TYPE_CHECKING:
    from app.models.catalogue import Catalogue
    from app.models.download.download import DownloadEvent
    from app.models.download.queue import DownloadQueue
    from app.models.hub import Hub

_MEGABYTE: Final = 10**6


class OnlineParts:
    """The gate, the ledger and the token; and, once somebody asks for them, the hub and the downloads.

    Any thread may ask for a part. `listen` before the downloads are wanted: what happens to them is told from then on.
    """

    def __init__(self, paths: Paths, settings: SettingsFile, hashes: FileHashes) -> None:
        self._paths = paths
        self._settings = settings
        self._hashes = hashes
        self._lock = threading.RLock()
        self._listeners: tuple[Callable[[DownloadEvent], None], ...] = ()
        self._downloads: DownloadQueue | None = None
        self._hub: Hub | None = None
        self.notices: tuple[PaddockError, ...] = ()
        """Troubles that were met on the way and mended: to be said, not to stop for."""
        self.on_notice: Callable[[PaddockError], None] | None = None
        """Hears of each further one, on whatever thread."""
        self.grants = Grants(paths.network_grants)
        self.gate = Gate(lambda: NetworkPolicy(self._set.policy), self.grants)
        self.ledger = Ledger(paths.network_ledger)
        self.network = Network(self.gate, self.ledger, lambda: self._set.proxy or None)
        self.credentials = Credentials()
        self.licences = LicenceBook(resources())
        self.acceptances = Acceptances(paths.licence_acceptances, self.notice)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The models that were picked by hand."""
        from app.models.catalogue import Catalogue  # noqa: PLC0415 - seldom wanted, never at once

        return Catalogue.load(resources())

    @property
    def hub(self) -> Hub:
        """The hub, or the mirror that is set."""
        with self._lock:
            if self._hub is None:
                from app.models.hub import Hub  # noqa: PLC0415 - the window is there before anything is sent
                from app.models.hub_cache import HubCache  # noqa: PLC0415 - the same

                cache = HubCache(self._paths.hub_cache)
                self._hub = Hub(self.network, self.credentials.token, self.hub_address, cache)
            return self._hub

    @property
    def downloads(self) -> DownloadQueue:
        """The downloads, those of earlier runs of the program included. None of them goes on by itself."""
        with self._lock:
            if self._downloads is None:
                self._downloads = self._build_downloads()
            return self._downloads

    def hub_address(self) -> str:
        """Where the hub is asked; `SettingError` where `HF_ENDPOINT` names no place that may be."""
        return hub_address(self._set.hub)

    def listen(self, hear: Callable[[DownloadEvent], None]) -> None:
        """Have `hear` told what happens to downloads, on whatever thread: it hands on, and does not wait."""
        with self._lock:
            self._listeners = (*self._listeners, hear)

    def notice(self, notice: PaddockError) -> None:
        """Keep a trouble to be said."""
        self.notices = (*self.notices, notice)
        if self.on_notice is not None:
            self.on_notice(notice)

    def close(self) -> None:
        """Stop the downloads, which go on in another run of the program, and close the connections."""
        with self._lock:
            downloads, hub = self._downloads, self._hub
        if downloads is not None:
            downloads.close()
        if hub is not None:
            hub.close()

    @property
    def _set(self) -> NetworkSettings:
        return self._settings.settings.network

    def _build_downloads(self) -> DownloadQueue:
        from app.models.download.clock import Clock  # noqa: PLC0415 - the window is there before anything is downloaded
        from app.models.download.job import Means  # noqa: PLC0415 - the same
        from app.models.download.queue import DownloadQueue  # noqa: PLC0415 - the same
        from app.models.download.speed_limit import SpeedLimit  # noqa: PLC0415 - the same

        clock = Clock()
        means = Means(
            network=self.network,
            locate=self.hub.locate,
            headers=self._headers,
            hashes=self._hashes,
            limit=SpeedLimit(lambda: self._set.speed_limit_mb_s * _MEGABYTE, clock),
            connections=lambda: self._set.connections_per_file,
            clock=clock,
        )
        return DownloadQueue(
            self._paths.downloads, self._paths.models, means, lambda: self._set.files_at_a_time, self._tell
        )

    def _headers(self) -> Mapping[str, str]:
        token = self.credentials.token()
        return {"Authorization": f"Bearer {token}"} if token else {}

    def _tell(self, event: DownloadEvent) -> None:
        for hear in self._listeners:
            hear(event)

"""A hub of our own on this computer, and the application's way to it, for tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.models.hub import Hub
from app.models.hub_cache import HubCache
from tests.hub_server.server import HubServer
from tests.network.conftest import Home


@dataclass
class Clock:
    """A clock that a test sets."""

    moment: datetime = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The moment that was set."""
        return self.moment


class HubHome:
    """What a test has in its hand: server, network, clock, token, and the hub as the application has it."""

    def __init__(self, server: HubServer, folder: Path) -> None:
        self.server = server
        self.network = Home(folder)
        self.clock = Clock()
        self.token: str | None = None
        self.endpoint = server.address
        self.cache = HubCache(folder / "hub", self.clock)
        self.hub = Hub(self.network.network, lambda: self.token, lambda: self.endpoint, self.cache)

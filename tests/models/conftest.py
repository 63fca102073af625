"""What the tests of models share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub_server.repositories import starter_repository
from tests.hub_server.server import hub_server
from tests.models.hub_home import HubHome


@pytest.fixture
def hub_home(tmp_path: Path) -> Iterator[HubHome]:
    """A hub that has the starter model, and the application's way to it."""
    with hub_server(starter_repository()) as server:
        home = HubHome(server, tmp_path / "hub-home")
        yield home
        home.hub.close()

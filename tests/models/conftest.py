"""What the tests of models share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.paths import find_paths
from tests.hub_server.repositories import starter_repository
from tests.hub_server.server import hub_server
from tests.models.hub_home import HubHome
from tests.models.shelf import Laptop


@pytest.fixture
def hub_home(tmp_path: Path) -> Iterator[HubHome]:
    """A hub that has the starter model, and the application's way to it."""
    with hub_server(starter_repository()) as server:
        home = HubHome(server, tmp_path / "hub-home")
        yield home
        home.hub.close()


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    """A laptop with a starter model, no other application, and a bin."""
    return Laptop(find_paths(), tmp_path)

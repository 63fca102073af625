"""A desk for every test of conversations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.paths import find_paths
from app.storage.conversations import ConversationStore
from tests.chat.stories import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An empty database."""
    paths = find_paths(tmp_path / "home")
    paths.create()
    store = ConversationStore.open(paths)
    yield Desk(store)
    store.close()

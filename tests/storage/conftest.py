"""A store of its own for each test, and a second look at its file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

import pytest

from app.paths import Paths, find_paths
from app.storage.conversations import ConversationStore

Ask: TypeAlias = Callable[..., list[tuple[object, ...]]]


@pytest.fixture
def paths(paddock_home: Path) -> Paths:
    """Where this test's data lies."""
    return find_paths()


@pytest.fixture
def store(paths: Paths) -> Iterator[ConversationStore]:
    """An open store."""
    store = ConversationStore.open(paths)
    yield store
    store.close()


@pytest.fixture
def ask(paths: Paths) -> Ask:
    """Ask the file itself, over a connection that is not the store's."""

    def ask(statement: str, *values: object) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(paths.database)) as connection:
            return connection.execute(statement, values).fetchall()

    return ask

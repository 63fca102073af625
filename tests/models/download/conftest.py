"""Files on a hub that are to be downloaded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.models.download.downloads import LARGE, SMALL, Downloading, downloading, some_bytes


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of the machine has a say."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Downloading]:
    """A file of three megabytes, which is one piece."""
    with downloading(tmp_path, some_bytes(SMALL)) as download:
        yield download


@pytest.fixture
def large(tmp_path: Path) -> Iterator[Downloading]:
    """A file of three pieces."""
    with downloading(tmp_path, some_bytes(LARGE)) as download:
        yield download

"""A workbench in the test's own folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.models.starter import find_starter
from app.paths import find_paths
from app.settings.values import LoadSettings
from app.workshop.workbench import Workbench, workbench


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    """It writes where the application would, and leaves no gigabyte free."""
    return replace(workbench(find_paths(tmp_path / "home"), LoadSettings(threads=1)), kept_free_bytes=0)


@pytest.fixture(scope="session")
def starter_file() -> Path:
    """The model that comes with Paddock."""
    starter = find_starter()
    assert starter is not None, "the starter model's package is not installed"
    return starter.path

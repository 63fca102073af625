"""A window over a real database, with an engine whose words the test decides."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.paths import find_paths
from app.ui.presenters.permission import ReadBattery
from tests.fakes import FakeEngine
from tests.ui.window.converting import FakeJobs, give_jobs
from tests.ui.window.managing import Managing
from tests.ui.window.use import OpenWindow, Use, on_mains, open_window


@pytest.fixture
def engine() -> FakeEngine:
    """The engine that the window gets."""
    return FakeEngine()


@pytest.fixture
def start(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> OpenWindow:
    """Open windows on the test's data folder, one after another."""

    def open_one(engine: FakeEngine, read_battery: ReadBattery = on_mains) -> AbstractContextManager[Use]:
        return open_window(engine, find_paths(tmp_path / "home"), qapp, qtbot, read_battery)

    return open_one


@pytest.fixture
def use(start: OpenWindow, engine: FakeEngine) -> Iterator[Use]:
    """A window that was just opened for the first time."""
    with start(engine) as used:
        yield used


@pytest.fixture
def managing(use: Use) -> Managing:
    """A window, and what its user does with the models."""
    return Managing(use)


@pytest.fixture
def binned(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What went to the bin of the system; the tests have none of their own."""
    gone: list[Path] = []

    def take(path: Path) -> None:
        gone.append(path)
        path.unlink()

    monkeypatch.setattr("send2trash.send2trash", take)
    return gone


@pytest.fixture
def jobs(use: Use, tmp_path: Path) -> FakeJobs:
    """What the window's workshop does."""
    return give_jobs(use, tmp_path)

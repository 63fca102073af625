"""The whole window over a real database, with an engine whose words the test decides."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.engine.worker import EngineWorker
from app.models.elsewhere.places import Places, System
from app.models.hashes import FileHashes
from app.models.library import ModelLibrary
from app.models.speeds import Speeds
from app.models.starter import find_starter
from app.online_parts import OnlineParts
from app.parts import Parts
from app.paths import Paths
from app.settings.file import SettingsFile
from app.storage.conversations import ConversationStore
from app.ui.desktop import Desktop
from app.ui.presenters.permission import ReadBattery
from app.workshop.machine_look import MachineLook
from tests.fakes import FakeEngine
from tests.window_use import WindowUse


def _nobody_elses(paths: Paths, folders: Sequence[Path]) -> Places:
    """A laptop with no other application: what the tests' own machine has is none of their business."""
    return Places(System.LINUX, paths.data / "home", folders=tuple(folders))


@contextmanager
def parts_with(engine: FakeEngine, paths: Paths) -> Generator[Parts]:
    """Build what the application builds, but for the engine."""
    paths.create()
    store = ConversationStore.open(paths)
    worker = EngineWorker(engine)
    settings, hashes = SettingsFile(paths.settings), FileHashes(paths.model_hashes)
    online = OnlineParts(paths, settings, hashes)
    speeds = Speeds(paths.speeds, online.notice)
    try:
        yield Parts(
            paths=paths,
            settings=settings,
            models=ModelLibrary(
                paths, find_starter(), places=partial(_nobody_elses, paths), measured_speeds=speeds.all_measured
            ),
            hashes=hashes,
            store=store,
            engine=worker,
            online=online,
            speeds=speeds,
            machine=MachineLook(paths, settings),
        )
    finally:
        worker.close()
        online.close()
        store.close()


class Use(WindowUse):
    """A window whose engine writes what the test tells it to."""

    def __init__(self, desktop: Desktop, engine: FakeEngine, qtbot: QtBot) -> None:
        super().__init__(desktop, qtbot)
        self.engine = engine


def on_mains() -> None:
    """A laptop that knows of no battery."""
    return


@contextmanager
def open_window(
    engine: FakeEngine, paths: Paths, app: QApplication, qtbot: QtBot, read_battery: ReadBattery = on_mains
) -> Generator[Use]:
    """Open the window on a data folder; leaving the context closes it as a user does."""
    with parts_with(engine, paths) as parts:
        desktop = Desktop(app, parts, read_battery)
        desktop.start()
        qtbot.waitExposed(desktop.window)
        yield Use(desktop, engine, qtbot)
        desktop.window.close()
        desktop.end()


class OpenWindow(Protocol):
    """Opens windows on one data folder."""

    def __call__(self, engine: FakeEngine, read_battery: ReadBattery = on_mains) -> AbstractContextManager[Use]:
        """Open one."""
        ...

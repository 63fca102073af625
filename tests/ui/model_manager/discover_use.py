"""Discover in a whole window, over a hub on this computer: what a person does there, and sees."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.hardware import Memory
from app.models.starter import SHA256, find_starter
from app.network.gate import Answer
from app.network.purpose import Purpose
from app.paths import find_paths
from app.ui.model_manager.catalogue_row import ModelRow
from app.ui.model_manager.discover_page import DiscoverPage
from app.ui.model_manager.discover_tab import DiscoverTab
from app.ui.model_manager.licence_step import LicenceStep
from app.ui.model_manager.repository_page import RepositoryPage
from app.ui.model_manager.tab import Tab
from tests.fakes import FakeEngine
from tests.hub_server.repositories import HubFile, HubRepository
from tests.hub_server.server import HubServer, hub_server
from tests.ui.window.use import Use, open_window

QWEN = "bartowski/Qwen_Qwen3-4B-Instruct-2507-GGUF"
"""The model that is recommended where 9.1 GB are free."""
LLAMA = "bartowski/Llama-3.2-3B-Instruct-GGUF"
LAPTOP = Memory(16 * 10**9, 9_100_000_000)


class DiscoverUse:
    """A window whose Discover is open."""

    def __init__(self, use: Use, server: HubServer) -> None:
        self.use = use
        self.server = server
        self.parts = use.desktop.parts
        self.parts.online.gate.ask = _yes
        use.desktop.model_manager.open(tab=Tab.DISCOVER)
        tab = use.window.findChild(DiscoverTab)
        assert isinstance(tab, DiscoverTab)
        self.tab = tab
        use.qtbot.waitUntil(lambda: self.parts.speeds.bandwidth_bytes_per_s is not None)
        server.log.clear()

    @property
    def page(self) -> DiscoverPage:
        """The list."""
        return self.tab.page

    @property
    def repository(self) -> RepositoryPage:
        """The page of one repository."""
        return self.tab.repository

    @property
    def names(self) -> list[str]:
        """The names in the list."""
        return [row.shown.name for row in self.page.list.rows]

    @property
    def asked(self) -> int:
        """How often the hub was asked anything."""
        return len(self.server.log.requests)

    def until(self, condition: Callable[[], bool]) -> None:
        """Let the window work until something is so."""
        self.use.until(condition)

    def type(self, words: str) -> None:
        """Write into the field, in place of what stood there."""
        self.page.bar.field.clear()
        QTest.keyClicks(self.page.bar.field, words)

    def press(self, key: Qt.Key) -> None:
        """Press a key in the field."""
        QTest.keyClick(self.page.bar.field, key)

    def search(self, words: str) -> None:
        """Type, press Enter, and wait for what comes."""
        self.type(words)
        self.press(Qt.Key.Key_Return)
        self.until(lambda: not self.page.bar.field.is_searching)

    def paste(self, reference: str) -> None:
        """Have a repository shown, and wait until it was measured."""
        self.type(reference)
        self.press(Qt.Key.Key_Return)
        self.until(lambda: self.repository.files.isVisible() and not self.repository.progress.is_busy)

    def files(self) -> list[ModelRow]:
        """The files on the repository's page."""
        return self.repository.files.list.rows

    def step(self) -> LicenceStep:
        """Wait for the licence step."""
        self.until(lambda: self._open_step() is not None)
        step = self._open_step()
        assert step is not None
        return step

    @property
    def has_step(self) -> bool:
        """Whether the licence is being shown."""
        return self._open_step() is not None

    def set_policy(self, policy: str) -> None:
        """Set the policy of the network."""
        self.parts.settings.change("network.policy", policy)

    def _open_step(self) -> LicenceStep | None:
        return next((step for step in self.use.window.findChildren(LicenceStep) if step.isVisible()), None)


def starter_file(name: str) -> HubFile:
    """The starter model's real file under another name."""
    starter = find_starter()
    assert starter is not None, "the starter model's package is not installed"
    return HubFile(name, starter.path, SHA256)


def qwen() -> HubRepository:
    """The recommended model's repository; the files are the starter's."""
    names = ("Qwen_Qwen3-4B-Instruct-2507-Q4_K_M.gguf", "Qwen_Qwen3-4B-Instruct-2507-Q8_0.gguf")
    return HubRepository(
        QWEN,
        tuple(starter_file(name) for name in names),
        tags=("gguf", "en", "license:apache-2.0"),
        card_data={"license": "apache-2.0", "language": ["en"]},
        gguf={"total": 4_022_468_096},
        downloads=1000,
    )


def llama(card: str = "") -> HubRepository:
    """A model whose licence restricts."""
    files = (starter_file("Llama-3.2-3B-Instruct-Q4_K_M.gguf"),)
    own = (HubFile("README.md", card.encode()),) if card else ()
    return HubRepository(
        LLAMA,
        (*files, *own),
        tags=("gguf", "license:llama3.2"),
        card_data={"license": "llama3.2"},
        gguf={"total": 3_212_749_888},
        downloads=2000,
    )


def _yes(purpose: Purpose, host: str) -> Answer:
    """A user who allows it."""
    return Answer.ONCE


def _bandwidth(threads: int) -> float:
    """A laptop's memory."""
    return 4.6e10


@contextmanager
def open_discover(
    folder: Path, app: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> Generator[DiscoverUse]:
    """Open the window at Discover, on a laptop with 9.1 GB free."""
    monkeypatch.setattr("app.hardware.memory", lambda: LAPTOP)
    monkeypatch.setattr("app.models.speeds.memory_bytes_per_s", _bandwidth)
    with hub_server(qwen(), llama()) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        with open_window(FakeEngine(), find_paths(folder / "home"), app, qtbot) as use:
            yield DiscoverUse(use, server)

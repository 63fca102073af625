"""On which thread what nobody needs any more is thrown away."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.ui.garbage import Garbage


@pytest.fixture
def garbage(qtbot: QtBot) -> Iterator[Garbage]:
    """The window's own, while the window is open."""
    owner = QObject()
    garbage = Garbage(owner)
    yield garbage
    garbage.end()


class Circle(QObject):
    """Something that only the search for cycles finds."""

    def __init__(self, died_on: list[threading.Thread]) -> None:
        super().__init__()
        self.itself = self
        self.died_on = died_on

    def __del__(self) -> None:
        """Tell where it happens."""
        self.died_on.append(threading.current_thread())


def litter() -> None:
    """Allocate so much that Python would look for garbage many times."""
    for _ in range(200):
        _kept: list[list[int]] = [[] for _ in range(1000)]


def test_qt_objects_die_on_the_gui_thread(garbage: Garbage, qtbot: QtBot) -> None:
    """However busy another thread is when they are left."""
    died_on: list[threading.Thread] = []
    Circle(died_on)
    worker = threading.Thread(target=litter)
    worker.start()
    worker.join()
    assert died_on == []
    pile: list[list[int]] = [[] for _ in range(1000)]
    qtbot.waitUntil(lambda: died_on == [threading.main_thread()], timeout=10_000)
    assert len(pile) == 1000


def test_afterwards_python_looks_by_itself_again(garbage: Garbage) -> None:
    """As commands and tests expect it."""
    assert not gc.isenabled()
    garbage.end()
    assert gc.isenabled()

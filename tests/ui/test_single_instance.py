"""One window for each data folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QLockFile
from pytestqt.qtbot import QtBot

from app.ui.single_instance import AlreadyRunningError, SingleInstance

SECOND_START = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from app.ui.single_instance import SingleInstance
app = QCoreApplication([])
sys.exit(0 if SingleInstance(Path(sys.argv[1])).claim() else 7)
"""

STAYS_OPEN = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from app.ui.single_instance import SingleInstance
app = QCoreApplication([])
instance = SingleInstance(Path(sys.argv[1]))
print(instance.claim(), flush=True)
app.exec()
"""


def test_a_second_start_raises_the_first_window(qtbot: QtBot, tmp_path: Path) -> None:
    """The first is asked to come to the front; the second has nothing to do."""
    first = SingleInstance(tmp_path)
    assert first.claim()
    with qtbot.waitSignal(first.raise_requested):
        second = subprocess.Popen([sys.executable, "-c", SECOND_START, str(tmp_path)])
    qtbot.waitUntil(lambda: second.poll() is not None)
    assert second.returncode == 7
    first.release()
    third = SingleInstance(tmp_path)
    assert third.claim()
    third.release()


def test_other_folders_have_windows_of_their_own(tmp_path: Path, qtbot: QtBot) -> None:
    """Two data folders, two windows."""
    folders = [tmp_path / name for name in ("one", "two")]
    instances: list[SingleInstance] = []
    for folder in folders:
        folder.mkdir()
        instances.append(SingleInstance(folder))
    assert all(instance.claim() for instance in instances)
    for instance in instances:
        instance.release()


def test_a_window_that_does_not_answer_is_named(tmp_path: Path, qtbot: QtBot) -> None:
    """The lock is held, but nobody listens."""
    holder = QLockFile(str(tmp_path / "window.lock"))
    assert holder.tryLock(0)
    with pytest.raises(AlreadyRunningError):
        SingleInstance(tmp_path).claim()
    holder.unlock()


def test_a_killed_window_leaves_the_folder_free(tmp_path: Path, qtbot: QtBot) -> None:
    """Its lock and its socket are still there; the next start takes them over."""
    with subprocess.Popen([sys.executable, "-c", STAYS_OPEN, str(tmp_path)], stdout=subprocess.PIPE) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == b"True\n"
        killed.kill()
    next_start = SingleInstance(tmp_path)
    assert next_start.claim()
    next_start.release()

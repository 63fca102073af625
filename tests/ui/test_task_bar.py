"""How far the downloads are, at the application's place in the task bar."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtDBus import QDBusConnection
from pytestqt.qtbot import QtBot

from app.ui.task_bar import TaskBar, TaskBarProgress
from app.ui.task_bar_linux import LinuxTaskBar


class FakeTaskBar:
    """A task bar that remembers; one that is `broken` refuses."""

    def __init__(self, *, broken: bool = False) -> None:
        self.shown: list[float | None] = []
        self.is_broken = broken

    def show_fraction(self, fraction: float | None) -> None:
        """Remember it."""
        self.shown.append(fraction)
        if self.is_broken:
            raise OSError("there is no task bar")


def test_only_whole_percents_are_told(qapp: QObject) -> None:
    """Four changes a second from each of several downloads would be too many."""
    bar = FakeTaskBar()
    progress = TaskBarProgress(lambda: bar, qapp)
    for fraction in (0.0, 0.001, 0.009, 0.01, 0.5, 0.504, None, None):
        progress.show_fraction(fraction)
    assert bar.shown == [0.0, 0.01, 0.5, None]


def test_nothing_is_looked_for_before_there_is_something_to_show(qapp: QObject) -> None:
    """A start without downloads touches no bus."""

    def find() -> TaskBar:
        raise AssertionError

    TaskBarProgress(find, qapp).show_fraction(None)


def test_a_task_bar_that_refuses_is_left_alone(qapp: QObject) -> None:
    """Downloads go on without it."""
    bar = FakeTaskBar(broken=True)
    progress = TaskBarProgress(lambda: bar, qapp)
    progress.show_fraction(0.1)
    progress.show_fraction(0.2)
    assert bar.shown == [0.1]


@pytest.fixture
def bus() -> Iterator[str]:
    """The address of a bus of its own for a test."""
    if shutil.which("dbus-daemon") is None or shutil.which("dbus-monitor") is None:
        pytest.skip("there is no D-Bus here")
    command = ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        yield daemon.stdout.readline().strip()
        daemon.terminate()


def test_the_docks_of_linux_hear_it(bus: str, tmp_path: Path, qtbot: QtBot) -> None:
    """On a real bus, with the name of our desktop file, as a dictionary of variants."""
    heard = tmp_path / "heard"
    environment = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": bus}
    command = [shutil.which("dbus-monitor") or "", "--session", "interface='com.canonical.Unity.LauncherEntry'"]
    with (
        heard.open("w") as file,
        subprocess.Popen(command, stdout=file, env=environment) as monitor,
    ):
        connection = QDBusConnection.connectToBus(bus, "task bar test")
        qtbot.waitUntil(lambda: "NameAcquired" in heard.read_text() or "Monitor" in heard.read_text(), timeout=10_000)
        bar = LinuxTaskBar(connection)
        bar.show_fraction(0.57)
        bar.show_fraction(None)
        qtbot.waitUntil(lambda: heard.read_text().count("member=Update") == 2, timeout=10_000)
        qtbot.waitUntil(lambda: "boolean false" in heard.read_text(), timeout=10_000)
        monitor.send_signal(signal.SIGTERM)
    QDBusConnection.disconnectFromBus("task bar test")
    text = heard.read_text()
    assert "application://paddock.desktop" in text
    assert "double 0.57" in text
    assert "boolean true" in text


def test_without_a_bus_there_is_no_task_bar() -> None:
    """Which is said in the log, once."""
    with pytest.raises(OSError, match="no session bus"):
        LinuxTaskBar(QDBusConnection("a bus that nobody knows"))

"""Showing a file in the file manager: what each system is asked, and what is said where none answers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QObject

from app.errors import PaddockError
from app.ui.reveal import reveal, reveal_command, reveal_message

# A program of its own: a process has one session bus, and the tests' own must not open anybody's real file manager.
REVEAL = """
import sys
from pathlib import Path
from PySide6.QtCore import QObject, QTimer, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from app.ui.reveal import reveal

class Desktop(QObject):
    @Slot(QUrl)
    def open(self, url):
        print("opened", url.toLocalFile(), flush=True)
        app.quit()

app = QGuiApplication([])
desktop = Desktop()
QDesktopServices.setUrlHandler("file", desktop, "open")
path = Path(sys.argv[1])
QTimer.singleShot(0, lambda: reveal(path, lambda error: print("failed", error, flush=True), desktop))
QTimer.singleShot(int(sys.argv[2]), app.quit)
app.exec()
"""
FILE_MANAGER = """
from jeepney import MessageType, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

bus = open_dbus_connection("SESSION")
bus.send_and_get_reply(message_bus.RequestName("org.freedesktop.FileManager1"))
print("ready", flush=True)
while (message := bus.receive()).header.message_type is not MessageType.method_call:
    pass
print(message.body, flush=True)
bus.send(new_method_return(message))
"""


DBUS_DAEMON = shutil.which("dbus-daemon")


def run_reveal(path: Path, patience_ms: int, **environment: str) -> str:
    """Show `path` from a process of its own, and give what that saw."""
    command = [sys.executable, "-c", REVEAL, str(path), str(patience_ms)]
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=True, timeout=60
    ).stdout


def test_macos_and_windows_have_a_command_for_it() -> None:
    """The file manager is started with the file to mark; a name with spaces and commas stays one argument."""
    path = Path("/meadow/old, brown llama.gguf")
    assert reveal_command(path, "darwin") == ("open", ["-R", str(path)])
    assert reveal_command(path, "win32") == ("explorer.exe", ["/select,", str(path)])
    assert reveal_command(path, "linux") is None


def test_a_linux_desktop_is_asked_by_its_own_interface(tmp_path: Path) -> None:
    """Whatever the file is called, its address is one word."""
    message = reveal_message(tmp_path / "old, brown llama.gguf")
    assert (message.service(), message.member()) == ("org.freedesktop.FileManager1", "ShowItems")
    assert message.arguments() == [[f"{tmp_path.as_uri()}/old%2C%20brown%20llama.gguf"], ""]


def test_a_file_that_is_gone_is_said(tmp_path: Path, qapp: QObject) -> None:
    """Nothing is opened for it."""
    said: list[PaddockError] = []
    reveal(tmp_path / "llama.gguf", said.append, qapp)
    assert [str(error) for error in said] == [f"llama.gguf is no longer there. It was at {tmp_path / 'llama.gguf'}."]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no D-Bus")
def test_without_a_file_manager_on_the_bus_the_folder_is_opened(tmp_path: Path) -> None:
    """Somebody has a program for folders even on a desktop that knows no marking."""
    path = tmp_path / "llama.gguf"
    path.touch()
    seen = run_reveal(path, 20_000, DBUS_SESSION_BUS_ADDRESS=f"unix:path={tmp_path / 'no-bus'}")
    assert seen == f"opened {tmp_path}\n"


@pytest.mark.skipif(DBUS_DAEMON is None, reason="needs a session bus")
def test_the_file_manager_is_told_which_file_to_mark(tmp_path: Path) -> None:
    """A real bus, and a file manager on it that writes down what it was asked."""
    path = tmp_path / "brown llama.gguf"
    path.touch()
    bus = subprocess.Popen(
        [str(DBUS_DAEMON), "--session", "--nofork", "--print-address=1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with bus:
        try:
            assert bus.stdout is not None
            environment = {"DBUS_SESSION_BUS_ADDRESS": bus.stdout.readline().strip()}
            manager = subprocess.Popen(
                [sys.executable, "-c", FILE_MANAGER],
                env={**os.environ, **environment},
                stdout=subprocess.PIPE,
                text=True,
            )
            with manager:
                assert manager.stdout is not None
                assert manager.stdout.readline() == "ready\n"
                assert run_reveal(path, 1000, **environment) == ""
                assert manager.stdout.readline().strip() == f"(['{path.as_uri()}'], '')"
            assert run_reveal(path, 20_000, **environment) == f"opened {tmp_path}\n", "nobody answers any more"
        finally:
            bus.terminate()

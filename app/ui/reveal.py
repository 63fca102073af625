"""Shows a file where it lies, in the file manager of the operating system."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QProcess, QUrl
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher
from PySide6.QtGui import QDesktopServices

from app.errors import Fault, PaddockError
from app.given_text import shown_name

_FILE_MANAGER: Final = "org.freedesktop.FileManager1"
_PATIENCE_MS: Final = 5000


class RevealError(PaddockError):
    """A file cannot be shown in the file manager."""

    fault = Fault.MACHINE


def reveal(path: Path, failed: Callable[[PaddockError], None], asker: QObject) -> None:
    """Open the folder of `path` with the file marked, where the system can do that.

    What went wrong `failed` hears, perhaps later, but not after `asker` is gone.
    """
    if not path.exists():
        failed(
            RevealError("{name} is no longer there.", next_step="It was at {path}.", name=shown_name(path), path=path)
        )
        return
    command = reveal_command(path, sys.platform)
    if command is None:
        _show_by_bus(path, failed, asker)
    elif not _start(*command):
        failed(_no_file_manager(path))


def reveal_command(path: Path, platform: str) -> tuple[str, list[str]] | None:
    """Give the program, and its arguments, that marks a file on `platform`; None where it is asked by D-Bus."""
    if platform == "darwin":
        return "open", ["-R", str(path)]
    if platform == "win32":  # two arguments: the second is put in quotes by itself, which is how Explorer reads it
        return "explorer.exe", ["/select,", str(path)]
    return None


def reveal_message(path: Path) -> QDBusMessage:
    """Give what asks the file manager of a Linux desktop to mark a file."""
    message = QDBusMessage.createMethodCall(_FILE_MANAGER, "/org/freedesktop/FileManager1", _FILE_MANAGER, "ShowItems")
    message.setArguments([[path.absolute().as_uri()], ""])
    return message


def _show_by_bus(path: Path, failed: Callable[[PaddockError], None], asker: QObject) -> None:
    """Ask the file manager; where none understands, open the folder."""
    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():  # then a call never ends
        _open_folder(path, failed)
        return
    watcher = QDBusPendingCallWatcher(bus.asyncCall(reveal_message(path), _PATIENCE_MS), asker)

    def answered() -> None:
        if watcher.isError():
            _open_folder(path, failed)
        watcher.deleteLater()

    watcher.finished.connect(answered)


def _open_folder(path: Path, failed: Callable[[PaddockError], None]) -> None:
    if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent))):
        failed(_no_file_manager(path))


def _start(program: str, arguments: list[str]) -> bool:
    started, _process = QProcess.startDetached(program, arguments)
    return started


def _no_file_manager(path: Path) -> RevealError:
    return RevealError("No file manager could be opened.", next_step="The file is at {path}.", path=path)

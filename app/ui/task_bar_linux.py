"""The docks of Linux: KDE's task manager, Ubuntu's dock, Plank and others hear this signal on the session's bus."""

from __future__ import annotations

from typing import Final

from PySide6.QtDBus import QDBusConnection, QDBusMessage

_PATH: Final = "/com/canonical/unity/launcherentry/1"
_INTERFACE: Final = "com.canonical.Unity.LauncherEntry"
_APPLICATION: Final = "application://paddock.desktop"


class LinuxTaskBar:
    """Says `Update` on the session's bus; whoever has a dock shows it at the entry of the desktop file."""

    def __init__(self, bus: QDBusConnection | None = None) -> None:
        self._bus = QDBusConnection.sessionBus() if bus is None else bus
        if not self._bus.isConnected():
            raise OSError("there is no session bus")

    def show_fraction(self, fraction: float | None) -> None:
        """Show so much; None shows nothing."""
        message = QDBusMessage.createSignal(_PATH, _INTERFACE, "Update")
        progress = {"progress": fraction or 0.0, "progress-visible": fraction is not None}
        message.setArguments([_APPLICATION, progress])
        self._bus.send(message)

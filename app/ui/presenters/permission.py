"""Whether the engine may work while nobody waits for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from PySide6.QtCore import QObject, QTimer, Signal

from app.ui.presenters.desk import Desk

if TYPE_CHECKING:
    from app.hardware import Battery

ReadBattery: TypeAlias = "Callable[[], Battery | None]"
_LOOK_EVERY_MS: Final = 30_000


def battery_of_laptop() -> Battery | None:
    """Look at the battery there is."""
    from app.hardware import battery  # noqa: PLC0415 - the first window need not wait for it

    return battery()


class IdlePermission(QObject):
    """Says no on a low battery, and where the user has switched it off. Without having looked it says no, too.

    A battery can take its time to answer: it is asked now and then, beside the window.
    """

    changed = Signal()
    """The battery allows it now, or no longer does."""

    def __init__(self, desk: Desk, read_battery: ReadBattery) -> None:
        """Know nothing of the battery yet."""
        super().__init__(desk.window)
        self._desk = desk
        self._read_battery = read_battery
        self._battery_allows = False
        self._timer = QTimer(self, interval=_LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Look at the battery, now and every half minute."""
        self._timer.start()
        self.look()

    def look(self) -> None:
        """Ask the battery."""
        self._desk.background.run(self._is_allowed, self._take)

    def __call__(self) -> bool:
        """Whether work at idle may be begun now."""
        return self._battery_allows and self._desk.parts.settings.settings.idle.prepares

    def _is_allowed(self) -> bool:
        from app.hardware import may_work_at_idle  # noqa: PLC0415 - as above; this runs beside the window

        return may_work_at_idle(self._read_battery())

    def _take(self, allows: bool) -> None:  # noqa: FBT001 - what was found out
        if allows != self._battery_allows:
            self._battery_allows = allows
            self.changed.emit()

"""How far the downloads are, at Paddock's place in the task bar or the dock, by whatever this system has for it."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

_STEPS = 100
_log = logging.getLogger(__name__)


class TaskBar(Protocol):
    """Shows a fraction beside the application's icon. Raises `OSError` where the system will not have it."""

    def show_fraction(self, fraction: float | None) -> None:
        """Show so much, 0 to 1; None shows nothing."""
        ...


class TaskBarProgress(QObject):
    """Hands on what changed by a whole percent. A task bar that fails is left alone: nobody needs it."""

    def __init__(self, find: Callable[[], TaskBar], parent: QObject) -> None:
        """`find` is called when there is something to show first."""
        super().__init__(parent)
        self._find = find
        self._bar: TaskBar | None = None
        self._shown: int | None = None
        self._is_of_use = True

    def show_fraction(self, fraction: float | None) -> None:
        """Show so much, 0 to 1; None shows nothing."""
        step = None if fraction is None else int(fraction * _STEPS)
        if step == self._shown or not self._is_of_use:
            return
        self._shown = step
        try:
            self._bar = self._bar or self._find()
            self._bar.show_fraction(None if step is None else step / _STEPS)
        except OSError as error:
            self._is_of_use = False
            _log.info("The task bar shows no progress: %s", error)


def find_task_bar(window: QWidget) -> TaskBar:
    """Give what this system has. Raises `OSError` where it has nothing."""
    if sys.platform == "win32":
        from app.ui.task_bar_windows import WindowsTaskBar  # noqa: PLC0415 - only there

        return WindowsTaskBar(int(window.winId()))
    if sys.platform == "darwin":
        from app.ui.task_bar_macos import Dock  # noqa: PLC0415 - only there

        return Dock()
    from app.ui.task_bar_linux import LinuxTaskBar  # noqa: PLC0415 - D-Bus is loaded when something is shown

    return LinuxTaskBar()

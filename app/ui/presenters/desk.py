"""What every presenter works with."""

from __future__ import annotations

from dataclasses import dataclass

from app.parts import Parts
from app.ui.background import Background
from app.ui.engine_bridge import EngineBridge
from app.ui.main_window import MainWindow
from app.ui.presenters.notices import Notices
from app.ui.window_state import WindowStateFile


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts, the window, and the ways to speak to the GUI thread and to the user."""

    parts: Parts
    window: MainWindow
    bridge: EngineBridge
    background: Background
    notices: Notices
    state: WindowStateFile

"""The model manager: opening it, and having each page made when somebody first wants to see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.hardware import disk_free
from app.models.download.sizes import shown_size
from app.models.fit import Machine, memory_for_models
from app.models.installed import Source
from app.ui.icons import Icons
from app.ui.model_manager.model_manager import ModelManager
from app.ui.model_manager.tab import Tab
from app.ui.presenters.desk import Desk
from app.ui.presenters.models import ModelPresenter
from app.ui.presenters.notices import Notices
from app.ui.presenters.yardstick import given_back_bytes
from app.ui.theme import Theme

ACTION_ID: Final = "models"
"""The row of the sidebar that leads here."""


@dataclass(frozen=True, slots=True)
class _Plugged:
    """Who makes the page of a tab, and who is told each time it is shown."""

    make_page: Callable[[], QWidget]
    opened: Callable[[], None]


class ModelManagerPresenter(QObject):
    """Shows the model manager in place of the conversation. Others put their pages into it with `add_tab`."""

    hardware_requested = Signal()
    """The user wants to know more of the laptop."""

    def __init__(self, desk: Desk, models: ModelPresenter, theme: Theme, icons: Icons) -> None:
        """The frame is made now; it is light, and nobody's page is in it yet."""
        super().__init__(desk.window)
        self._desk = desk
        self._models = models
        self._plugged: dict[Tab, _Plugged] = {}
        self.frame = ModelManager(theme, icons)
        self.frame.setParent(desk.window)
        self.frame.hide()
        self.notices = Notices(self.frame.notice, desk.bridge)
        """Where the pages say what went wrong: the window's own notice is behind them."""
        self.frame.closed.connect(desk.window.show_conversation)
        self.frame.left.connect(self._unmark)
        self.frame.memory.hardware_requested.connect(self.hardware_requested)
        self.frame.tab_chosen.connect(self._show)

    def add_tab(self, tab: Tab, make_page: Callable[[], QWidget], opened: Callable[[], None]) -> None:
        """Have `make_page` called when `tab` is shown for the first time, and `opened` each time after that too."""
        self._plugged[tab] = _Plugged(make_page, opened)

    def open(self, *, tab: Tab | None = None) -> None:
        """Show the model manager: with `tab`, or with the page that was last looked at, or that helps most."""
        self.frame.show_tab(tab or self.frame.tab or self._first_tab())
        self._desk.window.show_beside_sidebar(self.frame)
        self._desk.window.mark_action(ACTION_ID, is_here=True)

    def close(self) -> None:
        """Go back to the conversation."""
        self._desk.window.show_conversation()

    def show_machine(self, machine: Machine) -> None:
        """Show the memory that a page measures by: all that stands on the page is of one look."""
        memory = memory_for_models(machine)
        self.frame.memory.show_memory(shown_size(memory.total_bytes), shown_size(memory.available_bytes))

    def show_free(self, free_bytes: int) -> None:
        """Show how much of it was free when one model was measured."""
        self.frame.memory.show_free(shown_size(free_bytes))

    @property
    def is_open(self) -> bool:
        """Whether the user sees it now."""
        return self.frame.isVisible()

    def _first_tab(self) -> Tab:
        """Who has only what came along wants to see what can be had."""
        came_along = all(
            model.source in {Source.STARTER, Source.CONVERTED} for model in self._desk.parts.models.models()
        )
        return Tab.DISCOVER if came_along else Tab.MY_MODELS

    def _unmark(self) -> None:
        self._desk.window.mark_action(ACTION_ID, is_here=False)

    def _show(self, tab: Tab) -> None:
        self._look_at_memory()
        plugged = self._plugged.get(tab)
        if plugged is None:
            return
        if not self.frame.has_page(tab):
            self.frame.set_page(tab, plugged.make_page())
        plugged.opened()

    def _look_at_memory(self) -> None:
        self.show_machine(self._desk.parts.machine.machine(given_back_bytes(self._models.loading.model)))
        folder = self._desk.parts.paths.models
        self._desk.background.run(lambda: disk_free(folder), self._show_disk)

    def _show_disk(self, free_bytes: int) -> None:
        self.frame.memory.show_disk(shown_size(free_bytes))

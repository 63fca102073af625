"""Discover: plugged into the model manager now, made when somebody opens it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.models.download.model_download import ModelDownload
from app.models.repository_reference import parse_reference
from app.ui.icons import Icons
from app.ui.model_manager.tab import Tab
from app.ui.presenters.desk import Desk
from app.ui.presenters.model_manager import ModelManagerPresenter
from app.ui.presenters.models import ModelPresenter
from app.ui.theme import Theme

if TYPE_CHECKING:
    from app.ui.presenters.discover_pages import DiscoverPages


class DiscoverPresenter(QObject):
    """Light, so that the first window need not wait for what only a later page needs."""

    token_wanted = Signal()
    """The user is to be shown where an access token is kept."""

    def __init__(
        self, desk: Desk, manager: ModelManagerPresenter, models: ModelPresenter, theme: Theme, icons: Icons
    ) -> None:
        """Nothing is looked at yet."""
        super().__init__(desk.window)
        self._desk = desk
        self._manager = manager
        self._models = models
        self._theme = theme
        self._icons = icons
        self._downloads: Sequence[ModelDownload] = ()
        self._pages: DiscoverPages | None = None
        manager.add_tab(Tab.DISCOVER, self._make, self._opened)

    def show_downloads(self, downloads: Sequence[ModelDownload]) -> None:
        """Show beside the models how far their downloads are."""
        self._downloads = downloads
        if self._pages is not None:
            self._pages.show_downloads(downloads)

    def open(self, said: str) -> None:
        """Show what a pasted address or `owner/repo:file` refers to; nothing happens for other words."""
        reference = parse_reference(said, (self._desk.parts.settings.settings.network.hub,))
        if reference is not None:
            self._manager.open(tab=Tab.DISCOVER)
            if self._pages is not None:
                self._pages.show_repository(reference)

    def _make(self) -> QWidget:
        from app.ui.presenters.discover_pages import DiscoverPages  # noqa: PLC0415 - see the class

        pages = self._pages = DiscoverPages(self._desk, self._manager, self._models, self._theme, self._icons)
        pages.token_wanted.connect(self.token_wanted)
        pages.show_downloads(self._downloads)
        return pages.tab

    def _opened(self) -> None:
        if self._pages is not None:
            self._pages.opened()

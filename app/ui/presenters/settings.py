"""The settings: opening them, and making a change felt at once."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.ui.icons import Icons
from app.ui.presenters.desk import Desk
from app.ui.presenters.models import ModelPresenter
from app.ui.settings.settings_page import SettingsPage
from app.ui.theme import Theme


class SettingsPresenter(QObject):
    """Shows the settings in place of the conversation and applies what is changed there."""

    def __init__(self, desk: Desk, theme: Theme, icons: Icons, models: ModelPresenter) -> None:
        """The page is made when somebody opens it first."""
        super().__init__(desk.window)
        self._desk = desk
        self._theme = theme
        self._icons = icons
        self._models = models
        self._page: SettingsPage | None = None
        for notice in desk.parts.settings.notices:
            desk.notices.show(notice)

    def open(self) -> None:
        """Show the settings."""
        if self._page is None:
            self._page = SettingsPage(self._theme, self._icons, self._desk.parts.settings)
            self._page.changed.connect(self._apply)
            self._page.closed.connect(self._desk.window.show_conversation)
        self._desk.window.show_page(self._page)

    def _apply(self, key: str) -> None:
        settings = self._desk.parts.settings.settings
        if key == "appearance.theme":
            self._theme.set_choice(settings.appearance.theme)
        elif key == "appearance.zoom_percent":
            self._theme.set_zoom(settings.appearance.zoom_percent)
        elif key.startswith("load."):
            self._models.load_settings_changed()

"""The settings: opening them, and making a change felt at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from app.settings.presets import PresetFile
from app.settings.registry import Group
from app.ui.icons import Icons
from app.ui.presenters.conversations import ConversationPresenter
from app.ui.presenters.desk import Desk
from app.ui.presenters.models import ModelPresenter
from app.ui.presenters.offline import OfflinePresenter
from app.ui.settings.recommendation import Recommendation
from app.ui.theme import Theme

if TYPE_CHECKING:
    from app.ui.presenters.hardware import HardwarePresenter
    from app.ui.settings.settings_page import SettingsPage

_OF_PROMPTS: Final = ("idle.", "reasoning.", "writing.system_prompt", "sampling.max_tokens")
_DOWNLOAD_LIMITS: Final = frozenset(
    {"network.files_at_a_time", "network.connections_per_file", "network.speed_limit_mb_s"}
)


class SettingsPresenter(QObject):
    """Shows the settings in place of the conversation and applies what is changed there."""

    prompt_settings_changed = Signal()
    """What the next prompt is made with is something else now, or whether it may be read ahead."""
    download_limits_changed = Signal()
    """Downloads may take more or less than before."""

    def __init__(
        self,
        desk: Desk,
        theme: Theme,
        icons: Icons,
        models: ModelPresenter,
        conversations: ConversationPresenter,
        offline: OfflinePresenter,
    ) -> None:
        """The page is made when somebody opens it first."""
        super().__init__(desk.window)
        self._desk = desk
        self._theme = theme
        self._icons = icons
        self._models = models
        self._conversations = conversations
        self._offline = offline
        self._page: SettingsPage | None = None
        self.hardware: HardwarePresenter | None = None
        """The page of the hardware, once the settings have been opened."""

    def open(self) -> None:
        """Show the settings."""
        self._page = self._page or self._make_page()
        self._desk.window.show_page(self._page)

    def open_at(self, group: Group) -> None:
        """Show the settings of one group."""
        self._page = self._page or self._make_page()
        self._page.show_group(group)
        self._desk.window.show_page(self._page)

    def _make_page(self) -> SettingsPage:
        from app.ui.presenters.hardware import HardwarePresenter  # noqa: PLC0415 - the first window need not wait for it
        from app.ui.presenters.network_settings import NetworkSettingsPresenter  # noqa: PLC0415 - the same
        from app.ui.settings.group_extra import Extras  # noqa: PLC0415 - the same
        from app.ui.settings.settings_page import SettingsPage  # noqa: PLC0415 - the same

        network = NetworkSettingsPresenter(self._desk, self._offline, self._theme, self._icons)
        hardware = HardwarePresenter(self._desk, self._models, self._conversations, self._theme, self._icons)
        self.hardware = hardware
        extras = Extras({Group.NETWORK: network.extra, Group.HARDWARE: hardware.extra}, network.hints)
        parts = self._desk.parts
        presets = PresetFile(parts.paths.presets)
        page = SettingsPage(self._theme, self._icons, parts.settings, presets, self._recommendation, extras)
        self._offline.add(page.offline_switch)
        self._offline.changed.connect(page.refresh)
        page.changed.connect(self._apply)
        page.closed.connect(self._desk.window.leave_page)
        return page

    def _recommendation(self) -> Recommendation | None:
        model = self._models.chosen
        if model is None:
            return None
        values = {f"sampling.{name}": value for name, value in model.recommended_sampling.items()}
        return Recommendation(model.name, values)

    def _apply(self, key: str) -> None:
        settings = self._desk.parts.settings.settings
        if key == "appearance.theme":
            self._theme.set_choice(settings.appearance.theme)
        elif key == "appearance.zoom_percent":
            self._theme.set_zoom(settings.appearance.zoom_percent)
        elif key.startswith("load."):
            self._models.load_settings_changed()
        elif key == "network.policy":
            self._offline.refresh()
        elif key in _DOWNLOAD_LIMITS:
            self.download_limits_changed.emit()
        elif key.startswith(_OF_PROMPTS):
            self.prompt_settings_changed.emit()

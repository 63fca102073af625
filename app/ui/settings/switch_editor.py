"""The control of a setting that is on or off."""

from __future__ import annotations

from app.settings.registry import Setting, Value
from app.ui.settings.setting_editor import SettingEditor
from app.ui.settings.switch import Switch
from app.ui.theme import Theme


class SwitchEditor(SettingEditor):
    """A switch; each click is a wish."""

    def __init__(self, setting: Setting, theme: Theme) -> None:
        self._switch = Switch(theme)
        super().__init__(setting, self._switch)
        self._switch.clicked.connect(self._say)

    def show_value(self, value: Value) -> None:
        """Show the value that the setting has now."""
        self._switch.setChecked(bool(value))

    def _say(self, is_on: bool) -> None:  # noqa: FBT001 - as `clicked` says it
        self.edited.emit(is_on)

"""Which control a setting gets."""

from __future__ import annotations

from typing import TypeAlias

from app.settings.registry import Setting
from app.ui.icons import Icons
from app.ui.settings.choice_editor import ChoiceEditor
from app.ui.settings.number_editor import NumberEditor
from app.ui.settings.switch_editor import SwitchEditor
from app.ui.settings.text_editor import TextEditor
from app.ui.theme import Theme

Editor: TypeAlias = ChoiceEditor | NumberEditor | SwitchEditor | TextEditor


def editor_for(setting: Setting, theme: Theme, icons: Icons) -> Editor:
    """Make the control that fits the kind of `setting`."""
    if setting.choices:
        return ChoiceEditor(setting, theme, icons)
    if setting.kind is bool:
        return SwitchEditor(setting, theme)
    if setting.kind is str:
        return TextEditor(setting, theme)
    return NumberEditor(setting, theme, icons)

"""Which control a setting gets."""

from __future__ import annotations

from typing import Final, TypeAlias

from app.settings.registry import Setting
from app.ui.icons import Icons
from app.ui.settings.choice_editor import ChoiceEditor
from app.ui.settings.line_editor import LineEditor
from app.ui.settings.number_editor import NumberEditor
from app.ui.settings.switch_editor import SwitchEditor
from app.ui.settings.text_editor import TextEditor
from app.ui.theme import Theme

Editor: TypeAlias = ChoiceEditor | LineEditor | NumberEditor | SwitchEditor | TextEditor

_ONE_LINE: Final = ("load.engine_build", "network.hub", "network.proxy")
"""Texts that are no more than a name or an address."""


def editor_for(setting: Setting, theme: Theme, icons: Icons) -> Editor:
    """Make the control that fits the kind of `setting`."""
    if setting.choices:
        return ChoiceEditor(setting, theme, icons)
    if setting.kind is bool:
        return SwitchEditor(setting, theme)
    if setting.key in _ONE_LINE:
        return LineEditor(setting, theme)
    if setting.kind is str:
        return TextEditor(setting, theme)
    return NumberEditor(setting, theme, icons)

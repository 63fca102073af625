"""The control of a setting that is a short text, such as a name."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QLineEdit
from typing_extensions import override

from app.settings.registry import Setting, Value
from app.translation import tr
from app.ui.settings.setting_editor import SettingEditor
from app.ui.theme import TextRole, Theme

_WIDTH: Final = 220


class LineEditor(SettingEditor):
    """One line. A wish is said with Enter, and when the field is left."""

    def __init__(self, setting: Setting, theme: Theme) -> None:
        self._field = QLineEdit()
        super().__init__(setting, self._field)
        self._shown = ""
        self._field.setFont(theme.font(TextRole.ROW))
        self._field.setFixedWidth(_WIDTH)
        self._field.setPlaceholderText(tr(setting.none_label) if setting.none_label else "")
        self._field.editingFinished.connect(self.finish)

    def show_value(self, value: Value) -> None:
        """Show the value that the setting has now."""
        self._shown = str(value)
        if self._field.text() != self._shown:
            self._field.setText(self._shown)

    @override
    def show_wrong(self, *, is_wrong: bool) -> None:
        self._field.setProperty("kind", "wrong" if is_wrong else "")
        self._field.style().polish(self._field)  # a stylesheet looks at a property once

    @override
    def finish(self) -> None:
        typed = self._field.text().strip()
        if typed == self._shown:
            self.given_up.emit()
        else:
            self.edited.emit(typed)

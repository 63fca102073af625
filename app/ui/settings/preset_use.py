"""What happens to the settings when a preset is chosen, and to the presets when one is saved, renamed or deleted."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.errors import PaddockError
from app.settings.file import SettingsFile
from app.settings.presets import PRESET_KEYS, Preset, PresetFile, Values, preset_in_use
from app.translation import told, tr
from app.ui.settings.preset_row import PresetRow


class PresetUse(QObject):
    """Serves one `PresetRow`. What it does to the settings or the presets can be taken back."""

    settings_changed = Signal()
    undo_offered = Signal(str, object)
    """A sentence, and what takes back what it tells of."""

    def __init__(self, row: PresetRow, file: SettingsFile, presets: PresetFile) -> None:
        super().__init__(row)
        self._row = row
        self._file = file
        self._presets = presets
        self._seen = 0
        """How many notices of the presets have been in view."""
        row.chosen.connect(self._choose)
        row.save_wished.connect(self._save)
        row.rename_wished.connect(self._rename)
        row.delete_wished.connect(self._delete)

    def refresh(self) -> None:
        """Show the presets there are, and which the settings are now."""
        try:
            presets = self._presets.presets()
        except PaddockError as error:
            self._row.show_presets((), None)
            self._row.show_trouble(told(error))
            return
        self._row.show_presets(presets, preset_in_use(presets, self._file))
        self._show_notices()

    def _show_notices(self) -> None:
        notices = self._presets.notices
        if len(notices) > self._seen:
            self._row.show_trouble(told(notices[-1]))
        if self._row.isVisible():  # else they stand there for whoever opens this group
            self._seen = len(notices)

    def _choose(self, preset: Preset) -> None:
        before = self._explicit()
        name = preset.name if preset.own else tr(preset.name)
        if self._set(preset.values):
            self.undo_offered.emit(tr("The sampling settings are “{name}” now.", name=name), lambda: self._set(before))

    def _set(self, values: Values) -> bool:
        return self._tried(lambda: self._file.replace_all(values, PRESET_KEYS))

    def _save(self, name: str) -> None:
        self._tried(lambda: self._presets.save(name, self._explicit()))

    def _rename(self, preset: Preset, name: str) -> None:
        self._tried(lambda: self._presets.rename(preset.name, name))

    def _delete(self, preset: Preset) -> None:
        if self._tried(lambda: self._presets.delete(preset.name)):
            sentence = tr("The preset “{name}” is deleted; the settings stay as they are.", name=preset.name)
            self.undo_offered.emit(
                sentence, lambda: self._tried(lambda: self._presets.save(preset.name, preset.values))
            )

    def _explicit(self) -> Values:
        return {key: self._file.settings.value(key) for key in PRESET_KEYS if key in self._file.explicit}

    def _tried(self, action: Callable[[], object]) -> bool:
        try:
            action()
        except PaddockError as error:
            self._row.show_trouble(told(error))
            return False
        self.settings_changed.emit()
        self.refresh()
        return True

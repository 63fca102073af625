"""The row in which a preset is chosen, saved, renamed and deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget
from typing_extensions import override

from app.settings.presets import LONGEST_NAME, Preset
from app.translation import tr
from app.ui.icon_button import IconButton
from app.ui.icons import Icons
from app.ui.plain_label import PlainLabel
from app.ui.settings.choice_editor import ChoiceBox
from app.ui.theme import TextRole, Theme

_NAME_WIDTH: Final = 220


class PresetRow(QWidget):
    """Says what the user wants of the presets. A name is written in a field in the place of the list."""

    chosen = Signal(object)
    save_wished = Signal(str)
    rename_wished = Signal(object, str)
    delete_wished = Signal(object)

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._presets: tuple[Preset, ...] = ()
        self._current: Preset | None = None
        self._renamed: Preset | None = None
        self.box = ChoiceBox(theme, icons)
        self.box.setAccessibleName(tr("Preset"))
        self.name_field = _NameField(theme)
        self.save_button = IconButton("file-plus", tr("Save as preset…"), theme, icons, size=28)
        self.rename_button = IconButton("pencil", tr("Rename this preset"), theme, icons, size=28)
        self.delete_button = IconButton("trash-2", tr("Delete this preset"), theme, icons, size=28)
        self.trouble = PlainLabel("", theme, TextRole.SMALL, "error")
        self._lay_out(theme)
        self.box.activated.connect(self._choose)
        self.save_button.clicked.connect(lambda: self._ask_for_name(None))
        self.rename_button.clicked.connect(lambda: self._ask_for_name(self._current))
        self.delete_button.clicked.connect(lambda: self.delete_wished.emit(self._current))
        self.name_field.written.connect(self._name_written)
        self.name_field.given_up.connect(self._end_naming)

    def show_presets(self, presets: Sequence[Preset], current: Preset | None) -> None:
        """Show which there are, and which is in use; None is values of the user's own."""
        self._presets, self._current = tuple(presets), current
        self.box.clear()
        if current is None:
            self.box.addItem(tr("Your own values"), None)
        for preset in self._presets:
            self.box.addItem(preset.name if preset.own else tr(preset.name), preset)
        self.box.setCurrentIndex(0 if current is None else self._presets.index(current))
        self.box.updateGeometry()
        self._end_naming()

    def show_trouble(self, sentence: str) -> None:
        """Say why what was wished cannot be; a name that was written stays to be mended."""
        self.trouble.setText(sentence)
        self.trouble.setVisible(True)

    def controls(self) -> tuple[QWidget, ...]:
        """Give what takes the keyboard, in the order of Tab."""
        return self.save_button, self.rename_button, self.delete_button, self.name_field, self.box

    def _choose(self, index: int) -> None:
        preset: object = self.box.itemData(index)
        if isinstance(preset, Preset) and preset != self._current:
            self.chosen.emit(preset)

    def _ask_for_name(self, renamed: Preset | None) -> None:
        self._renamed = renamed
        self._show_field(is_naming=True)
        self.name_field.begin(renamed.name if renamed else "")

    def _name_written(self, name: str) -> None:
        if self._renamed is None:
            self.save_wished.emit(name)
        elif name == self._renamed.name:
            self._end_naming()
        else:
            self.rename_wished.emit(self._renamed, name)

    def _end_naming(self) -> None:
        had_keyboard = self.name_field.hasFocus()
        self._show_field(is_naming=False)
        if had_keyboard:
            self.box.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_field(self, *, is_naming: bool) -> None:
        self.trouble.setVisible(False)
        is_own = self._current is not None and self._current.own
        self.name_field.setVisible(is_naming)
        self.box.setVisible(not is_naming)
        self.save_button.setVisible(not is_naming and self._current is None)
        self.rename_button.setVisible(not is_naming and is_own)
        self.delete_button.setVisible(not is_naming and is_own)

    def _lay_out(self, theme: Theme) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        label = PlainLabel(tr("Preset"), theme, TextRole.INTERFACE_STRONG)
        help_text = tr("Sets all of these at once. Change any of them, and save what you like under a name.")
        for line in (label, PlainLabel(help_text, theme, TextRole.INTERFACE, "text_2"), self.trouble):
            line.setWordWrap(True)
            words.addWidget(line)
        label.setBuddy(self.box)
        self.box.setAccessibleDescription(help_text)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(8)
        row.addLayout(words, 1)
        for control in self.controls():
            row.addWidget(control, 0, Qt.AlignmentFlag.AlignVCenter)


class _NameField(QLineEdit):
    """Enter keeps the name; Escape, or going elsewhere, gives it up."""

    written = Signal(str)
    given_up = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setFont(theme.font(TextRole.ROW))
        self.setFixedWidth(_NAME_WIDTH)
        self.setMaxLength(LONGEST_NAME)
        self.setPlaceholderText(tr("Name of the preset"))
        self.setAccessibleName(tr("Name of the preset"))
        self.returnPressed.connect(lambda: self.written.emit(self.text().strip()))

    def begin(self, name: str) -> None:
        """Take the keyboard, with `name` to be written over."""
        self.setText(name)
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.selectAll()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
        else:
            super().keyPressEvent(event)

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self.given_up.emit()

"""What all controls of the settings have in common."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.settings.registry import Setting
from app.translation import tr


class SettingEditor(QWidget):
    """A control for one setting. It says what the user wants; whether that can be is not its business.

    Each kind of editor also has `show_value(value)`: show what the setting has now.
    """

    edited = Signal(object)
    """The wish: a value, or the words that were typed."""
    given_up = Signal()
    """What stands in the control is what the setting has: whatever else was wished is not wished any more."""
    is_wide = False
    """Wide controls stand under the words of their row, the others beside them."""

    def __init__(self, setting: Setting, control: QWidget, frame: QWidget | None = None) -> None:
        """Take the `control` that is used, and the `frame` that it lies in already, if it has one."""
        super().__init__()
        self.setting = setting
        self.control = control
        control.setAccessibleName(tr(setting.label))
        control.setAccessibleDescription(tr(setting.help))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(frame or control)

    def show_wrong(self, *, is_wrong: bool) -> None:
        """Mark what stands in the control as something the setting cannot take."""

    def finish(self) -> None:
        """Say now what was typed and not said yet."""

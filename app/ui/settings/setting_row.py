"""One setting as a row of a card: what it is, what it does, and its control."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from app.settings.registry import Setting, Value
from app.translation import tr
from app.ui.icon_button import IconButton
from app.ui.icons import Icons
from app.ui.plain_label import PlainLabel
from app.ui.settings.editors import editor_for
from app.ui.theme import TextRole, Theme

_BY_KEY: Final = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)


class SettingRow(QWidget):
    """Label, help sentence and control; a button back to the default while the value differs from it."""

    value_wished = Signal(object)
    reset_requested = Signal()
    reached = Signal()
    """The keyboard came to one of its controls by a key, and the row should be seen."""

    def __init__(self, setting: Setting, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self.setting = setting
        self.editor = editor_for(setting, theme, icons)
        self.reset_button = IconButton(
            "rotate-ccw", tr("Set “{label}” back to its default", label=tr(setting.label)), theme, icons, size=28
        )
        self.hint = PlainLabel("", theme, TextRole.SMALL, "text_3")
        self.trouble = PlainLabel("", theme, TextRole.SMALL, "error")
        self._keep_place_of_reset_button()
        self._lay_out(theme)
        self.editor.edited.connect(self.value_wished)
        self.editor.given_up.connect(self._forget_trouble)
        self.reset_button.clicked.connect(self.reset_requested)
        for control in self.controls():
            control.installEventFilter(self)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QFocusEvent) and event.gotFocus() and event.reason() in _BY_KEY:
            self.reached.emit()
        return False

    def show_value(self, value: Value, *, default: Value, hint: str = "") -> None:
        """Show the value that the setting has, and that nothing is wrong with it.

        `default` is what it would have if nobody had set it; `hint` is a quiet word about that.
        """
        self.editor.show_value(value)
        self._forget_trouble()
        self.reset_button.setVisible(value != default)
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))

    def show_trouble(self, sentence: str) -> None:
        """Say why what was wished cannot be; it stays in the control to be mended."""
        self.editor.show_wrong(is_wrong=True)
        self.trouble.setText(sentence)
        self.trouble.setVisible(True)
        self.editor.control.setAccessibleDescription(sentence)

    def controls(self) -> tuple[QWidget, QWidget]:
        """Give what takes the keyboard, in the order of Tab."""
        return self.editor.control, self.reset_button

    def matches(self, words: str) -> bool:
        """Whether this setting is one that `words` look for."""
        said = " ".join((tr(self.setting.label), tr(self.setting.help), tr(self.setting.group))).casefold()
        return all(word in said for word in words.casefold().split())

    def _forget_trouble(self) -> None:
        self.editor.show_wrong(is_wrong=False)
        self.editor.control.setAccessibleDescription(tr(self.setting.help))
        self.trouble.setVisible(False)

    def _keep_place_of_reset_button(self) -> None:
        policy = self.reset_button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # nothing moves when it comes or goes
        self.reset_button.setSizePolicy(policy)

    def _lay_out(self, theme: Theme) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        label = PlainLabel(tr(self.setting.label), theme, TextRole.INTERFACE_STRONG)
        label.setBuddy(self.editor.control)
        explanation = PlainLabel(tr(self.setting.help), theme, TextRole.INTERFACE, "text_2")
        for line in (label, explanation, self.hint, self.trouble):
            line.setWordWrap(True)
            words.addWidget(line)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addLayout(words, 1)
        line.addWidget(self.reset_button, 0, Qt.AlignmentFlag.AlignVCenter)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(16, 12, 16, 12)
        rows.setSpacing(10)
        rows.addLayout(line)
        if self.editor.is_wide:
            rows.addWidget(self.editor)
        else:
            line.addWidget(self.editor, 0, Qt.AlignmentFlag.AlignVCenter)

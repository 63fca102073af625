"""The control of a setting that is a text of any length."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QPlainTextEdit
from typing_extensions import override

from app.settings.registry import Setting, Value
from app.ui.settings.setting_editor import SettingEditor
from app.ui.text_lines import FramedLines
from app.ui.theme import Theme

_PAUSE_MS: Final = 400
_HEIGHT: Final = 148


class TextEditor(SettingEditor):
    """Several lines. A wish is said when the typing rests, and when the field is left."""

    is_wide = True

    def __init__(self, setting: Setting, theme: Theme) -> None:
        self._text = QPlainTextEdit()
        super().__init__(setting, self._text, FramedLines(self._text, _HEIGHT, theme))
        self._shown = ""
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self.finish)
        self._text.textChanged.connect(self._pause.start)
        self._text.installEventFilter(self)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self.finish()
        return super().eventFilter(watched, event)

    def show_value(self, value: Value) -> None:
        """Show the value that the setting has now."""
        self._shown = str(value)
        if self._text.toPlainText() != self._shown:
            self._text.setPlainText(self._shown)

    @override
    def finish(self) -> None:
        self._pause.stop()
        typed = self._text.toPlainText()
        if typed == self._shown:
            self.given_up.emit()
        else:
            self.edited.emit(typed)

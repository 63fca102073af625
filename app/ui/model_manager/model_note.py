"""The field for a note about a model."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QPlainTextEdit
from typing_extensions import override

from app.translation import tr
from app.ui.text_lines import FramedLines
from app.ui.theme import Theme

_HEIGHT: Final = 84
_PAUSE_MS: Final = 600


class ModelNote(FramedLines):
    """A few lines. They are said to be written when the typing rests, and when the field is left."""

    written = Signal(str, str)
    """The model they belong to, and the lines."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(QPlainTextEdit(), _HEIGHT, theme)
        self._model_id = ""
        self._kept = ""
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self.finish)
        self._text.setObjectName("model_note")
        self._text.setAccessibleName(tr("Note"))
        self._text.setPlaceholderText(tr("What you want to remember about this model"))
        self._text.textChanged.connect(self._pause.start)
        self.setFocusProxy(self._text)

    def show_note(self, model_id: str, note: str) -> None:
        """Show the note of a model; one that is being written is not disturbed."""
        if model_id != self._model_id:
            self.finish()
        elif self._text.toPlainText() != self._kept:
            return
        self._model_id, self._kept = model_id, note
        if self._text.toPlainText() != note:
            self._text.setPlainText(note)
        self._pause.stop()

    def finish(self) -> None:
        """Have what was typed kept."""
        self._pause.stop()
        typed = self._text.toPlainText()
        if typed != self._kept:
            self._kept = typed
            self.written.emit(self._model_id, typed)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self.finish()
        return super().eventFilter(watched, event)

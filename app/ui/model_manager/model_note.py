"""The field for a note about a model."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QVBoxLayout, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.theme import TextRole, Theme

_HEIGHT: Final = 84
_RADIUS: Final = 8
_PAUSE_MS: Final = 600


class ModelNote(QWidget):
    """A few lines. They are said to be written when the typing rests, and when the field is left."""

    written = Signal(str, str)
    """The model they belong to, and the lines."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._model_id = ""
        self._kept = ""
        self._text = QPlainTextEdit()
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self.finish)
        self._text.setObjectName("model_note")
        self._text.setAccessibleName(tr("Note"))
        self._text.setPlaceholderText(tr("What you want to remember about this model"))
        self._text.setFrameShape(QFrame.Shape.NoFrame)
        self._text.setTabChangesFocus(True)
        self._text.setFont(theme.font(TextRole.INTERFACE))
        self._text.textChanged.connect(self._pause.start)
        self._text.installEventFilter(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 2, 4)
        layout.addWidget(self._text)
        self.setFixedHeight(_HEIGHT)
        self.setFocusProxy(self._text)
        theme.changed.connect(self._dress)
        self._dress()

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
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return super().eventFilter(watched, event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("accent" if self._text.hasFocus() else "border_control"), 1))
        painter.setBrush(self._theme.color("raised"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        painter.end()

    def _dress(self) -> None:
        palette = self._text.palette()
        palette.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.transparent)
        self._text.setPalette(palette)
        self.update()

"""The control of a setting that is a text of any length."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QVBoxLayout, QWidget
from typing_extensions import override

from app.settings.registry import Setting, Value
from app.ui.settings.setting_editor import SettingEditor
from app.ui.theme import TextRole, Theme

_PAUSE_MS: Final = 400
_HEIGHT: Final = 148
_RADIUS: Final = 8


class TextEditor(SettingEditor):
    """Several lines. A wish is said when the typing rests, and when the field is left."""

    is_wide = True

    def __init__(self, setting: Setting, theme: Theme) -> None:
        self._text = QPlainTextEdit()
        super().__init__(setting, self._text, _Frame(self._text, theme))
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


class _Frame(QWidget):
    """The border around the lines."""

    def __init__(self, text: QPlainTextEdit, theme: Theme) -> None:
        super().__init__()
        self._text = text
        self._theme = theme
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 2, 4)
        layout.addWidget(text)
        text.setFrameShape(QFrame.Shape.NoFrame)
        text.setTabChangesFocus(True)
        text.setFont(theme.font(TextRole.INTERFACE))
        text.installEventFilter(self)
        self.setFixedHeight(_HEIGHT)
        self._dress()
        theme.changed.connect(self._dress)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
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

"""The field in which a message is written: plain text, as tall as its words."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QFocusEvent, QInputMethodEvent, QKeyEvent, QTextBlockFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QTextEdit, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.theme import TextRole, Theme

_LINE_GAP: Final = 5
"""Between lines of 18 px: together the 23 of the style."""


class PromptEditor(QTextEdit):
    """Enter sends, Shift+Enter breaks the line, Escape stops. Pasted text loses its clothes."""

    enter_pressed = Signal()
    escape_pressed = Signal()
    height_changed = Signal()
    focus_moved = Signal(bool)
    """True when the keyboard came here, False when it left."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._composing = False
        self._tallest = 240
        self._set_up()
        self._restyle()
        theme.changed.connect(self._restyle)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)

    def set_tallest(self, height: int) -> None:
        """Grow up to `height` pixels, then scroll."""
        self._tallest = height
        self._fit()

    def replace_text(self, text: str) -> None:
        """Show `text` from the beginning of a history of its own, with the cursor at its end."""
        self.setPlainText(text)
        self._space_lines()
        self.moveCursor(QTextCursor.MoveOperation.End)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        breaks = event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.AltModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not breaks:
            if not self._composing:  # this Enter would only accept what an input method suggests
                self.enter_pressed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.textCursor().insertBlock()
            self.ensureCursorVisible()
        elif event.key() == Qt.Key.Key_Escape:
            self.escape_pressed.emit()
        else:
            super().keyPressEvent(event)

    @override
    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self._composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    @override
    def insertFromMimeData(self, source: QMimeData) -> None:
        if source.hasText():
            self.textCursor().insertText(source.text())
            self.ensureCursorVisible()

    @override
    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasText() and not source.hasUrls()  # files that are dropped belong to the window

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_moved.emit(True)

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_moved.emit(False)

    def _set_up(self) -> None:
        self.setObjectName("prompt_editor")
        self.setAccessibleName(tr("Message"))
        self.setAcceptRichText(False)
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.document().setDocumentMargin(0)
        self._space_lines()

    def _restyle(self) -> None:
        self.setFont(self._theme.font(TextRole.WRITING, zoomed=True))
        self._fit()

    def _space_lines(self) -> None:
        """Set the distance of the lines outside of the undo history: it is not something the user did."""
        document = self.document()
        document.setUndoRedoEnabled(False)
        spacing = QTextBlockFormat()
        spacing.setLineHeight(_LINE_GAP, QTextBlockFormat.LineHeightTypes.LineDistanceHeight.value)
        cursor = QTextCursor(document)
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(spacing)
        document.setUndoRedoEnabled(True)

    def _fit(self) -> None:
        wanted = round(self.document().size().height())
        fitting = max(self.fontMetrics().height() + _LINE_GAP, min(wanted, self._tallest))
        always, never = Qt.ScrollBarPolicy.ScrollBarAsNeeded, Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(always if wanted > self._tallest else never)
        if fitting != self.height():
            self.setFixedHeight(fitting)
            self.height_changed.emit()

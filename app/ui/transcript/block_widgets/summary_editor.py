"""The field in which a summary is rewritten: plain text, as tall as its words."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor, QWheelEvent
from PySide6.QtWidgets import QFrame, QTextEdit, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.theme import TextRole
from app.ui.transcript.text_formats import LOOSE_LINE, TextFormats

_MARGIN: Final = 8
_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class SummaryEditor(QTextEdit):
    """Ctrl+Enter saves, Escape cancels. Pasted text loses its clothes."""

    written = Signal(str)
    """What stands in it after the user changed it."""
    save_pressed = Signal()
    cancel_pressed = Signal()

    def __init__(self, formats: TextFormats, parent: QWidget) -> None:
        super().__init__(parent)
        self._formats = formats
        self._is_filling = False
        self.setObjectName("summary_editor")
        self.setAccessibleName(tr("Summary of what lies above"))
        self.setAcceptRichText(False)
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.document().setDocumentMargin(_MARGIN)
        self.textChanged.connect(self._tell)
        self.restyle()

    def fill(self, text: str) -> None:
        """Show `text`, unless it stands there already: the cursor stays where it is then."""
        if text == self.toPlainText():
            return
        self._is_filling = True
        self.setPlainText(text)
        self._space_lines()
        self._is_filling = False

    def restyle(self) -> None:
        """Take the font anew."""
        self.setFont(self._formats.font(TextRole.INTERFACE))
        self._is_filling = True
        self._space_lines()
        self._is_filling = False

    @override
    def event(self, e: QEvent) -> bool:
        if e.type() == QEvent.Type.ShortcutOverride and isinstance(e, QKeyEvent) and _is_ours(e):
            e.accept()  # or Escape would stop a reply
            return True
        return super().event(e)

    @override
    def keyPressEvent(self, e: QKeyEvent) -> None:
        if not _is_ours(e):
            super().keyPressEvent(e)
        elif e.key() == Qt.Key.Key_Escape:
            self.cancel_pressed.emit()
        else:
            self.save_pressed.emit()

    @override
    def wheelEvent(self, e: QWheelEvent) -> None:
        e.ignore()

    def _space_lines(self) -> None:
        """As the text stands that is being rewritten. It is nothing that the user did, and cannot be undone."""
        self.document().setUndoRedoEnabled(False)
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(self._formats.typed(TextRole.INTERFACE, LOOSE_LINE))
        self.document().setUndoRedoEnabled(True)

    def _tell(self) -> None:
        if not self._is_filling:
            self.written.emit(self.toPlainText())


def _is_ours(key: QKeyEvent) -> bool:
    is_enter = key.key() in _ENTER and bool(key.modifiers() & Qt.KeyboardModifier.ControlModifier)
    return is_enter or key.key() == Qt.Key.Key_Escape

"""Text that can be read, selected and copied, and that never loads anything."""

from __future__ import annotations

import math
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from PySide6.QtCore import QByteArray, QMimeData, QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QTextBlock,
    QTextCursor,
    QTextDocument,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QTextEdit, QToolTip, QWidget
from typing_extensions import override

from app.ui.transcript.text_formats import MARKER, UNWRITTEN

_LINE_SEPARATOR: Final = "\u2028"
_FIRST_WIDTH: Final = 720
"""Until it is told its width; Qt's own 0 would give every letter a line of its own."""
_IMAGE: Final = QTextDocument.ResourceType.ImageResource.value


class ReadOnlyText(QTextEdit):
    """A text without frame and scroll bars. Keys that do not copy go on to the transcript, and so does the wheel."""

    link_activated = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._pressed_link = ""
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        # Links are ours: Qt's own flag for them would select the words of a link that is clicked on.
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setAcceptDrops(False)
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QTextEdit.LineWrapMode.FixedPixelWidth)
        self.setLineWrapColumnOrWidth(_FIRST_WIDTH)
        self.document().setDocumentMargin(0)
        self.viewport().setAutoFillBackground(False)
        self.viewport().setMouseTracking(True)

    def set_width(self, width: int) -> None:
        """Break lines at `width`."""
        if self.lineWrapColumnOrWidth() != width:  # or all of a long text would be laid out again
            self.setLineWrapColumnOrWidth(width)

    def lines_height(self) -> int:
        """How high the lines are together."""
        return math.ceil(self.document().size().height())

    def forget_selection(self) -> None:
        """Select nothing, as for a new text."""
        cursor = self.textCursor()
        if cursor.hasSelection():
            cursor.setPosition(0)
            self.setTextCursor(cursor)

    @contextmanager
    def selection_kept(self) -> Generator[None]:
        """Write meanwhile: what comes in neither drags the view along nor grows a selection that ends there."""
        before = self.textCursor()
        anchor, position = before.anchor(), before.position()
        yield
        after = self.textCursor()
        last = self.document().characterCount() - 1
        if (after.anchor(), after.position()) != (anchor, position):
            after.setPosition(min(anchor, last))
            after.setPosition(min(position, last), QTextCursor.MoveMode.KeepAnchor)
            self.setTextCursor(after)

    @override
    def loadResource(self, type: int, name: QUrl | str) -> QImage | QByteArray:
        """Nothing is loaded, ever. An empty answer would not do: Qt would then open the file itself."""
        if type != _IMAGE:
            return QByteArray(b" ")
        blank = QImage(QSize(1, 1), QImage.Format.Format_ARGB32_Premultiplied)
        blank.fill(Qt.GlobalColor.transparent)
        return blank

    @override
    def createMimeDataFromSelection(self) -> QMimeData:
        data = QMimeData()
        data.setText(self.selected_text())
        return data

    def selected_text(self) -> str:
        """What is selected as it was written, with the bullets and numbers of whole items."""
        cursor = self.textCursor()
        lines: list[str] = []
        block = self.document().findBlock(cursor.selectionStart())
        while block.isValid() and block.position() <= cursor.selectionEnd():
            lines.append(_selected_of(block, cursor))
            block = block.next()
        return "\n".join(lines)

    @override
    def keyPressEvent(self, e: QKeyEvent) -> None:
        if e.matches(QKeySequence.StandardKey.Copy) or e.matches(QKeySequence.StandardKey.SelectAll):
            super().keyPressEvent(e)
        else:
            e.ignore()

    @override
    def focusOutEvent(self, e: QFocusEvent) -> None:
        super().focusOutEvent(e)
        if e.reason() in {Qt.FocusReason.MouseFocusReason, Qt.FocusReason.TabFocusReason}:
            self.forget_selection()  # one selection at a time; a menu or another window does not end it

    @override
    def wheelEvent(self, e: QWheelEvent) -> None:
        e.ignore()

    @override
    def mousePressEvent(self, e: QMouseEvent) -> None:
        self._pressed_link = self.anchorAt(e.position().toPoint())
        super().mousePressEvent(e)

    @override
    def mouseMoveEvent(self, e: QMouseEvent) -> None:
        super().mouseMoveEvent(e)
        link = self.anchorAt(e.position().toPoint())
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if link else Qt.CursorShape.IBeamCursor)
        if link:
            QToolTip.showText(e.globalPosition().toPoint(), link.replace("<", "%3C"), self.viewport())

    @override
    def mouseReleaseEvent(self, e: QMouseEvent) -> None:
        super().mouseReleaseEvent(e)
        link = self.anchorAt(e.position().toPoint())
        if link and link == self._pressed_link and not self.textCursor().hasSelection():
            self.link_activated.emit(link)


def _selected_of(block: QTextBlock, cursor: QTextCursor) -> str:
    parts: list[str] = []
    start, end = cursor.selectionStart(), cursor.selectionEnd()
    fragments = block.begin()
    while not fragments.atEnd():
        fragment = fragments.fragment()
        first, last = max(start, fragment.position()), min(end, fragment.position() + fragment.length())
        if first < last and not fragment.charFormat().property(UNWRITTEN):
            # positions count UTF-16 units, so the text is cut as such
            units = fragment.text().encode("utf-16-le")
            cut = units[(first - fragment.position()) * 2 : (last - fragment.position()) * 2]
            parts.append(cut.decode("utf-16-le", "replace"))
        fragments += 1
    marker = block.blockFormat().stringProperty(MARKER)
    prefix = f"{marker} " if marker and start <= block.position() and parts else ""
    return prefix + "".join(parts).replace(_LINE_SEPARATOR, "\n")

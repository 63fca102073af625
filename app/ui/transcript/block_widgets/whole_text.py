"""Text that is shown whole: as high as its lines, so that nothing in it scrolls."""

from __future__ import annotations

from PySide6.QtGui import QTextBlockFormat, QTextCharFormat, QTextCursor
from typing_extensions import override

from app.ui.transcript.block_widgets.read_only_text import ReadOnlyText
from app.ui.transcript.rich_text import BREAK_HERE, soften, write_typed


class WholeText(ReadOnlyText):
    """Text that stands still: whoever shows it gives it the height of its lines."""

    @override
    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """The text is always whole: selecting must not move it."""


class TypedText(WholeText):
    """Text as it was typed."""

    def write(self, text: str, look: QTextCharFormat, lines: QTextBlockFormat) -> None:
        """Show `text` in place of what stood here."""
        write_typed(self.document(), text, look, lines)

    def add(self, text: str, look: QTextCharFormat) -> None:
        """Write on at the end."""
        self._end().insertText(soften(text), look)

    def begin_paragraph(self, lines: QTextBlockFormat) -> None:
        """What is added from now on stands below what is here."""
        self._end().insertBlock(lines)

    @override
    def selected_text(self) -> str:
        return self.textCursor().selection().toPlainText().replace(BREAK_HERE, "")

    def _end(self) -> QTextCursor:
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        return cursor

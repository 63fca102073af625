"""The whole text of a licence, to be read."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.icon_button import IconButton
from app.ui.icons import Icons
from app.ui.model_manager.sheet import Sheet
from app.ui.plain_label import PlainLabel
from app.ui.theme import TextRole, Theme

_WIDTH: Final = 680
_HEIGHT: Final = 620


class LicenceText(QWidget):
    """A title, the text, and a way to close it. The text is shown as it is, never as markup."""

    closed = Signal()

    def __init__(self, name: str, text: str, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self.setObjectName("licence_text")
        self.setAccessibleName(name)
        close = IconButton("x", tr("Close"), theme, icons, key=tr("Esc"))
        close.clicked.connect(self.closed)
        words = QPlainTextEdit(text)
        words.setReadOnly(True)
        words.setFrameShape(QFrame.Shape.NoFrame)
        words.setFont(theme.font(TextRole.INTERFACE))
        words.setAccessibleName(name)
        words.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        words.setCursorWidth(0)
        self.setFocusProxy(words)
        head = QHBoxLayout()
        title = PlainLabel(name, theme, TextRole.DIALOG_TITLE)
        title.setWordWrap(True)
        head.addWidget(title, 1)
        head.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 22, 20, 22)
        layout.setSpacing(12)
        layout.addLayout(head)
        layout.addWidget(words, 1)

    @override
    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, _HEIGHT)

    @override
    def heightForWidth(self, width: int) -> int:
        return _HEIGHT  # as much of it as the window has room for


def show_licence_text(name: str, text: str, window: QWidget, theme: Theme, icons: Icons) -> Sheet:
    """Lay the text over `window` until it is closed."""
    content = LicenceText(name, text, theme, icons)
    sheet = Sheet(content, _WIDTH, theme)
    content.closed.connect(sheet.dismiss)
    sheet.open_over(window)
    return sheet

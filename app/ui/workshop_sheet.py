"""The content of the sheet in which a model is converted: choose, wait, look at what came of it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.announcement import announce
from app.ui.model_manager.downloads_progress import DownloadProgress
from app.ui.plain_label import PlainLabel
from app.ui.text_button import TextButton
from app.ui.theme import TextRole, Theme

WIDTH: Final = 620
_SIDE: Final = 28
_AROUND: Final = 156
_MIDDLE: Final = 366
"""Seven types, or the whole result."""


class WorkshopSheet(QWidget):
    """Title, a sentence, something in the middle, and buttons. Its presenter says which."""

    def __init__(self, title: str, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._intro = PlainLabel("", theme, TextRole.INTERFACE, "text_2")
        self._intro.setWordWrap(True)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.viewport().setAutoFillBackground(False)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        self._lay_out(PlainLabel(title, theme, TextRole.DIALOG_TITLE))
        self.setObjectName("workshop_sheet")
        self.setAccessibleName(title)

    def show_step(self, intro: str, middle: QWidget, buttons: tuple[TextButton, ...]) -> None:
        """Show this in place of what was before. The last button gets the keyboard, unless the middle wants it."""
        self._intro.setText(intro)
        self._area.setWidget(middle)
        middle.setAutoFillBackground(False)  # which it got just now
        while (item := self._buttons.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._buttons.addStretch(1)
        for button in buttons:
            button.setFixedHeight(32)
            self._buttons.addWidget(button)
        first = middle.focusProxy() or buttons[-1]
        first.setFocus()
        if first is not buttons[-1]:
            self._area.ensureWidgetVisible(first)
        announce(self, f"{intro} {middle.accessibleName()}".strip())

    @override
    def hasHeightForWidth(self) -> bool:
        return False  # the same for all steps: nothing jumps

    @override
    def sizeHint(self) -> QSize:
        return QSize(WIDTH, _AROUND + _MIDDLE)

    def _lay_out(self, title: PlainLabel) -> None:
        title.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_SIDE, 24, _SIDE, 20)
        layout.setSpacing(0)
        layout.addWidget(title)
        layout.addSpacing(6)
        layout.addWidget(self._intro)
        layout.addSpacing(16)
        layout.addWidget(self._area, 1)
        layout.addSpacing(18)
        layout.addLayout(self._buttons)


class ProgressView(QWidget):
    """How far it is, in words and as a line."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._words = PlainLabel("", theme, TextRole.INTERFACE_STRONG)
        self.line = DownloadProgress(theme)
        self.line.setAccessibleName(tr("Progress of the conversion"))
        note = tr("The model itself is only read. The copy gets its name when it has been loaded and measured.")
        small = PlainLabel(note, theme, TextRole.SMALL, "text_3")
        small.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(10)
        layout.addStretch(1)
        for part in (self._words, self.line, small):
            layout.addWidget(part)
        layout.addStretch(1)

    def show_progress(self, words: str, fraction: float) -> None:
        """Say what is being done, and how much of all is done, 0 to 1."""
        self._words.setText(words)
        self.line.set_progress(fraction)
        self.line.setAccessibleDescription(words)


class SaidView(QWidget):
    """A sentence, and what can be done."""

    def __init__(self, sentence: str, next_step: str, theme: Theme, color: str = "text") -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(4)
        for words, role, tone in (
            (sentence, TextRole.INTERFACE_STRONG, color),
            (next_step, TextRole.INTERFACE, "text_2"),
        ):
            label = PlainLabel(words, theme, role, tone)
            label.setWordWrap(True)
            layout.addWidget(label)
        layout.addStretch(1)
        self.setAccessibleName(f"{sentence} {next_step}".strip())


class TroubleView(SaidView):
    """Why it did not go well, and what helps."""

    def __init__(self, sentence: str, next_step: str, theme: Theme) -> None:
        super().__init__(sentence, next_step, theme, "error")

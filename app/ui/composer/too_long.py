"""Why what is written cannot be sent, with what helps: it is longer than the context window."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.translation import tr
from app.ui.announcement import announce
from app.ui.plain_label import PlainLabel
from app.ui.text_button import TextButton
from app.ui.theme import TextRole, Theme


class TooLongLine(QWidget):
    """A sentence and a way to the settings. Hidden while nothing is too long."""

    settings_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(None)
        self._label = PlainLabel("", theme, TextRole.SMALL, "hay")
        self._label.setObjectName("too_long_label")
        self._label.setWordWrap(True)
        self._settings = TextButton(tr("Settings"), "plain")
        self._settings.setObjectName("too_long_settings_button")
        self._settings.setAccessibleName(tr("Open the settings"))
        self._settings.clicked.connect(self.settings_requested)
        self._text: str | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._label, 1)
        row.addWidget(self._settings, 0, Qt.AlignmentFlag.AlignVCenter)
        self.hide()

    @property
    def words(self) -> str:
        """The sentence; "" while nothing is too long."""
        return "" if self.isHidden() else self._label.text()

    def say(self, sentence: str, text: str) -> None:
        """Show why `text` is too long."""
        is_new = self.words != sentence
        self._text = text
        self._label.setText(sentence)
        self.show()
        if is_new:
            self.repeat()

    def repeat(self) -> None:
        """Let it be heard again."""
        announce(self._label, self._label.text())

    def is_about(self, text: str) -> bool:
        """Whether `text` is known to be too long: it is what was counted, or that with more behind it."""
        return self._text is not None and text.startswith(self._text)

    def clear(self) -> None:
        """Put it away: nothing is known to be too long."""
        self._text = None
        self.hide()

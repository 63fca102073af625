"""What stands in place of the list when there is nothing to list."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.translation import tr
from app.ui.model_manager.detail_parts import wrapped
from app.ui.plain_label import PlainLabel
from app.ui.text_button import TextButton
from app.ui.theme import TextRole, Theme

_WIDTH = 460


class MyModelsEmpty(QWidget):
    """One sentence and one action: look for models elsewhere, or show all of those that are here."""

    discover_requested = Signal()
    clear_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._title = PlainLabel("", theme, TextRole.HEADING_3)
        self._sentence = wrapped("", theme, "text_2")
        self._discover = TextButton(tr("Discover models"), "primary")
        self._clear = TextButton(tr("Show all"))
        self._title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sentence.setFixedWidth(_WIDTH)
        self._discover.clicked.connect(self.discover_requested)
        self._clear.clicked.connect(self.clear_requested)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addStretch(2)
        for part in (self._title, self._sentence, self._discover, self._clear):
            layout.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)

    def show_no_models(self) -> None:
        """Say that no model is here."""
        self._title.setText(tr("No model is here yet"))
        self._sentence.setText(
            tr("Get one from the hand-picked list, use what other applications have here already, or add a file.")
        )
        self._discover.show()
        self._clear.hide()

    def show_none_found(self, words: str) -> None:
        """Say that the filter leaves nothing."""
        self._title.setText(tr("No model holds “{words}”", words=words))
        self._sentence.setText(tr("Names, licences, quantizations and places are looked through."))
        self._discover.hide()
        self._clear.show()

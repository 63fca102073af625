"""The licence of a model, among its details."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.translation import tr
from app.ui.model_manager.detail_parts import row_of, say, wrapped
from app.ui.model_manager.my_models_shown import LicenceShown
from app.ui.text_button import TextButton
from app.ui.theme import Theme


class ModelLicence(QWidget):
    """Its name, whether it is open source, what it means in a few sentences, and the way to its text."""

    text_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._name = wrapped("", theme)
        self._open_source = wrapped("", theme, "text_2")
        self._summary = wrapped("", theme, "text_2")
        self._read = TextButton("")
        self._read.setObjectName("licence_button")
        self._read.clicked.connect(self.text_requested)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for part in (self._name, self._open_source, self._summary):
            layout.addWidget(part)
        buttons = row_of(self._read)
        buttons.setContentsMargins(0, 4, 0, 0)
        layout.addLayout(buttons)

    def show_licence(self, licence: LicenceShown) -> None:
        """Show another one."""
        self._name.setText(licence.name)
        say(self._open_source, licence.open_source)
        say(self._summary, licence.summary)
        self._read.setVisible(bool(licence.text or licence.page))
        self._read.setText(tr("Read the licence") if licence.text else tr("Read it on its page"))

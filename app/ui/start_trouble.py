"""Says why Paddock cannot begin, where there is no window yet to say it in."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from app.errors import PaddockError
from app.translation import tr


def show_start_trouble(error: PaddockError) -> None:
    """Show the sentence and the next step until they are closed."""
    box = QMessageBox(QMessageBox.Icon.Warning, "Paddock", tr(error.message, **error.values))
    box.setTextFormat(Qt.TextFormat.PlainText)  # a path must not be read as rich text
    if error.next_step:
        box.setInformativeText(tr(error.next_step, **error.values))
    if error.details:
        box.setDetailedText(error.details)
    box.exec()

"""Says why Paddock cannot begin, where there is no window yet to say it in."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QMessageBox

from app.errors import PaddockError
from app.translation import told_apart
from app.ui.theme import Theme


def show_start_trouble(error: PaddockError, app: QApplication) -> None:
    """Show the sentence and the next step until they are closed, in the desktop's colours: no settings are read yet."""
    theme = Theme("system")
    theme.apply(app)
    sentence, next_step = told_apart(error)
    box = QMessageBox(QMessageBox.Icon.NoIcon, "Paddock", sentence)
    box.setIconPixmap(app.windowIcon().pixmap(48))
    box.setTextFormat(Qt.TextFormat.PlainText)  # a path must not be read as rich text
    box.setInformativeText(next_step)
    if error.details:
        box.setDetailedText(error.details)
    box.addButton(QMessageBox.StandardButton.Close).setIcon(QIcon())
    box.exec()

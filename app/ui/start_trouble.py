"""Says why Paddock cannot begin, where there is no window yet to say it in."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QMessageBox

from app.errors import PaddockError
from app.translation import tr
from app.ui.theme import Theme


def show_start_trouble(error: PaddockError, app: QApplication) -> None:
    """Show the sentence and the next step until they are closed, in the desktop's colours: no settings are read yet."""
    theme = Theme("system")
    theme.apply(app)
    box = QMessageBox(QMessageBox.Icon.NoIcon, "Paddock", tr(error.message, **error.values))
    box.setIconPixmap(app.windowIcon().pixmap(48))
    box.setTextFormat(Qt.TextFormat.PlainText)  # a path must not be read as rich text
    if error.next_step:
        box.setInformativeText(tr(error.next_step, **error.values))
    if error.details:
        box.setDetailedText(error.details)
    box.addButton(QMessageBox.StandardButton.Close).setIcon(QIcon())
    box.exec()

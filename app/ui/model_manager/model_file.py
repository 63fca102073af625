"""The file of a model, among its details: where it lies, whose it is, and whether it is what it should be."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.translation import tr
from app.ui.model_manager.detail_parts import row_of, say, wrapped
from app.ui.model_manager.file_check import FileCheck
from app.ui.text_button import TextButton
from app.ui.theme import Theme

_MAY_BREAK = "\u200b"


class ModelFile(QWidget):
    """Where the file is gone, only its path can still be had."""

    reveal_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._path = wrapped("", theme, "text_2")
        self._owner = wrapped("", theme, "text_2")
        self._reveal = TextButton(tr("Show in folder"))
        self._reveal.setObjectName("reveal_button")
        self._reveal.clicked.connect(self.reveal_requested)
        self._copy = TextButton(tr("Copy the path"), "plain")
        self._copy.setObjectName("copy_path_button")
        self._copy.clicked.connect(self._copy_path)
        self.check = FileCheck(theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._path)
        layout.addWidget(self._owner)
        layout.addLayout(row_of(self._reveal, self._copy))
        layout.addWidget(self.check)

    def show_file(self, path: str, owner: str, *, is_there: bool) -> None:
        """Show another one."""
        self._path.setText(_breakable(path))
        self._path.setAccessibleName(path)
        say(self._owner, owner)
        self._reveal.setEnabled(is_there)
        self.check.set_possible(possible=is_there)

    def _copy_path(self) -> None:
        QGuiApplication.clipboard().setText(self._path.accessibleName())


def _breakable(path: str) -> str:
    """Let lines break at separators and in long names: a path has no spaces to break at."""
    for mark in ("/", "\\", "-", "_", "."):
        path = path.replace(mark, f"{mark}{_MAY_BREAK}")
    return path

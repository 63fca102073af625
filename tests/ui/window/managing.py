"""What a user does with the models that are here, and sees."""

from __future__ import annotations

import hashlib
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.models.installed import InstalledModel
from app.ui.model_manager.model_details import ModelDetailsPanel
from app.ui.model_manager.my_models_row import MyModelRow
from app.ui.model_manager.tab import Tab
from tests.gguf_files import TinyModel
from tests.ui.window.use import Use


class Managing:
    """The page "My models" of an open window."""

    def __init__(self, use: Use) -> None:
        self.use = use
        self.library = use.desktop.parts.models
        use.window.resize(1400, 860)  # so that the details stand beside the list

    def open(self) -> None:
        """Open the page, and wait for its rows."""
        self.use.desktop.model_manager.open(tab=Tab.MY_MODELS)
        self.use.until(lambda: len(self.rows()) == len(self.library.models()))

    def rows(self) -> list[MyModelRow]:
        """The rows that can be seen."""
        return [row for row in self.use.window.findChildren(MyModelRow) if row.isVisible()]

    def row(self, name: str) -> MyModelRow:
        """The row of a model, once it is there."""
        self.use.until(lambda: any(row.model.name == name for row in self.rows()))
        return next(row for row in self.rows() if row.model.name == name)

    def show(self, name: str) -> ModelDetailsPanel:
        """Open the details of a model, from the keyboard."""
        self.row(name).setFocus()
        self.key(Qt.Key.Key_Return)
        self.use.until(lambda: self.details.isVisible() and self.details.model_id == self.row(name).model.id)
        return self.details

    @property
    def details(self) -> ModelDetailsPanel:
        """The panel of details, seen or not."""
        panel = self.use.find("model_details")
        assert isinstance(panel, ModelDetailsPanel)
        return panel

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key where the keyboard is."""
        focused = QApplication.focusWidget()
        assert focused is not None, "nothing has the keyboard"
        QTest.keyClick(focused, key, modifiers)

    def said(self) -> str:
        """The notice on the page; "" when there is none."""
        notice = self.use.desktop.model_manager.frame.notice
        return notice.accessibleName() if notice.isVisible() else ""

    def words(self, name: str) -> str:
        """What a widget of this name says to a screen reader."""
        return self.use.find(name).accessibleName()

    def is_seen(self, name: str) -> bool:
        """Whether a widget of this name can be seen."""
        return any(widget.isVisible() for widget in self.use.window.findChildren(QWidget, name))

    def model(self, path: Path) -> InstalledModel:
        """What the library knows of a file."""
        return next(model for model in self.library.models() if model.path == path)


def add(managing: Managing, path: Path, *, downloaded: bool = False) -> Path:
    """Write a model, and take it into the list."""
    path.parent.mkdir(parents=True, exist_ok=True)
    TinyModel().write(path)
    if downloaded:
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        managing.library.add_downloaded(path, repository="tiny/tiny", licence="mit", sha256=sha256)
    else:
        managing.library.add(path)
    return path

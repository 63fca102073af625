"""Chat templates that the user gives to models, from the list of models."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from app.errors import PaddockError
from app.translation import tr
from app.ui.presenters.desk import Desk
from app.ui.presenters.models import ModelPresenter


class TemplatePresenter(QObject):
    """Asks for a template's file, has it tried in the background, and has the model use it."""

    def __init__(self, desk: Desk, models: ModelPresenter) -> None:
        """Wait for somebody to ask."""
        super().__init__(desk.window)
        self._desk = desk
        self._models = models
        self._library = desk.parts.models
        desk.window.composer.template_file_requested.connect(self._ask_for_file)
        desk.window.composer.own_template_requested.connect(self._use_own)

    def _ask_for_file(self, model_id: str) -> None:
        files = " ".join((tr("Chat templates"), "(*.jinja *.jinja2 *.j2 *.txt *.json)"))
        path, _filter = QFileDialog.getOpenFileName(
            self._desk.window, tr("Use a chat template"), str(Path.home()), files
        )
        if path:
            self._desk.background.run(
                lambda: self._take(model_id, Path(path)),
                lambda _none: self._models.template_changed(model_id),
                self._desk.notices.show,
            )

    def _take(self, model_id: str, path: Path) -> None:
        from app.chat.template_file import read_template  # noqa: PLC0415 - the first window need not wait for jinja2

        self._library.choose_template(model_id, read_template(path))

    def _use_own(self, model_id: str) -> None:
        try:
            self._library.use_own_template(model_id)
        except PaddockError as error:
            self._desk.notices.show(error)
            return
        self._models.template_changed(model_id)

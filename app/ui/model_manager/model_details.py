"""Everything about one model: its facts, its licence, its file, and what can be done with it."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.icon_button import IconButton
from app.ui.icons import Icons
from app.ui.model_manager.detail_parts import FactRows, Section, row_of, say, scrolled, wrapped
from app.ui.model_manager.fit_gauge import FitGauge
from app.ui.model_manager.model_file import ModelFile
from app.ui.model_manager.model_licence import ModelLicence
from app.ui.model_manager.model_note import ModelNote
from app.ui.model_manager.my_models_shown import ModelDetails
from app.ui.shortcuts import show_keys
from app.ui.text_button import TextButton
from app.ui.theme import Theme
from app.ui.title_field import TitleField

WIDTH: Final = 380
_SIDE: Final = 20
_WIDEST: Final = 720


class ModelDetailsPanel(QWidget):
    """Shows one model at a time. Each signal but `closed` tells of which model by its id."""

    closed = Signal()
    renamed = Signal(str, str)
    favourite_wished = Signal(str, bool)
    use_requested = Signal(str)
    convert_requested = Signal(str)
    licence_text_requested = Signal(str)
    reveal_requested = Signal(str)
    accept_requested = Signal(str)
    check_requested = Signal(str)
    stop_check_requested = Signal(str)
    remove_requested = Signal(str)
    delete_requested = Signal(str)

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._details: ModelDetails | None = None
        self._title = TitleField(theme)
        self._star = IconButton("star", tr("Make it a favourite"), theme, icons, size=28, icon_size=15)
        self._close = IconButton("x", tr("Close the details"), theme, icons, key=tr("Esc"), size=28, icon_size=15)
        self._trouble = wrapped("", theme, "hay")
        self._accept = TextButton(tr("Use the file as it is now"))
        self._use = TextButton(tr("Use this model"), "primary")
        self._convert = TextButton(tr("Convert…"))
        self._facts = FactRows(theme)
        self._fit = FitGauge(theme, icons)
        self._memory = wrapped("", theme, "text_2")
        self._here = Section(tr("On this laptop"), (self._fit, self._memory), theme)
        self._licence = ModelLicence(theme)
        self.file = ModelFile(theme)
        self.note = ModelNote(theme)
        self._remove = TextButton(tr("Remove from the list"), "plain")
        self._delete = TextButton(tr("Delete…"), "plain")
        self._name_parts()
        self._lay_out()
        self._connect()

    @property
    def model_id(self) -> str:
        """The model that is shown; "" before the first."""
        return self._details.model.id if self._details else ""

    def show_details(self, details: ModelDetails) -> None:
        """Show what is known of a model now."""
        self._details, model = details, details.model
        self.setAccessibleName(tr("Details of {model}", model=model.name))
        self._title.set_title(model.name)
        self._star.set_drawing("star-filled" if model.is_favourite else "star")
        self._star.setCheckable(model.is_favourite)
        self._star.setChecked(model.is_favourite)
        self._star.set_name(tr("No longer a favourite") if model.is_favourite else tr("Make it a favourite"))
        say(self._trouble, details.trouble)
        self._accept.setVisible(details.can_be_accepted)
        self._use.setText(tr("In use") if model.is_in_use else tr("Use this model"))
        self._use.setEnabled(model.can_be_used and not model.is_in_use)
        self._convert.setEnabled(model.can_be_used)
        self._facts.show_facts(details.facts)
        self._fit.show_fit(details.fit)
        self._fit.setVisible(details.fit is not None)
        say(self._memory, details.memory)
        self._here.setVisible(details.fit is not None or bool(details.memory))
        self._licence.show_licence(details.licence)
        self.file.show_file(details.path, details.owner, is_there=model.can_be_used)
        self.note.show_note(model.id, details.note)
        self._remove.setVisible(model.can_go)
        self._delete.setVisible(model.can_go)

    def edit_name(self) -> None:
        """Let the user give the model another name."""
        self._title.edit_title()

    def focus_first(self, reason: Qt.FocusReason) -> None:
        """Put the keyboard on what one most likely wants here."""
        (self._use if self._use.isEnabled() else self._close).setFocus(reason)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("window"))
        right_to_left = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        painter.fillRect(self.width() - 1 if right_to_left else 0, 0, 1, self.height(), self._theme.color("border"))
        painter.end()

    def _connect(self) -> None:
        for asked, signal in (
            (self._use.clicked, self.use_requested),
            (self._convert.clicked, self.convert_requested),
            (self._accept.clicked, self.accept_requested),
            (self._remove.clicked, self.remove_requested),
            (self._delete.clicked, self.delete_requested),
            (self._licence.text_requested, self.licence_text_requested),
            (self.file.reveal_requested, self.reveal_requested),
            (self.file.check.requested, self.check_requested),
            (self.file.check.stop_requested, self.stop_check_requested),
        ):
            asked.connect(partial(self._tell, signal))
        self._close.clicked.connect(self.closed)
        self._star.clicked.connect(self._wish_favourite)
        self._title.renamed.connect(self._tell_name)
        self._theme.changed.connect(self.update)

    def _tell(self, signal: SignalInstance) -> None:
        signal.emit(self.model_id)

    def _tell_name(self, name: str) -> None:
        self.renamed.emit(self.model_id, name)

    def _wish_favourite(self) -> None:
        if self._details is not None:
            self.favourite_wished.emit(self.model_id, not self._details.model.is_favourite)

    def _name_parts(self) -> None:
        self.setObjectName("model_details")
        self._title.setAccessibleName(tr("Name of the model"))
        self._title.setToolTip(tr("Click to give it another name   {key}", key=show_keys("F2")))
        self._convert.setToolTip(tr("Make a smaller, or a faster, file of this model"))
        for part, name in (
            (self._use, "use_button"),
            (self._convert, "convert_button"),
            (self._accept, "accept_button"),
            (self._remove, "remove_button"),
            (self._delete, "delete_button"),
        ):
            part.setObjectName(name)

    def _lay_out(self) -> None:
        inside = QWidget()
        inside.setMaximumWidth(_WIDEST)
        column = QVBoxLayout(inside)
        column.setContentsMargins(_SIDE, 4, _SIDE, 20)
        column.setSpacing(18)
        column.addWidget(self._trouble)
        column.addLayout(row_of(self._accept))
        column.addLayout(row_of(self._use, self._convert))
        column.addWidget(Section(tr("What it is"), (self._facts,), self._theme))
        column.addWidget(self._here)
        for heading, parts in (
            (tr("Licence"), (self._licence,)),
            (tr("File"), (self.file,)),
            (tr("Your note"), (self.note,)),
        ):
            column.addWidget(Section(heading, parts, self._theme))
        column.addLayout(row_of(self._remove, self._delete))
        column.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._head())
        layout.addWidget(scrolled(inside), 1)

    def _head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setContentsMargins(_SIDE - 8, 12, _SIDE - 8, 6)
        head.setSpacing(2)
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self._star)
        head.addWidget(self._close)
        return head

"""The files of a repository: one to take, all of them by quantization, and the question how large the context is."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.translation import tr
from app.ui.icons import Icons
from app.ui.model_manager.catalogue_card import RecommendedCard
from app.ui.model_manager.discover_list import ModelList
from app.ui.model_manager.discover_shown import Recommendation
from app.ui.model_manager.licence_step_tick import TickBox
from app.ui.model_manager.repository_page_shown import FilesShown
from app.ui.plain_label import PlainLabel
from app.ui.settings.choice_editor import ChoiceBox
from app.ui.theme import TextRole, Theme


class RepositoryFiles(QWidget):
    """Nothing is seen of it before there are files."""

    get_requested = Signal(str)
    """The file whose first part has this path is wanted."""
    context_chosen = Signal(int)
    """The fit for a context window of so many tokens is asked for; 0 for the usual."""
    reached = Signal(QWidget)
    """An arrow key came to something that should be seen."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self.card = RecommendedCard(theme, icons)
        self.card.files_button.hide()
        self.contexts = ChoiceBox(theme, icons)
        self.list = ModelList(self.contexts, theme, icons)
        self.contexts.setObjectName("context_box")
        self.contexts.setAccessibleName(tr("Context window to reckon with"))
        self._context_label = PlainLabel(tr("Context window"), theme, TextRole.INTERFACE, "text_2")
        self._heading = PlainLabel(tr("Files"), theme, TextRole.INTERFACE_STRONG, "text_2")
        self._note = PlainLabel("", theme, TextRole.SMALL, "text_3")
        self._left_out = PlainLabel("", theme, TextRole.SMALL, "text_2")
        self.projector = TickBox("", theme, icons)
        self.projector.setObjectName("projector_box")
        self.projector.setChecked(True)
        self._lay_out()
        self.card.get_requested.connect(self.get_requested)
        self.list.get_requested.connect(self.get_requested)
        self.list.opened.connect(self.get_requested)
        self.list.reached.connect(self.reached)
        self.list.left_upwards.connect(self._focus_above)
        for above in (self.card.get_button, self.projector):  # and not into the box, which arrow keys change
            self.list.lead_here(above)
        self.contexts.activated.connect(self._choose_context)
        self.hide()

    @property
    def wants_projector(self) -> bool:
        """Whether the file with which the model reads pictures is wanted, too."""
        return not self.projector.isHidden() and self.projector.isChecked()

    @property
    def left_out(self) -> str:
        """What is said of files that are not offered."""
        return self._left_out.text()

    def show_files(self, shown: FilesShown) -> None:
        """Show these."""
        recommended = shown.recommended
        card = Recommendation(recommended, shown.reason, is_best=shown.is_best) if recommended else None
        self.card.show_recommendation(card)
        self.list.show_models(shown.files)
        for label, words in ((self._note, shown.note), (self._left_out, shown.left_out)):
            label.setText(words)
            label.setVisible(bool(words))
        self._show_contexts(shown)
        self.projector.say(shown.projector)
        self.projector.setVisible(bool(shown.projector))
        self._heading.setVisible(bool(shown.files))
        self.show()

    def _focus_above(self) -> None:
        above = next((each for each in (self.projector, self.card.get_button) if each.isVisible()), None)
        if above is not None:
            above.setFocus(Qt.FocusReason.BacktabFocusReason)
            self.reached.emit(above)

    def _choose_context(self, at: int) -> None:
        self.context_chosen.emit(self.contexts.itemData(at))

    def _show_contexts(self, shown: FilesShown) -> None:
        self.contexts.clear()
        for n_ctx, label in shown.contexts:
            self.contexts.addItem(label, n_ctx)
        self.contexts.setCurrentIndex(max(0, self.contexts.findData(shown.n_ctx)))
        for part in (self.contexts, self._context_label):
            part.setVisible(bool(shown.contexts))
        self.contexts.updateGeometry()

    def _lay_out(self) -> None:
        for label in (self._note, self._left_out):
            label.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._heading)
        words.addWidget(self._note)
        head = QHBoxLayout()
        head.setContentsMargins(16, 6, 0, 0)
        head.setSpacing(10)
        head.addLayout(words, 1)
        head.addWidget(self._context_label, 0, Qt.AlignmentFlag.AlignBottom)
        head.addWidget(self.contexts, 0, Qt.AlignmentFlag.AlignBottom)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(self.card)
        layout.addWidget(self.projector)
        layout.addLayout(head)
        layout.addWidget(self.list)
        layout.addWidget(self._left_out)

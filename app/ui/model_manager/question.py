"""A question whose answer cannot be taken back by a click: what happens, and a button for each answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.translation import tr
from app.ui.model_manager.detail_parts import keep_height, wrapped
from app.ui.model_manager.sheet import Sheet
from app.ui.plain_label import PlainLabel
from app.ui.text_button import TextButton
from app.ui.theme import TextRole, Theme

WIDTH: Final = 540


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing to do: what its button says and is called, and what happens then."""

    label: str
    name: str
    act: Callable[[], None]
    kind: str = ""


class Question(QWidget):
    """A title and sentences; the way out has the keyboard first."""

    answered = Signal()

    def __init__(self, title: str, sentences: Sequence[str], answers: Sequence[Answer], theme: Theme) -> None:
        super().__init__()
        self.setObjectName("question")
        self.setAccessibleName(" ".join((title, *sentences)))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 24, 28, 22)
        layout.setSpacing(8)
        heading = PlainLabel(title, theme, TextRole.DIALOG_TITLE)
        heading.setWordWrap(True)
        layout.addWidget(heading)
        for sentence in sentences:
            layout.addWidget(wrapped(sentence, theme, "text_2"))
        layout.addSpacing(10)
        layout.addStretch(1)
        layout.addLayout(self._buttons(answers))

    def _buttons(self, answers: Sequence[Answer]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        cancel = TextButton(tr("Cancel"))
        cancel.setObjectName("cancel_button")
        keep_height(cancel)
        cancel.clicked.connect(self.answered)
        self.setFocusProxy(cancel)
        row.addWidget(cancel)
        for answer in answers:
            button = TextButton(answer.label, answer.kind)
            button.setObjectName(answer.name)
            keep_height(button)
            button.clicked.connect(self.answered)
            button.clicked.connect(answer.act)
            row.addWidget(button)
        return row


def ask(question: Question, window: QWidget, theme: Theme) -> Sheet:
    """Lay `question` over `window`; any answer puts it away."""
    sheet = Sheet(question, WIDTH, theme)
    question.answered.connect(sheet.dismiss)
    sheet.open_over(window)
    return sheet

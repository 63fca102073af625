"""A quiet card above the composer: something could be better here, and a word is enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout

from app.ui.icons import Icons
from app.ui.message_tile import MessageTile, TileLook
from app.ui.text_button import TextButton
from app.ui.theme import Theme

_LOOK: Final = TileLook(ground="raised", edge="border", tone="ok", padding=16, gap=12, between=3)


@dataclass(frozen=True, slots=True)
class CardWords:
    """What the card says, what its two answers are called, and whether the first one is advised."""

    title: str
    sentence: str
    yes: str
    no: str
    advises_yes: bool = True


class WorkshopCard(MessageTile):
    """Hidden until it has something to say. Closed without an answer it comes again with the next start."""

    yes = Signal()
    no = Signal()

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__(_LOOK, "sprout", theme, icons)
        self.yes_button = TextButton("", "primary")
        self.no_button = TextButton("")
        self.yes_button.setObjectName("workshop_yes_button")
        self.no_button.setObjectName("workshop_no_button")
        self._put_answers_below()
        self._lay_out()
        for button, answer in ((self.yes_button, self.yes), (self.no_button, self.no)):
            button.clicked.connect(self.hide)
            button.clicked.connect(answer)
        self._close.clicked.connect(self.hide)
        self.setObjectName("workshop_card")

    def show_words(self, words: CardWords) -> None:
        """Say this, in place of what was said before."""
        for button, text, is_advised in (
            (self.yes_button, words.yes, words.advises_yes),
            (self.no_button, words.no, not words.advises_yes),
        ):
            button.setText(text)
            button.setAccessibleName(text)
            button.setProperty("kind", "primary" if is_advised else "")
            button.style().polish(button)
            button.setFixedHeight(32)
        self._say(words.title, words.sentence)

    def _put_answers_below(self) -> None:
        answers = QHBoxLayout()
        answers.setSpacing(8)
        answers.setContentsMargins(0, 9, 0, 0)
        answers.addWidget(self.yes_button)
        answers.addWidget(self.no_button)
        answers.addStretch(1)
        self._words.addLayout(answers)

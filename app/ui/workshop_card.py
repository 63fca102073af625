"""A quiet card above the composer: something could be better here, and a word is enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.announcement import announce
from app.ui.icon_button import IconButton
from app.ui.icons import Icons
from app.ui.mirroring import mirrored
from app.ui.plain_label import PlainLabel
from app.ui.text_button import TextButton
from app.ui.theme import TextRole, Theme

_RADIUS: Final = 12
_ICON: Final = 18
_WIDEST: Final = 744
_SIDE: Final = 20
_ABOVE: Final = 8


@dataclass(frozen=True, slots=True)
class CardWords:
    """What the card says, and what its two answers are called."""

    title: str
    sentence: str
    yes: str
    no: str


class WorkshopCard(QWidget):
    """Hidden until it has something to say. Closed without an answer it comes again with the next start."""

    yes = Signal()
    no = Signal()

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._icons = icons
        self._title = PlainLabel("", theme, TextRole.INTERFACE_STRONG)
        self._sentence = PlainLabel("", theme, TextRole.INTERFACE, "text_2")
        self.yes_button = TextButton("", "primary")
        self.no_button = TextButton("")
        self.yes_button.setObjectName("workshop_yes_button")
        self.no_button.setObjectName("workshop_no_button")
        self._close = IconButton("x", tr("Close"), theme, icons, size=28, icon_size=14)
        self._columns = QHBoxLayout(self)
        self._lay_out()
        for button, answer in ((self.yes_button, self.yes), (self.no_button, self.no)):
            button.clicked.connect(self.hide)
            button.clicked.connect(answer)
        self._close.clicked.connect(self.hide)
        self.setObjectName("workshop_card")
        self.hide()
        theme.changed.connect(self.update)

    def show_words(self, words: CardWords) -> None:
        """Say this, in place of what was said before."""
        self._title.setText(words.title)
        self._sentence.setText(words.sentence)
        for button, text in ((self.yes_button, words.yes), (self.no_button, words.no)):
            button.setText(text)
            button.setAccessibleName(text)
            button.setFixedHeight(32)
        said = f"{words.title} {words.sentence}"
        self.setAccessibleName(said)
        self.show()
        announce(self, said)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tile = self._tile()
        painter.setPen(QPen(self._theme.color("border"), 1))
        painter.setBrush(self._theme.color("raised"))
        painter.drawRoundedRect(QRectF(tile).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        icon = self._icons.pixmap("sprout", self._theme.color("ok"), _ICON, self.devicePixelRatioF())
        place = mirrored(self, QRect(tile.left() + 16, tile.top() + 15, _ICON, _ICON))
        painter.drawPixmap(place.topLeft(), icon)
        painter.end()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._keep_in_column()

    def _tile(self) -> QRect:
        """As wide as the composer, in the middle."""
        width = min(_WIDEST, self.width() - 2 * _SIDE)
        return QRect((self.width() - width) // 2, _ABOVE, width, self.height() - _ABOVE)

    def _keep_in_column(self) -> None:
        tile = self._tile()
        left, right = tile.left(), self.width() - tile.right() - 1
        self._columns.setContentsMargins(left + 16 + _ICON + 12, 14 + _ABOVE, right + 10, 14)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(3)
        for label in (self._title, self._sentence):
            label.setWordWrap(True)
            words.addWidget(label)
        answers = QHBoxLayout()
        answers.setSpacing(8)
        answers.setContentsMargins(0, 9, 0, 0)
        answers.addWidget(self.yes_button)
        answers.addWidget(self.no_button)
        answers.addStretch(1)
        words.addLayout(answers)
        self._columns.addLayout(words, 1)
        self._columns.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self._keep_in_column()

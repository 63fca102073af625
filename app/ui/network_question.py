"""The question whether Paddock may connect, over everything else, until it is answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from app.network.gate import Answer
from app.network.purpose import Purpose, PurposeKind
from app.translation import tr, trn
from app.ui.focus_ring import SHOWS_OWN_FOCUS
from app.ui.icons import Icons
from app.ui.mirroring import mirrored
from app.ui.overlay import Overlay
from app.ui.plain_label import PlainLabel
from app.ui.shadow import BLUR, paint_card
from app.ui.text_button import TextButton
from app.ui.theme import POPOVER_MS, TextRole, Theme

_WIDTH: Final = 520
_PADDING: Final = 28
_TILE: Final = 44
_ICON: Final = 22
_MARGIN: Final = 16
_RISE: Final = 6
_SENT: Final = {
    PurposeKind.SEARCH: "It would send these words, your IP address, that Paddock is asking, "
    "and your access token if you keep one.",
    PurposeKind.DETAILS: "It would send this name, your IP address, that Paddock is asking, "
    "and your access token if you keep one.",
    PurposeKind.DOWNLOAD: "It would send this name, your IP address, that Paddock is asking, "
    "and your access token if you keep one. Only this is fetched.",
    PurposeKind.TOKEN_TEST: "It would send your access token, your IP address, and that Paddock is asking.",
}
"""Message ids: what leaves the laptop for the hub."""
_SENT_ELSEWHERE: Final = (
    "The hub delivers this file from there. It would send the file's address, your IP address, and that Paddock is "
    "asking; your access token is not sent there."
)
"""A message id: what a host gets to which the hub leads on."""


@dataclass(frozen=True, slots=True)
class AskedToConnect:
    """What the user is asked about: `is_hub` if `host` is the hub itself; `others` are the questions behind it."""

    purpose: Purpose
    host: str
    is_hub: bool = True
    others: int = 0


class NetworkQuestion(Overlay):
    """Asks about one purpose and one host. Escape is a no; a click beside it is nothing: it was meant for the page."""

    answered = Signal(object)
    """An `Answer`, once."""

    def __init__(self, asked: AskedToConnect, theme: Theme, icons: Icons) -> None:
        self._card = _QuestionCard(asked, theme, icons)
        super().__init__(self._card, theme, POPOVER_MS)
        self._answer = Answer.NO
        self._theme = theme
        self.setObjectName("network_question")
        self._card.answered.connect(self._take)
        self.dismissed.connect(lambda: self.answered.emit(self._answer))

    @override
    def content_geometry(self) -> QRect:
        room = QSize(self.width() - 2 * _MARGIN + 2 * BLUR, self.height() - 2 * _MARGIN + 2 * BLUR)
        size = self._card.sized_for(min(_WIDTH + 2 * BLUR, room.width())).boundedTo(room)
        place = QRect(QPoint(0, 0), size)
        place.moveCenter(QPoint(self.width() // 2, round(self.height() * 0.45)))
        return place

    @override
    def opening_shift(self) -> QPoint:
        return QPoint(0, _RISE)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("scrim"))
        painter.end()

    def _take(self, answer: Answer) -> None:
        self._answer = answer
        self.dismiss()


class _QuestionCard(QWidget):
    """What is asked, what would be sent, and the three answers.

    The keyboard begins on the card and not on a button: whoever is typing when the question comes agrees to nothing.
    """

    answered = Signal(object)

    def __init__(self, asked: AskedToConnect, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._icons = icons
        purpose = asked.purpose
        title = PlainLabel(tr("Connect to {host}?", host=asked.host), theme, TextRole.DIALOG_TITLE)
        wish = PlainLabel(purpose.sentence, theme, TextRole.READING)
        nothing = PlainLabel(_nothing_words(asked.others), theme, TextRole.INTERFACE, "text_2")
        sent = PlainLabel(_sent_words(asked), theme, TextRole.INTERFACE, "text_2")
        words = [title, wish, nothing, sent]
        self._labels = words
        self.buttons = {
            Answer.NO: TextButton(tr("No")),
            Answer.ALWAYS: TextButton(_always_words(purpose.kind)),
            Answer.ONCE: TextButton(tr("Connect for now"), "primary"),
        }
        self.buttons[Answer.ONCE].setToolTip(tr("Until Paddock is closed"))
        self.buttons[Answer.ALWAYS].setToolTip(tr("You can take this back in the settings, under Network"))
        self.buttons[Answer.NO].setToolTip(f"{tr('Nothing is sent')}   {tr('Esc')}")
        self.setObjectName("network_question_card")
        self.setAccessibleName(f"{title.text()} {purpose.sentence}")
        self.setAccessibleDescription(f"{nothing.text()} {sent.text()}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty(SHOWS_OWN_FOCUS, True)
        self._lay_out()
        for answer, button in self.buttons.items():
            button.setObjectName(f"answer_{answer}_button")
            button.clicked.connect(lambda _=False, answer=answer: self.answered.emit(answer))

    def sized_for(self, width: int) -> QSize:
        """How large it is when it may be so wide; wider where its buttons need it."""
        layout = self.layout()
        width = max(width, self.minimumSizeHint().width())
        height = layout.heightForWidth(width) if layout is not None else -1
        return QSize(width, max(height, self.sizeHint().height() if height < 0 else height))

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.answered.emit(Answer.NO)
        event.accept()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        card = self.rect().adjusted(BLUR, BLUR, -BLUR, -BLUR)
        paint_card(painter, card, self._theme)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("accent_soft"))
        tile = mirrored(self, QRect(card.left() + _PADDING, card.top() + _PADDING, _TILE, _TILE))
        painter.drawRoundedRect(tile, 10, 10)
        globe = self._icons.pixmap("globe", self._theme.color("accent"), _ICON, self.devicePixelRatioF())
        painter.drawPixmap(tile.center() - QPoint(_ICON // 2 - 1, _ICON // 2 - 1), globe)
        painter.end()

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(6)
        for label in self._labels:
            label.setWordWrap(True)
            words.addWidget(label)
        words.insertSpacing(2, 6)
        ends = QHBoxLayout()
        ends.setSpacing(8)
        ends.addStretch(1)
        for button in self.buttons.values():
            button.setFixedHeight(32)
            button.setMinimumWidth(button.sizeHint().width())  # buttons grow with their words, and are never cut
            ends.addWidget(button)
        layout = QVBoxLayout(self)
        side = BLUR + _PADDING
        layout.setContentsMargins(side, side, side, BLUR + 20)
        layout.setSpacing(24)
        words.setContentsMargins(_TILE + 18, 0, 0, 0)
        layout.addLayout(words)
        layout.addLayout(ends)


def _always_words(kind: PurposeKind) -> str:
    """Say what would be allowed for good."""
    return {
        PurposeKind.SEARCH: tr("Always for searching"),
        PurposeKind.DETAILS: tr("Always for details"),
        PurposeKind.DOWNLOAD: tr("Always for downloads"),
        PurposeKind.TOKEN_TEST: tr("Always for tests of the token"),
    }[kind]


def _sent_words(asked: AskedToConnect) -> str:
    """Say what leaves the laptop: the access token goes to the hub, and to no host that it leads on to."""
    leads_on = asked.purpose.kind in {PurposeKind.DETAILS, PurposeKind.DOWNLOAD} and not asked.is_hub
    return tr(_SENT_ELSEWHERE if leads_on else _SENT[asked.purpose.kind])


def _nothing_words(others: int) -> str:
    """Say that this has not happened, whatever was allowed before; and how many questions wait behind this one."""
    nothing = tr("For this, nothing has been sent there yet.")
    if not others:
        return nothing
    return f"{nothing} {trn('{count} more question waits.', '{count} more questions wait.', others)}"

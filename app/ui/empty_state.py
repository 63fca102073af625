"""What stands where no words are yet."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.icons import Icons
from app.ui.mirroring import mirrored
from app.ui.painted_button import PaintedButton
from app.ui.pasture import Pasture
from app.ui.plain_label import PlainLabel
from app.ui.theme import TextRole, Theme

_RADIUS: Final = 14
_BUTTON_ROOM: Final = 25
_BUTTON_PADDING: Final = 15
_ICON: Final = 16
_LEAST_HEIGHT: Final = 120
_ROOM_FOR_PASTURE: Final = 330
_ROOM_FOR_WORDS: Final = 240
_ROOM_FOR_QUESTION: Final = 150


class EmptyState(QWidget):
    """At the first start: the pasture, what Paddock is, and a question that one click or key sends. Later: less."""

    question_chosen = Signal(str)

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pasture = Pasture(theme)
        self._title = PlainLabel("", theme, TextRole.PAGE_TITLE)
        self._words = PlainLabel("", theme, TextRole.READING, "text_2")
        self._more_words = PlainLabel("", theme, TextRole.READING, "text_2")
        self._question = QuestionButton(theme, icons)
        self._parts: tuple[QWidget, ...] = ()
        self._room_needed = (
            (self._pasture, _ROOM_FOR_PASTURE),
            (self._words, _ROOM_FOR_WORDS),
            (self._more_words, _ROOM_FOR_WORDS),
            (self._question, _ROOM_FOR_QUESTION),
        )
        self._question.clicked.connect(lambda: self.question_chosen.emit(self._question.text()))
        self._lay_out()
        self.show_first_start()

    def show_first_start(self) -> None:
        """Say what Paddock is, and offer a first question. It is sent by the user, never by itself."""
        self._say_what_paddock_is()
        self._question.set_question(tr("What can you help me with when I have no internet?"))
        self._show_parts(self._pasture, self._words, self._more_words, self._question)

    def show_above_words(self) -> None:
        """Stay above the first conversation: what Paddock is, without the question that has been asked."""
        self._say_what_paddock_is()
        self.setMinimumHeight(_ROOM_FOR_PASTURE)
        self._show_parts(self._pasture, self._words, self._more_words)

    def show_new_conversation(self) -> None:
        """Say only that one can begin."""
        self._title.setText(tr("What is on your mind?"))
        self._show_parts()

    def show_no_model(self) -> None:
        """Say that a model must be chosen first."""
        self._title.setText(tr("No model is chosen"))
        self._words.setText(tr("Choose a model to continue. Everything you wrote is kept."))
        self._show_parts(self._words)

    def _say_what_paddock_is(self) -> None:
        self._title.setText(tr("Your words stay inside the fence"))
        self._words.setText(tr("Paddock runs language models on this laptop. No account, no download, no connection."))
        self._more_words.setText(tr("The starter model is small, and already here. Try it."))

    def _show_parts(self, *shown: QWidget) -> None:
        self._parts = shown
        self._fit()

    @override
    def hasHeightForWidth(self) -> bool:
        return False  # the words may be cut in a low window, but never push the composer out of it

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """In a low window the drawing goes first, then the words, then the question; the title stays."""
        for part, room in self._room_needed:
            part.setVisible(part in self._parts and self.height() >= room)

    def _lay_out(self) -> None:
        for label in (self._title, self._words, self._more_words):
            label.setWordWrap(True)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 20)
        layout.setSpacing(0)
        layout.addStretch(2)
        layout.addWidget(self._pasture, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(20)
        layout.addWidget(self._title)
        layout.addSpacing(8)
        layout.addWidget(self._words)
        layout.addSpacing(4)
        layout.addWidget(self._more_words)
        layout.addSpacing(30)
        layout.addWidget(self._question, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        self.setMinimumHeight(_LEAST_HEIGHT)


class QuestionButton(PaintedButton):
    """A question that looks like a message of the user's that was not sent yet."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__(theme)
        self._icons = icons
        self.setObjectName("question_button")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._restyle)
        self._restyle()

    def set_question(self, question: str) -> None:
        """Offer another question."""
        self.setText(question)
        self.setAccessibleName(tr("Ask: {question}", question=question))
        self.setToolTip(tr("Send this question"))
        self.updateGeometry()

    @override
    def sizeHint(self) -> QSize:
        words = QFontMetrics(self.font()).horizontalAdvance(self.text())
        return QSize(words + 2 * _BUTTON_PADDING + 12 + _ICON, self._height())

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(200, self._height())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        ground = "pressed" if self.isDown() else "hover" if self.underMouse() else "user"
        painter.setBrush(self._theme.color(ground))
        painter.drawRoundedRect(QRectF(self.rect()), _RADIUS, _RADIUS)
        painter.setFont(self.font())
        painter.setPen(self._theme.color("text"))
        line = mirrored(self, self.rect().adjusted(_BUTTON_PADDING, 0, -_BUTTON_PADDING - _ICON - 8, 0))
        shown = QFontMetrics(self.font()).elidedText(self.text(), Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        icon = self._icons.pixmap("arrow-up", self._theme.color("accent"), _ICON, self.devicePixelRatioF())
        left = self.width() - _BUTTON_PADDING - _ICON
        painter.drawPixmap(mirrored(self, QRect(left, (self.height() - _ICON) // 2, _ICON, _ICON)).topLeft(), icon)
        painter.end()

    def _height(self) -> int:
        return QFontMetrics(self.font()).height() + _BUTTON_ROOM

    def _restyle(self) -> None:
        self.setFont(self._theme.font(TextRole.WRITING, zoomed=True))
        self.updateGeometry()

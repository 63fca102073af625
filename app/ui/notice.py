"""An error in plain words, on a soft tile near its cause."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from app.errors import Fault, PaddockError
from app.translation import told_apart, tr
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
_SHOWN_MS: Final = 8000


@dataclass(frozen=True, slots=True)
class NoticeAction:
    """What helps, on a button: how it is called, and what it does."""

    label: str
    trigger: Callable[[], None]


_DRAWINGS: Final = {Fault.FILE: "triangle-alert", Fault.MACHINE: "triangle-alert"}


class Notice(QWidget):
    """Hidden until there is something to say. An error stays until it is closed or no longer true; good news goes."""

    closed = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._drawing = "info"
        self._sentence = PlainLabel("", theme, TextRole.INTERFACE_STRONG)
        self._next_step = PlainLabel("", theme, TextRole.INTERFACE, "text_2")
        self._close = IconButton("x", tr("Close"), theme, icons, size=28, icon_size=14)
        self._close.clicked.connect(self.clear)
        self._action: NoticeAction | None = None
        self._button = TextButton("")
        self._button.setObjectName("notice_action_button")
        self._button.clicked.connect(self._act)
        self._other: NoticeAction | None = None
        self._other_button = TextButton("")
        self._other_button.setObjectName("notice_other_button")
        self._other_button.clicked.connect(self._act_otherwise)
        self._clock = QTimer(self, singleShot=True)
        self._clock.timeout.connect(self._go)
        self._columns = QHBoxLayout(self)
        self._lay_out()
        self.setObjectName("notice")
        self.hide()
        theme.changed.connect(self.update)

    def show_error(self, error: PaddockError, action: NoticeAction | None = None) -> None:
        """Say what happened and what to do next, in the user's language; `action` is one way to do it."""
        self._drawing = _DRAWINGS.get(error.fault, "info")
        self._clock.stop()
        self._say(*told_apart(error), action)

    def show_words(self, sentence: str, next_step: str = "") -> None:
        """Confirm something, for 8 s."""
        self._drawing = "info"
        self._clock.start(_SHOWN_MS)
        self._say(sentence, next_step)

    def ask(self, sentence: str, next_step: str, action: NoticeAction, other: NoticeAction) -> None:
        """Offer something that can be taken or left; it stays until one or the other was chosen."""
        self._drawing = "info"
        self._clock.stop()
        self._say(sentence, next_step, action, other)

    def clear(self) -> None:
        """Put it away: it was read, or is no longer true."""
        self._clock.stop()
        if not self.isHidden():
            self.hide()
            self.closed.emit()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("hay_soft"))
        tile = self._tile()
        painter.drawRoundedRect(QRectF(tile), _RADIUS, _RADIUS)
        icon = self._icons.pixmap(self._drawing, self._theme.color("hay"), _ICON, self.devicePixelRatioF())
        place = mirrored(self, QRect(tile.left() + 14, tile.top() + 13, _ICON, _ICON))
        painter.drawPixmap(place.topLeft(), icon)
        painter.end()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._keep_in_column()

    def _say(
        self, sentence: str, next_step: str, action: NoticeAction | None = None, other: NoticeAction | None = None
    ) -> None:
        self._action, self._other = action, other
        for button, named in ((self._button, action), (self._other_button, other)):
            button.setVisible(named is not None)
            button.setText(named.label if named else "")
            button.setAccessibleName(button.text())
        self._close.setVisible(other is None)
        self._sentence.setText(sentence)
        self._next_step.setText(next_step)
        self._next_step.setVisible(bool(next_step))
        words = f"{sentence} {next_step}".strip()
        self.setAccessibleName(words)
        self.show()
        announce(self, words)

    def _act(self) -> None:
        if self._action is not None:
            self._action.trigger()

    def _act_otherwise(self) -> None:
        if self._other is not None:
            self._other.trigger()

    def _go(self) -> None:
        """Wait on while somebody points at it, or is about to close it."""
        if self.underMouse() or self._close.hasFocus():
            self._clock.start(_SHOWN_MS)
        else:
            self.clear()

    def _tile(self) -> QRect:
        """As wide as the composer, in the middle."""
        width = min(_WIDEST, self.width() - 2 * _SIDE)
        return QRect((self.width() - width) // 2, _ABOVE, width, self.height() - _ABOVE)

    def _keep_in_column(self) -> None:
        tile = self._tile()
        left, right = tile.left(), self.width() - tile.right() - 1
        self._columns.setContentsMargins(left + 14 + _ICON + 10, 12 + _ABOVE, right + 8, 12)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        for label in (self._sentence, self._next_step):
            label.setWordWrap(True)
            words.addWidget(label)
        self._columns.addLayout(words, 1)
        self._button.hide()
        self._columns.addWidget(self._button, 0, Qt.AlignmentFlag.AlignTop)
        self._other_button.hide()
        self._columns.addWidget(self._other_button, 0, Qt.AlignmentFlag.AlignTop)
        self._columns.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self._keep_in_column()

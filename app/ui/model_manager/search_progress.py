"""That the hub is being asked: a line after a moment, then a sentence and a way to stop it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QTimer, QVariantAnimation, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.announcement import announce
from app.ui.plain_label import PlainLabel
from app.ui.text_button import TextButton
from app.ui.theme import TextRole, Theme

_MOMENT_MS: Final = 300
_LONG_MS: Final = 3000
_ROUND_MS: Final = 1400
_LINE: Final = 2
_SHARE: Final = 0.3
"""How much of the line is lit."""


class SearchProgress(QWidget):
    """What is done within 300 ms never shows. How far it is nobody can know, so the line only says that it goes on."""

    stop_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._line = _MovingLine(theme)
        self._sentence = PlainLabel("", theme, TextRole.INTERFACE, "text_2")
        self._sentence.setWordWrap(True)
        self.stop_button = TextButton(tr("Stop"))
        self.stop_button.clicked.connect(self.stop_requested)
        self._wanted: dict[object, str] = {}
        """Who waits for something, and for what: the last one's sentence is shown."""
        self._words = QWidget()
        self._moment = QTimer(self, singleShot=True, interval=_MOMENT_MS)
        self._moment.timeout.connect(self._line.begin)
        self._long = QTimer(self, singleShot=True, interval=_LONG_MS)
        self._long.timeout.connect(self._say)
        words = QHBoxLayout(self._words)
        words.setContentsMargins(0, 8, 0, 0)
        words.addWidget(self._sentence, 1)
        words.addWidget(self.stop_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._line)
        layout.addWidget(self._words)
        self._words.hide()

    @property
    def is_busy(self) -> bool:
        """Whether something is on its way, seen or not."""
        return self._long.isActive() or not self._words.isHidden()

    def begin(self, sentence: str, who: object = None) -> None:
        """Something is on its way that `who` wants; `sentence` is said once it takes long."""
        is_new = who not in self._wanted
        self._wanted[who] = sentence
        self._show_sentence(sentence)
        if not is_new:
            return
        self._moment.start()
        self._long.start()

    def end(self, who: object = None) -> None:
        """It is here, or `who` wants it no more; the line stays while others wait."""
        self._wanted.pop(who, None)
        if self._wanted:
            self._show_sentence(list(self._wanted.values())[-1])
            return
        self._moment.stop()
        self._long.stop()
        self._line.end()
        self._words.hide()

    def _show_sentence(self, sentence: str) -> None:
        self._sentence.setText(sentence)
        self.stop_button.setAccessibleName(tr("Stop: {what}", what=sentence))

    def _say(self) -> None:
        self._words.show()
        announce(self, self._sentence.text())


class _MovingLine(QWidget):
    """A hairline's height is kept for it, so that nothing moves when it comes. With reduced motion it stands still."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._is_on = False
        self._motion = QVariantAnimation(self, startValue=-_SHARE, endValue=1.0, duration=_ROUND_MS)
        self._motion.setLoopCount(-1)
        self._motion.valueChanged.connect(self.update)
        self.setFixedHeight(_LINE)

    def begin(self) -> None:
        """Be seen."""
        self._is_on = True
        if self._theme.duration(_ROUND_MS):
            self._motion.start()
        self.update()

    def end(self) -> None:
        """Be seen no more."""
        self._is_on = False
        self._motion.stop()
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._is_on:
            return
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("border"))
        is_moving = self._motion.state() == QVariantAnimation.State.Running
        left = float(self._motion.currentValue()) if is_moving else 0.0
        painter.fillRect(
            QRectF(left * self.width(), 0, _SHARE * self.width(), self.height()), self._theme.color("accent")
        )
        painter.end()

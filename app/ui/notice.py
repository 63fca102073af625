"""An error in plain words, on a soft tile near its cause."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from app.errors import Fault, PaddockError
from app.translation import told_apart
from app.ui.icons import Icons
from app.ui.message_tile import MessageTile, TileLook
from app.ui.text_button import TextButton
from app.ui.theme import Theme

_LOOK: Final = TileLook(ground="hay_soft", edge=None, tone="hay", padding=14, gap=10, between=2)
_SHOWN_MS: Final = 8000


@dataclass(frozen=True, slots=True)
class NoticeAction:
    """What helps, on a button: how it is called, and what it does."""

    label: str
    trigger: Callable[[], None]


_DRAWINGS: Final = {Fault.FILE: "triangle-alert", Fault.MACHINE: "triangle-alert"}


class Notice(MessageTile):
    """Hidden until there is something to say. An error stays until it is closed or no longer true; good news goes."""

    closed = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(_LOOK, "info", theme, icons, parent)
        self._close.clicked.connect(self._read)
        self._waiting: deque[PaddockError] = deque()
        self._reported: PaddockError | None = None
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
        self._button.hide()
        self._other_button.hide()
        self._lay_out(self._button, self._other_button)
        self.setObjectName("notice")

    @property
    def is_passing(self) -> bool:
        """Whether it only confirms something, and goes by itself."""
        return self._clock.isActive()

    def show_error(self, error: PaddockError, action: NoticeAction | None = None) -> None:
        """Say what happened and what to do next, in the user's language; `action` is one way to do it."""
        self._drawing = _DRAWINGS.get(error.fault, "info")
        self._clock.stop()
        self._offer(*told_apart(error), action)

    def report(self, error: PaddockError) -> None:
        """Say what was met and got over, as soon as nothing else is said: it is true until somebody has read it."""
        self._waiting.append(error)
        if self.isHidden() or self.is_passing:
            self._report_next()

    def show_words(self, sentence: str, next_step: str = "") -> None:
        """Confirm something, for 8 s."""
        self._drawing = "info"
        self._clock.start(_SHOWN_MS)
        self._offer(sentence, next_step)

    def ask(self, sentence: str, next_step: str, action: NoticeAction, other: NoticeAction) -> None:
        """Offer something that can be taken or left; it stays until one or the other was chosen."""
        self._drawing = "info"
        self._clock.stop()
        self._offer(sentence, next_step, action, other)

    def clear(self) -> None:
        """Put it away: it was read, or is no longer true. What was reported stays."""
        if self._reported is not None:
            return
        self._clock.stop()
        if not self.isHidden():
            self.hide()
            self.closed.emit()
            self._report_next()

    def _read(self) -> None:
        self._reported = None
        self.clear()

    def _report_next(self) -> None:
        if self._waiting:
            error = self._waiting.popleft()
            self.show_error(error)
            self._reported = error

    def _offer(
        self, sentence: str, next_step: str, action: NoticeAction | None = None, other: NoticeAction | None = None
    ) -> None:
        if self._reported is not None:
            self._waiting.appendleft(self._reported)
            self._reported = None
        self._action, self._other = action, other
        for button, named in ((self._button, action), (self._other_button, other)):
            button.setVisible(named is not None)
            button.setText(named.label if named else "")
            button.setAccessibleName(button.text())
        self._close.setVisible(other is None)
        self._say(sentence, next_step)

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

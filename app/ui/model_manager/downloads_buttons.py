"""The buttons at the end of a download's row: one or two at a time, as its state wants them."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QWidget
from typing_extensions import override

from app.models.download.download import DownloadState
from app.translation import tr
from app.ui.icon_button import IconButton
from app.ui.icons import Icons
from app.ui.model_manager.downloads_look import LOOKS
from app.ui.model_manager.downloads_wish import Wish
from app.ui.text_button import TextButton
from app.ui.theme import Theme

_WIDTH: Final = 128
"""So that the lines of most rows end below each other."""


class DownloadButtons(QWidget):
    """Pause and cancel; or resume; or use, show and forget; or the two answers to the question about cancelling."""

    wished = Signal(object)
    question_ended = Signal()

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self.is_asking = False
        """Whether the two answers are there in place of the others."""
        self._state = DownloadState.WAITING
        self._act = TextButton("")
        self._pause = IconButton("pause", "", theme, icons)
        self._reveal = IconButton("folder-open", "", theme, icons)
        self._cancel = IconButton("x", "", theme, icons)
        self._throw_away = TextButton(tr("Throw away"), "destructive")
        self._keep = TextButton(tr("Keep"))
        names = ("act", "pause", "reveal", "cancel", "throw_away", "keep")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addStretch(1)
        self.setMinimumWidth(_WIDTH)
        for name, button in zip(names, self._buttons, strict=True):
            button.setObjectName(f"download_{name}_button")
            layout.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self._act.clicked.connect(self._do)
        self._pause.clicked.connect(partial(self._say, Wish.PAUSE))
        self._reveal.clicked.connect(partial(self._say, Wish.REVEAL))
        self._cancel.clicked.connect(lambda: self._say(Wish.FORGET if self._is_finished else Wish.CANCEL))
        self._throw_away.clicked.connect(partial(self._say, Wish.CANCEL))
        self._keep.clicked.connect(self.keep)

    def show_state(self, state: DownloadState, name: str) -> None:
        """Offer what can be done in `state` with what is called `name`."""
        self._state = state
        action = LOOKS[state].action
        self._act.setText(tr(action) if action else "")
        self._act.setAccessibleName(tr("{action}: {name}", action=self._act.text(), name=name))
        self._pause.set_name(tr("Pause the download of {name}", name=name))
        self._reveal.set_name(tr("Show {name} in its folder", name=name))
        label = tr("Take {name} out of this list") if self._is_finished else tr("Cancel the download of {name}")
        self._cancel.set_name(label.format(name=name), key=tr("Del"))
        self._place()

    def ask(self) -> None:
        """Offer the two answers."""
        self.is_asking = True
        self._place()
        self._keep.setFocus(Qt.FocusReason.OtherFocusReason)

    def keep(self) -> None:
        """Do not cancel after all."""
        self.is_asking = False
        self._place()
        self.question_ended.emit()

    def press_first(self) -> None:
        """Do what the row is there for; a question wants an answer of its own."""
        if self.is_asking:
            return
        first = next((button for button in self._buttons if not button.isHidden()), None)
        if first is not None:
            first.click()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.is_asking:
            self.keep()
        else:
            super().keyPressEvent(event)

    @property
    def _is_finished(self) -> bool:
        return self._state is DownloadState.FINISHED

    @property
    def _buttons(self) -> tuple[QAbstractButton, ...]:
        return self._act, self._pause, self._reveal, self._cancel, self._throw_away, self._keep

    def _do(self) -> None:
        self._say(Wish.USE if self._is_finished else Wish.RESUME)

    def _say(self, wish: Wish, *_: object) -> None:
        self.wished.emit(wish)

    def _place(self) -> None:
        look = LOOKS[self._state]
        self.is_asking = self.is_asking and not self._is_finished
        for button in (self._throw_away, self._keep):
            button.setVisible(self.is_asking)
        self._act.setVisible(bool(look.action) and not self.is_asking)
        self._pause.setVisible(look.is_working and not self.is_asking)
        self._reveal.setVisible(self._is_finished)
        self._cancel.setVisible(not self.is_asking)

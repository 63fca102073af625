"""A soft tile above or below the downloads: one sentence, and one thing to do about it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.icons import Icons
from app.ui.mirroring import mirrored
from app.ui.plain_label import PlainLabel
from app.ui.text_button import TextButton
from app.ui.theme import TextRole, Theme

_RADIUS: Final = 12
_ICON: Final = 18
_SIDE: Final = 16


class DownloadsTile(QWidget):
    """Hidden until there is something to say. What cannot be undone is asked about in the same place."""

    acted = Signal()

    def __init__(self, icon: str, tones: tuple[str, str], action: str, theme: Theme, icons: Icons) -> None:
        """`tones` are the tokens of the ground and of the drawing."""
        super().__init__()
        self._theme = theme
        self._icons = icons
        self._drawing = icon
        self._ground, self._tone = tones
        self._statement = ""
        self._question = ""
        self._sentence = PlainLabel("", theme, TextRole.INTERFACE)
        self._sentence.setWordWrap(True)
        self.button = TextButton(action)
        self.sure_button = TextButton(action, "destructive")
        self.keep_button = TextButton(tr("Keep"))
        self.button.clicked.connect(self._act)
        self.sure_button.clicked.connect(self.acted)
        self.keep_button.clicked.connect(self._keep)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(_SIDE + _ICON + 12, 10, 12, 10)
        layout.setSpacing(8)
        layout.addWidget(self._sentence, 1)
        for button in (self.button, self.sure_button, self.keep_button):
            layout.addWidget(button)
        self.say("")
        theme.changed.connect(self.update)

    def say(self, sentence: str, question: str = "") -> None:
        """Say `sentence`; "" hides the tile. With a `question`, it is asked before anything is done."""
        self._statement, self._question = sentence, question
        self._show(is_asking=False)
        self.setVisible(bool(sentence))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(self._ground))
        painter.drawRoundedRect(QRectF(self.rect()), _RADIUS, _RADIUS)
        icon = self._icons.pixmap(self._drawing, self._theme.color(self._tone), _ICON, self.devicePixelRatioF())
        place = mirrored(self, QRect(_SIDE, (self.height() - _ICON) // 2, _ICON, _ICON))
        painter.drawPixmap(place.topLeft(), icon)
        painter.end()

    def _act(self) -> None:
        if self._question:
            self._show(is_asking=True)
            self.keep_button.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.acted.emit()

    def _keep(self) -> None:
        self._show(is_asking=False)
        self.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self, *, is_asking: bool) -> None:
        words = self._question if is_asking else self._statement
        self._sentence.setText(words)
        self.setAccessibleName(words)
        self.button.setAccessibleDescription(words)
        self.sure_button.setAccessibleDescription(words)
        self.button.setVisible(not is_asking)
        self.sure_button.setVisible(is_asking)
        self.keep_button.setVisible(is_asking)

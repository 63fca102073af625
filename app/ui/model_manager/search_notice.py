"""What there is to say about the list below: that it is old, that the hub has trouble, that nothing was found."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
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
_SIDE: Final = 16


class SearchNotice(QWidget):
    """A soft tile with a sentence, what follows from it, and one thing to do. Hidden while there is nothing to say."""

    acted = Signal()

    def __init__(self, theme: Theme, icons: Icons, *, stays: bool = False) -> None:
        """One that `stays` is as long there as what it says is so; the user closes the others."""
        super().__init__()
        self._theme = theme
        self._icons = icons
        self._icon, self._tone = "info", "hay"
        self._sentence = PlainLabel("", theme, TextRole.INTERFACE_STRONG)
        self._next_step = PlainLabel("", theme, TextRole.INTERFACE, "text_2")
        self.button = TextButton("")
        self.button.clicked.connect(self.acted)
        self.close_button = IconButton("x", tr("Close"), theme, icons, size=28, icon_size=14)
        self.close_button.clicked.connect(self.clear)
        words = QVBoxLayout()
        words.setSpacing(2)
        for label in (self._sentence, self._next_step):
            label.setWordWrap(True)
            words.addWidget(label)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(_SIDE + _ICON + 12, 12, _SIDE, 12)
        layout.setSpacing(12)
        layout.addLayout(words, 1)
        for button in (self.button, self.close_button):
            layout.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.close_button.setHidden(stays)
        self.setObjectName("search_notice")
        theme.changed.connect(self.update)
        self.hide()

    @property
    def words(self) -> str:
        """What it says, "" while it says nothing."""
        return "" if self.isHidden() else f"{self._sentence.text()} {self._next_step.text()}".strip()

    def say(
        self, sentence: str, next_step: str = "", *, icon: str = "info", tone: str = "hay", action: str = ""
    ) -> None:
        """Say it; `action` is the label of what helps."""
        self._icon, self._tone = icon, tone
        self._sentence.setText(sentence)
        self._next_step.setText(next_step)
        self._next_step.setVisible(bool(next_step))
        self.button.setText(action)
        self.button.setAccessibleName(action)
        self.button.setVisible(bool(action))
        self.setAccessibleName(f"{sentence} {next_step}".strip())
        self.show()
        self.update()
        announce(self, self.accessibleName())

    def clear(self) -> None:
        """There is nothing to say any more."""
        self.hide()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(f"{self._tone}_soft"))
        painter.drawRoundedRect(QRectF(self.rect()), _RADIUS, _RADIUS)
        icon = self._icons.pixmap(self._icon, self._theme.color(self._tone), _ICON, self.devicePixelRatioF())
        painter.drawPixmap(mirrored(self, QRect(_SIDE, 13, _ICON, _ICON)).topLeft(), icon)
        painter.end()

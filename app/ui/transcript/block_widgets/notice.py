"""The line under a reply that ended before its end, and the way to go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.mirroring import mirrored
from app.ui.plain_label import PlainLabel
from app.ui.text_button import TextButton
from app.ui.transcript.block_widgets.strip_view import StripView
from app.ui.transcript.strips import Notice
from app.ui.transcript.surroundings import Surroundings

_HEIGHT: Final = 30
_BAR: Final = 3
_LEFT: Final = 12
_BETWEEN: Final = 12


class NoticeView(StripView[Notice]):
    """One quiet sentence, and *Continue*."""

    def __init__(self, surroundings: Surroundings, parent: QWidget) -> None:
        super().__init__(surroundings, parent)
        self._shown = Notice("", "", can_go_on=False)
        self.sentence = PlainLabel("", surroundings.theme, color="hay", parent=self)
        self.button = TextButton(tr("Continue"), parent=self)
        self.button.setObjectName("continue_button")
        self.button.setAccessibleName(tr("Continue this reply"))
        self.button.clicked.connect(lambda: surroundings.requests.continue_requested.emit(self._shown.message_id))

    @override
    def show_strip(self, strip: Notice) -> None:
        self._shown = strip
        self.sentence.setText(strip.sentence)
        self.sentence.setToolTip(strip.sentence)
        self.button.setVisible(strip.can_go_on)
        self._place()

    @override
    def buttons(self) -> Sequence[QWidget]:
        return (self.button,)

    @override
    def height_for(self, width: int) -> int:
        return max(_HEIGHT, self.button.sizeHint().height())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.surroundings.theme.color("hay_line"))
        painter.drawRoundedRect(mirrored(self, QRect(0, 4, _BAR, self.height() - 8)), 1.5, 1.5)
        painter.end()

    def _place(self) -> None:
        button = self.button.sizeHint()
        room = self.width() - _LEFT - _BETWEEN - button.width()
        words = min(room, self.sentence.sizeHint().width())
        self.sentence.setGeometry(mirrored(self, QRect(_LEFT, 0, words, self.height())))
        left = _LEFT + words + _BETWEEN
        place = QRect(left, (self.height() - button.height()) // 2, button.width(), button.height())
        self.button.setGeometry(mirrored(self, place))

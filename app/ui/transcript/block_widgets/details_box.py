"""Log lines in a box of their own, with a button that copies them."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractSlider, QTextEdit, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.theme import TextRole
from app.ui.transcript.block_widgets.copy_button import CopyButton
from app.ui.transcript.block_widgets.read_only_text import ReadOnlyText
from app.ui.transcript.rich_text import write_typed
from app.ui.transcript.surroundings import Surroundings
from app.ui.transcript.text_formats import lines_of, look_of

_SIDE: Final = 13
_ABOVE: Final = 10
_LINE: Final = 19
_PIXELS: Final = 12
_BUTTON_ROOM: Final = 36
_RADIUS: Final = 8
_TALLEST: Final = 220
"""A longer log scrolls inside, so that the card stays whole on the screen."""
_MOVES: Final[dict[int, QAbstractSlider.SliderAction]] = {
    Qt.Key.Key_Up: QAbstractSlider.SliderAction.SliderSingleStepSub,
    Qt.Key.Key_Down: QAbstractSlider.SliderAction.SliderSingleStepAdd,
    Qt.Key.Key_PageUp: QAbstractSlider.SliderAction.SliderPageStepSub,
    Qt.Key.Key_PageDown: QAbstractSlider.SliderAction.SliderPageStepAdd,
    Qt.Key.Key_Home: QAbstractSlider.SliderAction.SliderToMinimum,
    Qt.Key.Key_End: QAbstractSlider.SliderAction.SliderToMaximum,
}


class DetailsBox(QWidget):
    """Plain lines on the inset ground."""

    def __init__(self, surroundings: Surroundings, parent: QWidget) -> None:
        super().__init__(parent)
        self._surroundings = surroundings
        self._details = ""
        self.text = LogText(self)
        self.text.setAccessibleName(tr("Details"))
        self.copy_button = CopyButton(tr("Copy details"), surroundings, self)
        self.copy_button.clicked.connect(lambda: surroundings.requests.copy_requested.emit(self._details))

    def set_text(self, details: str) -> None:
        """Show these lines."""
        if details != self._details:
            self._details = details
            self.restyle()
            self.text.verticalScrollBar().setValue(0)

    def height_for(self, width: int) -> int:
        """How high the box is when it is `width` wide."""
        self.text.set_width(width - 2 * _SIDE - _BUTTON_ROOM)
        return min(self.text.lines_height() + 2 * _ABOVE, _TALLEST)

    def restyle(self) -> None:
        """Take colours and fonts anew."""
        theme = self._surroundings.theme
        font = theme.font(TextRole.CODE)
        font.setPixelSize(_PIXELS)
        look = look_of(font, theme.color("text_2"))
        self.text.forget_selection()
        with self.text.selection_kept():
            write_typed(self.text.document(), self._details, look, lines_of(_LINE))
        self.update()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        bar = self.text.verticalScrollBar().sizeHint().width()
        width = self.width() - 2 * _SIDE - _BUTTON_ROOM + bar
        self.text.setGeometry(_SIDE, _ABOVE, width, self.height() - 2 * _ABOVE)
        self.copy_button.move(self.width() - self.copy_button.width() - 5, 5)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._surroundings.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("border"), 1))
        painter.setBrush(theme.color("inset"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        painter.end()


class LogText(ReadOnlyText):
    """Log lines; the wheel and the keys that move a page move these while there is more of them."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @override
    def wheelEvent(self, e: QWheelEvent) -> None:
        QTextEdit.wheelEvent(self, e)

    @override
    def keyPressEvent(self, e: QKeyEvent) -> None:
        action = _MOVES.get(e.key())
        if action is None or self.verticalScrollBar().maximum() == 0:
            super().keyPressEvent(e)
        else:
            self.verticalScrollBar().triggerAction(action)

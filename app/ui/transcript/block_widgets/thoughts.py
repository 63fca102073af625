"""What a model thought before it answered: small, quiet, beside a rule."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.theme import TextRole
from app.ui.transcript.block_widgets.strip_view import StripView
from app.ui.transcript.block_widgets.whole_text import TypedText
from app.ui.transcript.strips import Thoughts
from app.ui.transcript.surroundings import Surroundings
from app.ui.transcript.text_formats import LOOSE_LINE

_LEFT: Final = 14
_RULE: Final = 2


class ThoughtsView(StripView[Thoughts]):
    """Plain text: thoughts are read, if at all, as they came."""

    def __init__(self, surroundings: Surroundings, parent: QWidget) -> None:
        super().__init__(surroundings, parent)
        self._shown = Thoughts("")
        self.text = TypedText(self)
        self.text.setAccessibleName(tr("Thoughts"))

    @override
    def show_strip(self, strip: Thoughts) -> None:
        before, self._shown = self._shown, strip
        grows = bool(before.text) and strip.text.startswith(before.text)
        with self.text.selection_kept():
            self._write(strip.text[len(before.text) :] if grows else strip.text, is_new=not grows)

    @override
    def height_for(self, width: int) -> int:
        self.text.set_width(width - _LEFT)
        return self.text.lines_height()

    @override
    def restyle(self) -> None:
        with self.text.selection_kept():
            self._write(self._shown.text, is_new=True)
        self.update()

    @override
    def forget_selection(self) -> None:
        self.text.forget_selection()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self.text.setGeometry(_LEFT, 0, self.width() - _LEFT, self.height())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(0, 0, _RULE, self.height(), self.surroundings.theme.color("border_strong"))
        painter.end()

    def _write(self, text: str, *, is_new: bool) -> None:
        formats = self.surroundings.formats
        look = formats.look(TextRole.INTERFACE, "text_3")
        if is_new:
            self.text.write(text, look, formats.typed(TextRole.INTERFACE, LOOSE_LINE))
        else:
            self.text.add(text, look)

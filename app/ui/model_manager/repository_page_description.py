"""What a repository says of itself: a stranger's Markdown, set as a reply is, with nothing in it that could load."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.icons import Icons
from app.ui.theme import Theme
from app.ui.transcript.block_widgets.code import CodeView
from app.ui.transcript.block_widgets.quiet import RuleView
from app.ui.transcript.block_widgets.strip_view import StripView
from app.ui.transcript.block_widgets.table import TableView
from app.ui.transcript.block_widgets.words import WordsView
from app.ui.transcript.strips import CodeStrip, RuleStrip, Strip, TableStrip, Words, gap_above, indent_of, nesting_of
from app.ui.transcript.surroundings import Requests, Surroundings
from app.ui.transcript.text_formats import TextFormats

_WIDTH: Final = 720
_VIEWS: Final[dict[type[Strip], type[StripView[Any]]]] = {
    Words: WordsView,
    CodeStrip: CodeView,
    TableStrip: TableView,
    RuleStrip: RuleView,
}
_BAR: Final = 3


class Description(QWidget):
    """Strips below one another, as high as they are. Links only say that somebody clicked them."""

    link_activated = Signal(str)

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        requests = Requests(self)
        formats = TextFormats(theme)
        self._surroundings = Surroundings(theme, icons, formats, TextFormats(theme, is_quiet=True), requests)
        self._shown: list[tuple[Strip, StripView[Any]]] = []
        self.setAccessibleName(tr("Description"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        requests.link_activated.connect(self.link_activated)
        requests.copy_requested.connect(_copy)
        theme.changed.connect(self._restyle)

    def show_strips(self, strips: Sequence[Strip]) -> None:
        """Show these, in place of those before."""
        for _, view in self._shown:
            view.hide()
            view.deleteLater()
        self._shown = [(strip, self._made(strip)) for strip in strips if type(strip) in _VIEWS]
        self._arrange()

    def texts(self) -> list[QWidget]:
        """Give what shows the words, for whoever looks at them."""
        return [view for _, view in self._shown]

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._arrange()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for strip, view in self._shown:
            for at, container in enumerate(nesting_of(strip)):
                if container.value == "quote":
                    left = indent_of(nesting_of(strip)[:at])
                    painter.fillRect(left, view.y(), _BAR, view.height(), self._theme.color("border_strong"))
        painter.end()

    def _made(self, strip: Strip) -> StripView[Any]:
        view = _VIEWS[type(strip)](self._surroundings, self)
        view.show_strip(strip)
        view.show()
        return view

    def _arrange(self) -> None:
        width, y = min(self.width(), _WIDTH), 0
        above = [None, *(strip for strip, _ in self._shown)]
        for (previous, _), (strip, view) in zip(pairwise([*above, None]), self._shown, strict=False):
            y += gap_above(strip, previous)
            indent = indent_of(nesting_of(strip))
            inside = max(1, width - indent)
            height = view.height_for(inside)
            view.setGeometry(indent - view.overhang, y, inside + 2 * view.overhang, height)
            y += height
        self.setFixedHeight(y)

    def _restyle(self) -> None:
        self._surroundings.formats.forget()
        for _, view in self._shown:
            view.restyle()
        self._arrange()


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)

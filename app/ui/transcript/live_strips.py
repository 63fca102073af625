"""The widgets that exist now: those near the viewport, and a few of each kind that wait to be used again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, TypeAlias

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.ui.transcript.block_widgets.bubble import BubbleView
from app.ui.transcript.block_widgets.code import CodeView
from app.ui.transcript.block_widgets.fence import FenceView
from app.ui.transcript.block_widgets.footer import FooterView
from app.ui.transcript.block_widgets.header import HeaderView
from app.ui.transcript.block_widgets.notice import NoticeView
from app.ui.transcript.block_widgets.quiet import ActivityView, RuleView
from app.ui.transcript.block_widgets.strip_view import StripView
from app.ui.transcript.block_widgets.summary import SummaryView
from app.ui.transcript.block_widgets.table import TableView
from app.ui.transcript.block_widgets.thoughts import ThoughtsView
from app.ui.transcript.block_widgets.trouble_card import TroubleCard
from app.ui.transcript.block_widgets.words import WordsView
from app.ui.transcript.strips import (
    Activity,
    Bubble,
    CodeStrip,
    Fence,
    Footer,
    Header,
    Notice,
    RuleStrip,
    Strip,
    SummaryStrip,
    TableStrip,
    Thoughts,
    TroubleStrip,
    Words,
)
from app.ui.transcript.surroundings import Surroundings

Key: TypeAlias = tuple[int, int]
AnyView: TypeAlias = StripView[Any]

_KINDS: Final[dict[type[Strip], type[AnyView]]] = {
    Activity: ActivityView,
    Bubble: BubbleView,
    CodeStrip: CodeView,
    Fence: FenceView,
    Footer: FooterView,
    Header: HeaderView,
    Notice: NoticeView,
    RuleStrip: RuleView,
    SummaryStrip: SummaryView,
    TableStrip: TableView,
    Thoughts: ThoughtsView,
    TroubleStrip: TroubleCard,
    Words: WordsView,
}
_WAITING_OF_A_KIND: Final = 12


class LiveStrips:
    """Gives the widget of a strip, made now or used again."""

    def __init__(self, surroundings: Surroundings, parent: QWidget) -> None:
        self._surroundings = surroundings
        self._parent = parent
        self._views: dict[Key, AnyView] = {}
        self._strips: dict[Key, Strip] = {}
        self._waiting: dict[type[AnyView], list[AnyView]] = {}
        self.made = 0
        """How many widgets were made so far: the work that a test counts."""

    def __len__(self) -> int:
        """How many widgets show something."""
        return len(self._views)

    def __contains__(self, key: Key) -> bool:
        """Whether there is a widget for the strip now."""
        return key in self._views

    def __getitem__(self, key: Key) -> AnyView:
        """The widget of a strip that has one."""
        return self._views[key]

    def items(self) -> Iterable[tuple[Key, AnyView]]:
        """All widgets that show something, by what they show."""
        return self._views.items()

    def key_of(self, view: QObject) -> Key | None:
        """What a widget shows."""
        return next((key for key, live in self._views.items() if live is view), None)

    def show(self, key: Key, strip: Strip, *, is_left_out: bool = False) -> AnyView:
        """Give the widget of a strip, showing it as it is now: quieter where the model no longer sees it."""
        view = self._views.get(key)
        if view is not None and type(self._strips[key]) is not type(strip):
            self._release(key)
            view = None
        if view is None:
            view = self._views[key] = self._take(_KINDS[type(strip)])
        elif self._strips[key] is strip or self._strips[key] == strip:
            return view
        self._strips[key] = strip
        try:
            view.show_strip(strip)
            view.set_left_out(is_left_out=is_left_out)
        except BaseException:
            self._discard(key)  # half written, or still with another message's words: it is never seen or used again
            raise
        return view

    def keep_only(self, keys: set[Key]) -> None:
        """Let all other widgets wait, or go."""
        for key in [key for key in self._views if key not in keys]:
            self._release(key)

    def restyle(self) -> None:
        """The theme changed: those that wait are gone, the others take it up."""
        for views in self._waiting.values():
            for view in views:
                view.deleteLater()
        self._waiting.clear()
        for view in self._views.values():
            view.restyle()

    def _take(self, kind: type[AnyView]) -> AnyView:
        waiting = self._waiting.get(kind)
        if waiting:
            return waiting.pop()
        self.made += 1
        return kind(self._surroundings, self._parent)

    def _discard(self, key: Key) -> None:
        del self._strips[key]
        view = self._views.pop(key)
        view.hide()
        view.deleteLater()

    def _release(self, key: Key) -> None:
        view = self._views.pop(key)
        del self._strips[key]
        view.hide()
        view.forget_selection()
        waiting = self._waiting.setdefault(type(view), [])
        if len(waiting) < _WAITING_OF_A_KIND:
            waiting.append(view)
        else:
            view.deleteLater()

"""The list of Discover: hand-picked models without typing, what the hub found after Enter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.errors import PaddockError
from app.models.fit import Verdict, rough_fit
from app.models.repository_reference import parse_reference
from app.network.errors import GateClosedError
from app.parts import ModelParts
from app.translation import told, told_apart, tr
from app.ui.model_manager.discover_page import DiscoverPage
from app.ui.model_manager.discover_shown import ShownModel
from app.ui.model_manager.search_query import Query
from app.ui.presenters.discover_catalogue import (
    Measured,
    is_meant,
    measured,
    shown_model,
    shown_recommendation,
    to_begin_with,
)
from app.ui.presenters.discover_found import shown_found
from app.ui.presenters.discover_marks import Marks
from app.ui.presenters.discover_words import open_licences, shown_moment
from app.ui.presenters.errands import Errands
from app.ui.presenters.hub_search import HubSearch
from app.ui.presenters.yardstick import Yardstick

_ENOUGH = 12
"""So many rows fill a page; where a filter leaves fewer, the next page is asked for by itself."""
_MOST_PAGES = 4


class DiscoverList(QObject):
    """Decides what stands in the list, and what is said above and below it."""

    repository_wanted = Signal(object)
    """The `RepositoryReference` that was pasted."""

    def __init__(
        self, parts: ModelParts, errands: Errands, yardstick: Yardstick, marks: Marks, page: DiscoverPage
    ) -> None:
        super().__init__(page)
        self._parts = parts
        self._yardstick = yardstick
        self._marks = marks
        self._page = page
        self._is_hub = False
        self._words_count = True
        """Whether the words filter the hand-picked list: not where they were meant for the hub."""
        self._measured: tuple[Measured, ...] = ()
        self._retry: Callable[[], None] | None = None
        self._pages_by_itself = 0
        self._search = HubSearch(parts, errands, self)
        self._search.changed.connect(self._found)
        bar = page.bar
        bar.query_changed.connect(self._query_changed)
        bar.entered.connect(self._enter)
        bar.hand_picked_wished.connect(self._choose_list)
        bar.field.emptied.connect(self._show_hand_picked)
        bar.field.stop_requested.connect(self._stop)
        page.progress.stop_requested.connect(self._stop)
        page.more_wanted.connect(self._more)
        page.notice.acted.connect(self._act)

    def measure(self) -> None:
        """Measure the hand-picked models by what is free now, and show them."""
        self._measured = measured(self._parts.online.catalogue.models, self._yardstick)
        self.refresh()

    def refresh(self) -> None:
        """Show the list as it is now."""
        if self._is_hub:
            self._show_found()
        else:
            self._show_catalogue()

    def say_trouble(self, error: PaddockError, retry: Callable[[], None] | None) -> None:
        """Say what went wrong, above the list; `retry` tries once more."""
        self._retry = retry
        is_offline = isinstance(error, GateClosedError)
        sentence, next_step = told_apart(error)
        if is_offline:
            sentence = tr("This needs a connection, and Paddock is offline. The hand-picked list works without one.")
        self._page.notice.say(
            sentence,
            next_step,
            icon="fence" if is_offline else "triangle-alert",
            action=tr("Try again") if retry else "",
        )

    def forget_trouble(self) -> None:
        """The user does something else: what went wrong is told no more, but what the list below is still is."""
        if not self._is_hub:
            self._retry = None
            self._page.notice.clear()

    def show_open_models(self) -> None:
        """Show the hand-picked models under an open-source licence."""
        self._page.bar.field.clear()
        self._page.bar.show_filters(open_source=True)
        self._show_hand_picked()

    def _query_changed(self) -> None:
        """Words filter the hand-picked list as they are typed; other filters ask the hub anew where it was asked."""
        query = self._page.bar.query
        self._words_count = True
        if not self._is_hub:
            self.forget_trouble()
            self._show_catalogue()
        elif _asked_of_hub(query) != _asked_of_hub(self._search.query):
            self._ask(replace(query, words=self._search.query.words))
        else:
            self._search.query = replace(query, words=self._search.query.words)
            self._show_found()

    def _enter(self, words: str) -> None:
        reference = parse_reference(words, (self._parts.settings.settings.network.hub,))
        if reference is not None:
            self.repository_wanted.emit(reference)
        elif words:
            self._ask(self._page.bar.query)

    def _choose_list(self, is_hand_picked: bool) -> None:  # noqa: FBT001 - as the signal says it
        if is_hand_picked:
            self._show_hand_picked()
        else:
            self._ask(self._page.bar.query)

    def _ask(self, query: Query) -> None:
        self._is_hub = True
        self._retry = self._search.again
        self._pages_by_itself = 0
        self._page.notice.clear()
        self._page.bar.show_mode(is_hand_picked=False)
        licences = open_licences(self._parts.online.licences) if query.open_source else frozenset[str]()
        self._search.start(query, licences)
        self._page.scroll_to_top()
        self._show_found()

    def _more(self) -> None:
        if self._is_hub and self._search.trouble is None and self._search.has_more and not self._search.is_busy:
            self._search.more()
            self._show_busy()

    def _stop(self) -> None:
        if not self._search.is_busy:
            return
        self._search.stop()
        self._show_busy()
        self._page.show_end(tr("The search was stopped."))

    def _act(self) -> None:
        if self._retry is not None:
            self._page.notice.clear()
            self._retry()
            self._show_busy()

    def _show_hand_picked(self) -> None:
        self._search.stop()
        self._is_hub = False
        self._page.notice.clear()
        self._page.bar.show_mode(is_hand_picked=True)
        self._show_busy()
        self._show_catalogue()

    def _show_catalogue(self) -> None:
        query, book = self._page.bar.query, self._parts.online.licences
        query = query if self._words_count else replace(query, words="")
        meant = [each for each in self._measured if is_meant(each, query, book)]
        is_whole = not query.words and not query.has_filters
        first = to_begin_with(self._measured, book) if is_whole else None
        self._page.show_recommendation(shown_recommendation(first, book, self._marks) if first else None)
        rows = [shown_model(each, book, self._marks) for each in meant if each is not first]
        heading = tr("Also good to know") if first else tr("Hand-picked")
        self._page.show_models(rows, heading, tr("Sizes and speeds are for the usual file of each model"))
        self._page.show_end(below_catalogue(query, len(rows)))

    def _found(self) -> None:
        trouble, kept_at = self._search.trouble, self._search.kept_at
        if trouble is None:
            self._page.notice.clear()
        elif kept_at is not None:
            kept = tr("What stands here is what the hub said on {when}.", when=shown_moment(kept_at))
            self._retry = lambda: self._ask(self._page.bar.query)
            self._page.notice.say(told(trouble), kept, icon="fence", action=tr("Try again"))
        elif self._search.found:
            self.say_trouble(trouble, self._search.again)
        else:
            self._fall_back(trouble)
            return
        self._show_found()
        self._fill_page()

    def _fall_back(self, trouble: PaddockError) -> None:
        """Nothing came at all: the list that needs no connection stands there again, below the reason."""
        query = self._page.bar.query
        self._words_count = False
        self._show_hand_picked()
        self.say_trouble(trouble, lambda: self._ask(query))

    def _show_found(self) -> None:
        self._show_busy()
        rows = self._rows()
        query = self._search.query
        heading = tr("Found on the hub for “{words}”", words=query.words) if query.words else tr("On the hub")
        self._page.show_recommendation(None)
        self._page.show_models(rows, heading, tr("Open a model for its files and exact numbers"))
        self._page.show_end("" if self._search.is_busy else self._below_found(len(rows)))

    def _fill_page(self) -> None:
        is_short = len(self._rows()) < _ENOUGH and self._pages_by_itself < _MOST_PAGES
        if is_short and self._search.has_more and self._search.trouble is None:
            self._pages_by_itself += 1
            self._more()

    def _rows(self) -> list[ShownModel]:
        machine, book = self._yardstick.machine, self._parts.online.licences
        rows: list[ShownModel] = []
        for each in self._search.found:
            verdict = rough_fit(each.parameters, machine) if each.parameters else None
            if not self._search.query.fits or verdict in {Verdict.FITS, Verdict.TIGHT}:
                rows.append(shown_found(each, verdict, book))
        return rows

    def _show_busy(self) -> None:
        is_busy, progress = self._search.is_busy, self._page.progress
        self._page.bar.field.is_searching = is_busy
        if is_busy:
            progress.begin(tr("Waiting for the hub…"))
        else:
            progress.end()

    def _below_found(self, count: int) -> str:
        if count:
            return "" if self._search.has_more else tr("That is all.")
        query = self._search.query
        sentence = (
            tr("The hub has no model for “{words}” that Paddock can use.", words=query.words)
            if query.words
            else tr("The hub has no such model.")
        )
        help_ = tr("Try fewer filters.") if query.has_filters else tr("Try fewer or other words.")
        return f"{sentence} {help_}"


def below_catalogue(query: Query, count: int) -> str:
    """Say what Enter does, or that there is nothing."""
    if parse_reference(query.words):
        return tr("Press Enter to open “{words}”.", words=query.words)
    if query.words:
        return tr("Press Enter to search the hub for “{words}”.", words=query.words)
    return "" if count else tr("None of the hand-picked models is like that.")


def _asked_of_hub(query: Query) -> Query:
    """What the hub itself sorts out, but for the words."""
    return replace(query, words="", fits=False)

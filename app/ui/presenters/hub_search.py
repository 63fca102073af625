"""A search of the hub that is going on: page after page, stopped by new words, told when it is old."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from app.errors import PaddockError
from app.models.hub_cache import Known
from app.models.hub_search import FoundRepository, SearchFilters, SearchPage, SearchRequest
from app.models.repository_reference import parse_reference
from app.parts import ModelParts
from app.ui.model_manager.search_query import Query
from app.ui.presenters.errands import Errand, Errands


class HubSearch(QObject):
    """Asks when it is told to, and never by itself."""

    changed = Signal()
    """More was found, or nothing more will be: look at it anew."""

    def __init__(self, parts: ModelParts, errands: Errands, parent: QObject) -> None:
        super().__init__(parent)
        self._parts = parts
        self._errands = errands
        self._errand: Errand | None = None
        self._request = SearchRequest()
        self._next = ""
        self.query = Query()
        """What was asked for last."""
        self.found: tuple[FoundRepository, ...] = ()
        self.trouble: PaddockError | None = None
        """Why the hub could not be asked; what was found then is from `kept_at`, or there is nothing."""
        self.kept_at: datetime | None = None

    @property
    def is_busy(self) -> bool:
        """Whether an answer is on its way."""
        return self._errand is not None

    @property
    def has_more(self) -> bool:
        """Whether there is another page."""
        return bool(self._next)

    def start(self, query: Query, licences: frozenset[str]) -> None:
        """Begin anew; what was asked before is not heard any more. `licences` are those that will do, none: any."""
        self.stop()
        self.query = query
        self.found, self.trouble, self.kept_at, self._next = (), None, None, ""
        filters = SearchFilters(licences, query.language, query.vision, query.reasoning)
        self._ask(SearchRequest(query.words, query.sort, filters))

    def more(self) -> None:
        """Ask for the next page, if there is one and nothing is on its way."""
        if self._next and not self.is_busy:
            self._ask(replace(self._request, after=self._next))

    def again(self) -> None:
        """Ask once more what could not be answered."""
        if not self.is_busy:
            self.trouble = None
            self._ask(self._request)

    def stop(self) -> None:
        """Give up what is on its way; what was found stays."""
        if self._errand is not None:
            self._errand.stop()
            self._errand = None

    def _ask(self, request: SearchRequest) -> None:
        self._request = request
        self._errand = self._errands.run(
            lambda is_stopped: self._parts.online.hub.search(request, is_stopped), self._take, self._fail
        )

    def _take(self, known: Known[SearchPage]) -> None:
        self._errand = None
        seen = {each.id for each in self.found}
        self.found = (
            *self.found,
            *(each for each in known.value.found if each.id not in seen and parse_reference(each.id)),
        )
        self._next = known.value.next
        self.trouble = known.trouble
        if known.trouble is not None:
            self.kept_at = known.at
        self.changed.emit()

    def _fail(self, error: PaddockError) -> None:
        self._errand = None
        self.trouble = error
        self.changed.emit()

"""The hub: a search, a repository's page, and where a file is. Nothing is asked but what a person asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from app.models.hub_cache import HubCache, Known
from app.models.hub_connection import HubConnection, unreadable
from app.models.hub_errors import GatedError, HubTroubleError, NotOnHubError, SearchStoppedError
from app.models.hub_patience import never
from app.models.hub_refusals import RefusedAnswerError, Subject, explained
from app.models.hub_repository import CARD, has_card, read_repository, sha256_in
from app.models.hub_search import PAGE_SIZE, FoundRepository, SearchPage, SearchRequest, read_page
from app.models.remote_file import ByteRange, RemoteFile, RemotePath
from app.models.repository import Repository
from app.models.repository_card import ModelCard, read_card
from app.models.repository_reference import RepositoryReference
from app.network.errors import NetworkError
from app.network.network import Network
from app.network.purpose import Purpose, PurposeKind

if TYPE_CHECKING:
    from huggingface_hub import ModelInfo

FRESH_S: Final = 600
"""So long an answer counts, and is not asked for again."""
LONGEST_TEXT_BYTES: Final = 512 * 1024
_MOST_REQUESTS: Final = 5
"""For one page of a search, where most of what comes is not wanted."""
_ANYTHING: Final = "GGUF"
_LEARNT: Final = 1
"""To be counted up whenever something else is made of the same file."""

T = TypeVar("T")


class Hub:
    """The hub at `endpoint()`, with the access token that `token()` gives. Any thread may ask, and waits.

    All of it raises `HubError` and `NetworkError`. The token goes to the host of `endpoint()` and to no other.
    """

    def __init__(
        self, network: Network, token: Callable[[], str | None], endpoint: Callable[[], str], cache: HubCache
    ) -> None:
        self._hub = HubConnection(network, token, endpoint)
        self._cache = cache

    def search(self, request: SearchRequest, is_stopped: Callable[[], bool] = never) -> Known[SearchPage]:
        """Give a page of what the hub finds; where it cannot be asked, what it found before.

        `is_stopped` is asked before each request, here and below, and while a busy hub is left alone for a moment;
        `SearchStoppedError` if it says yes.
        """
        purpose = Purpose(PurposeKind.SEARCH, request.words or _ANYTHING)
        ask = partial(self._ask_pages, request, is_stopped)
        return self._known(f"search {request.question}", SearchPage, purpose, ask, is_stopped)

    def repository(self, reference: RepositoryReference, is_stopped: Callable[[], bool] = never) -> Known[Repository]:
        """Give what the page of a repository shows; where the hub cannot be asked, what it showed before."""
        question = f"repository {reference.id} {reference.revision or ''}"
        purpose = Purpose(PurposeKind.DETAILS, reference.id)
        return self._known(question, Repository, purpose, partial(self._ask_repository, reference), is_stopped)

    def locate(self, file: RemotePath, shown_as: str = "") -> RemoteFile:
        """Find where `file` is to be downloaded, which is part of its download; `shown_as` is its name for people."""
        with self._hub.asking(Purpose(PurposeKind.DOWNLOAD, shown_as or file.path), self._subject(file)):
            found = self._hub.metadata(file)
            if found.size is None or not found.etag:
                raise unreadable(file.path)
            accepts_ranges = found.size > 0 and self._hub.gives_parts(file)
        commit, sha256 = found.commit_hash or file.commit, sha256_in(found.etag)
        return RemoteFile(self._hub.url(file), found.size, found.etag, sha256, commit, accepts_ranges)

    def read_range(
        self, file: RemotePath, offset: int, size_bytes: int, is_stopped: Callable[[], bool] = never
    ) -> bytes:
        """Give `size_bytes` of `file` from `offset` on, fewer where it ends."""
        with self._hub.asking(Purpose(PurposeKind.DETAILS, file.repository), self._subject(file), is_stopped):
            return self._hub.read(file, ByteRange(offset, size_bytes))

    def text(self, file: RemotePath, is_stopped: Callable[[], bool] = never) -> str:
        """Give what a small file says, such as a licence; of a long one its beginning."""
        return _decoded(self.read_range(file, 0, LONGEST_TEXT_BYTES, is_stopped))

    def learnt(self, file: RemotePath, kind: type[T], learn: Callable[[], T]) -> T:
        """Give what `learn` finds in `file`. The commit pins what is in it, so that is kept, and found once."""
        question = f"{self._hub.endpoint()} {kind.__name__} {_LEARNT} {file.repository} {file.commit} {file.path}"
        kept = self._cache.read(question, kind)
        return kept.value if kept else self._cache.keep(question, learn()).value

    def account(self, token: str) -> str:
        """Give the name of the account that `token` belongs to; `TokenRefusedError` if there is none."""
        with self._hub.asking(Purpose(PurposeKind.TOKEN_TEST), Subject(self._hub.endpoint())):
            return self._hub.account(token)

    def close(self) -> None:
        """Close the connections."""
        self._hub.close()

    def _known(
        self, question: str, kind: type[T], purpose: Purpose, ask: Callable[[], T], is_stopped: Callable[[], bool]
    ) -> Known[T]:
        """What was said within the last minutes; else what is said now; else, if need be, what was said before."""
        question = f"{self._hub.endpoint()} {bool(self._hub.token())} {question}"
        kept = self._cache.read(question, kind)
        is_fresh = kept is not None and (self._cache.clock() - kept.at).total_seconds() < FRESH_S
        if kept and is_fresh and not self._hub.is_offline:  # offline it is to be said that it is so
            return kept
        is_details = purpose.kind is PurposeKind.DETAILS
        try:
            subject = Subject(self._hub.endpoint(), purpose.what if is_details else "")
            with self._hub.asking(purpose, subject, is_stopped):
                value = ask()
        except (NetworkError, HubTroubleError) as trouble:
            if kept is None:
                raise
            return Known(kept.value, kept.at, trouble)
        return self._cache.keep(question, value)

    def _ask_pages(self, request: SearchRequest, is_stopped: Callable[[], bool]) -> SearchPage:
        """Ask until a page is full of what is wanted."""
        found: list[FoundRepository] = []
        after = request.after
        for _ in range(_MOST_REQUESTS):
            if is_stopped():
                raise SearchStoppedError("The search was stopped.")
            page = self._ask_page(request, after)
            found += filter(request.filters.accept, page.found)
            after = page.next
            if not after or len(found) >= PAGE_SIZE:
                break
        return SearchPage(tuple(found), after)

    def _ask_page(self, request: SearchRequest, after: str) -> SearchPage:
        content, next_address = self._hub.page(request.parameters(after))
        try:
            return read_page(content, next_address)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise unreadable(request.words or _ANYTHING, error) from error

    def _ask_repository(self, reference: RepositoryReference) -> Repository:

        info = self._hub.about(reference.id, reference.revision)
        card = self._ask_card(info)
        try:
            return read_repository(info, card or ModelCard(), is_closed=card is None)
        except (AttributeError, TypeError, msgspec.MsgspecError) as error:
            raise unreadable(reference.id, error) from error

    def _ask_card(self, info: ModelInfo) -> ModelCard | None:
        """The model card; None if it is not open to us."""
        if not has_card(info) or not info.sha:
            return ModelCard()
        file = RemotePath(info.id, info.sha, CARD)
        try:
            return read_card(_decoded(self._hub.read(file, ByteRange(0, LONGEST_TEXT_BYTES))))
        except RefusedAnswerError as refused:
            error = explained(refused.answer, self._subject(file))
            if not isinstance(error, (GatedError, NotOnHubError)):
                raise
            return None if isinstance(error, GatedError) else ModelCard()

    def _subject(self, file: RemotePath) -> Subject:
        return Subject(self._hub.endpoint(), file.repository, file.path)


def _decoded(content: bytes) -> str:
    return content.decode("utf-8", errors="replace")

"""A search of the hub: what is asked, and what is found."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import msgspec

PAGE_SIZE: Final = 30
VISION_TASK: Final = "image-text-to-text"
_FORMAT_TAG: Final = "gguf"
_LICENCE_TAG: Final = "license:"
_REASONING_TAGS: Final = frozenset({"reasoning", "thinking"})
_REASONING_MARKS: Final = ("<think>", "enable_thinking", "reasoning_content", "<|channel|>analysis")
"""In a chat template: it knows a place for what the model thinks before it replies."""
_EXPANDED: Final = (
    "author", "cardData", "createdAt", "downloads", "gated", "gguf", "lastModified", "likes", "pipeline_tag", "tags",
)  # fmt: skip


class Sort(StrEnum):
    """What comes first. The values are the hub's own names."""

    DOWNLOADS = "downloads"
    LIKES = "likes"
    RECENCY = "lastModified"


@dataclass(frozen=True, slots=True)
class SearchFilters:
    """What is wanted of a model. `licences` are the hub's names of those that will do; none of them: any will."""

    licences: frozenset[str] = frozenset()
    language: str = ""
    vision: bool = False
    reasoning: bool = False

    def accept(self, found: FoundRepository) -> bool:
        """Whether `found` is wanted, of what the hub cannot sort out itself."""
        has_licence = not self.licences or found.licence in self.licences
        return has_licence and (found.can_reason or not self.reasoning)


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search for GGUF repositories. `after` is a page's `next`, "" for the first page."""

    words: str = ""
    sort: Sort = Sort.DOWNLOADS
    filters: SearchFilters = field(default_factory=SearchFilters)
    after: str = ""

    @property
    def question(self) -> str:
        """What tells this search from every other."""
        licences = sorted(self.filters.licences)
        wanted = (self.filters.language, self.filters.vision, self.filters.reasoning)
        return repr((self.words.split(), self.sort.value, licences, wanted, self.after))

    def parameters(self, after: str) -> dict[str, Any]:
        """Give what the hub is asked, from `after` on."""
        told: dict[str, Any] = {
            "filter": [tag for tag in (_FORMAT_TAG, self.filters.language) if tag],
            "search": " ".join(self.words.split()),
            "sort": self.sort.value,
            "limit": PAGE_SIZE,
            "pipeline_tag": VISION_TASK if self.filters.vision else "",
            "cursor": after,
            "expand": _EXPANDED,
        }
        return {name: value for name, value in told.items() if value}


@dataclass(frozen=True, slots=True)
class FoundRepository:
    """A repository as a search shows it. What the hub does not say is None or ""; `parameters` counts weights."""

    id: str
    downloads: int = 0
    likes: int = 0
    updated_at: datetime | None = None
    is_gated: bool = False
    licence: str = ""
    languages: tuple[str, ...] = ()
    parameters: int | None = None
    architecture: str = ""
    context_length: int | None = None
    has_vision: bool = False
    can_reason: bool = False


@dataclass(frozen=True, slots=True)
class SearchPage:
    """What was found, in the order that was asked for; `next` is for the next page, "" where there is none."""

    found: tuple[FoundRepository, ...] = ()
    next: str = ""


class _Header(msgspec.Struct):
    """What the hub read in a GGUF file of the repository."""

    total: int | None = None
    architecture: str | None = None
    context_length: int | None = None
    chat_template: str | None = None


class _Item(msgspec.Struct):
    """An entry in the hub's answer."""

    id: str
    downloads: int | None = None
    likes: int | None = None
    lastModified: datetime | None = None  # noqa: N815 - the hub's name
    gated: bool | str | None = None
    tags: list[str] | None = None
    pipeline_tag: str | None = None
    cardData: dict[str, Any] | None = None  # noqa: N815 - the hub's name
    gguf: _Header | None = None


def read_page(content: bytes, next_address: str) -> SearchPage:
    """Read a page of the hub's answer; `msgspec.DecodeError` if it is none.

    Of the address of the next page only the cursor counts: a mirror may give that of the real hub.
    """
    items = msgspec.json.decode(content, type=list[_Item])
    query = parse_qs(urlsplit(next_address).query)
    return SearchPage(tuple(map(_found, items)), next(iter(query.get("cursor", ())), ""))


def licence_tag(tags: list[str]) -> str:
    """Give the licence that is among a repository's tags; "" if there is none."""
    return next((tag.removeprefix(_LICENCE_TAG) for tag in tags if tag.startswith(_LICENCE_TAG)), "")


def texts(stated: object) -> tuple[str, ...]:
    """Give what a card's entry says, which may be a word or a list of words."""
    listed = msgspec.convert(stated, list[Any]) if isinstance(stated, list) else [stated]
    return tuple(text.strip() for text in listed if isinstance(text, str) and text.strip())


def _found(item: _Item) -> FoundRepository:
    tags, header = item.tags or [], item.gguf or _Header()
    template = header.chat_template or ""
    return FoundRepository(
        item.id,
        item.downloads or 0,
        item.likes or 0,
        item.lastModified,
        bool(item.gated),
        licence_tag(tags),
        texts((item.cardData or {}).get("language")),
        header.total,
        header.architecture or "",
        header.context_length,
        item.pipeline_tag == VISION_TASK or VISION_TASK in tags,
        bool(_REASONING_TAGS & set(tags)) or any(mark in template for mark in _REASONING_MARKS),
    )

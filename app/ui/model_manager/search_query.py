"""What somebody looks for in Discover."""

from __future__ import annotations

from dataclasses import dataclass

from app.models.hub_search import Sort


@dataclass(frozen=True, slots=True)
class Query:
    """Words and filters, as they are set. `language` is a code of ISO 639-1, "" for any."""

    words: str = ""
    fits: bool = False
    open_source: bool = False
    vision: bool = False
    reasoning: bool = False
    language: str = ""
    sort: Sort = Sort.DOWNLOADS

    @property
    def has_filters(self) -> bool:
        """Whether anything but words is asked for."""
        return bool(self.fits or self.open_source or self.vision or self.reasoning or self.language)

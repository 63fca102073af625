"""What a connection is for, as the user asked for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.given_text import whole_characters
from app.translation import tr

_LONGEST_WHAT: Final = 120


class PurposeKind(StrEnum):
    """What the user can ask of the network. Nothing else connects."""

    SEARCH = "search"
    DETAILS = "details"
    DOWNLOAD = "download"
    TOKEN_TEST = "token-test"  # noqa: S105 - the word for a purpose, no secret


_SENTENCES: Final[Mapping[PurposeKind, str]] = {
    PurposeKind.SEARCH: "Search for “{what}”",
    PurposeKind.DETAILS: "Details of {what}",
    PurposeKind.DOWNLOAD: "Download of {what}",
    PurposeKind.TOKEN_TEST: "Test of the access token",
}
"""Message ids: translated where they are shown."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """One thing that the user asked for: `what` are the words searched for, or a model's name."""

    kind: PurposeKind
    what: str = ""

    @property
    def sentence(self) -> str:
        """The purpose as it is asked about, and as it stands in the ledger."""
        what = whole_characters(" ".join(self.what.split()))
        shown = what if len(what) <= _LONGEST_WHAT else what[:_LONGEST_WHAT] + "…"
        return tr(_SENTENCES[self.kind], what=shown)

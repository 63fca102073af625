"""What the hub found, as rows."""

from __future__ import annotations

import re
from typing import Final

from app.models.fit import Verdict
from app.models.hub_search import FoundRepository
from app.models.licence import LicenceBook
from app.models.parameters import shown_parameters
from app.translation import tr, trn
from app.ui.model_manager.discover_shown import Badge, ShownModel, Tone
from app.ui.presenters.discover_words import (
    licence_badge,
    on_one_line,
    rough_fit_shown,
    seen,
    shown_day,
)

_FORMAT: Final = re.compile(r"[-_.]gguf$", re.IGNORECASE)
"""At the end of a name: everything here is in this format."""


def shown_found(found: FoundRepository, verdict: Verdict | None, book: LicenceBook) -> ShownModel:
    """Give a repository that was found as a row; which file is right for this laptop its page shows."""
    owner, _, name = seen(found.id).partition("/")
    return ShownModel(
        key=found.id,
        name=_FORMAT.sub("", name) or name,
        parameters=shown_parameters(found.parameters),
        purpose=_about(owner, found),
        badges=(licence_badge(book.find(found.licence)), *_marks(found)),
        fit=rough_fit_shown(verdict) if verdict else None,
    )


def _marks(found: FoundRepository) -> list[Badge]:
    marks = [
        (found.is_gated, Badge(tr("Gated"), Tone.HAY)),
        (found.has_vision, Badge(tr("Pictures"))),
        (found.can_reason, Badge(tr("Reasoning"))),
    ]
    return [badge for is_so, badge in marks if is_so]


def _about(owner: str, found: FoundRepository) -> str:
    return on_one_line(
        (
            tr("by {owner}", owner=owner),
            trn("{count:,} download", "{count:,} downloads", found.downloads),
            trn("{count:,} like", "{count:,} likes", found.likes),
            tr("updated {day}", day=shown_day(found.updated_at)) if found.updated_at else "",
        )
    )

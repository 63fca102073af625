"""Which models are on the disk and not in the list: other applications', in named folders, in our own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.models.elsewhere.find import find_models
from app.models.elsewhere.found_model import FoundModel, OtherApplication
from app.models.elsewhere.places import Places
from app.models.elsewhere.search import Limits, Search
from app.models.header_cache import HeaderCache
from app.models.installed import InstalledModel, Source
from app.models.new_model import NewModel
from app.translation import tr, trn

_FIRST_LOOK_S: Final = 5.0
_NAME_MODELS: Final = {OtherApplication.OLLAMA, OtherApplication.JAN}
"""Whose users know their models by other names than the files'."""


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What the first start of Paddock found here. Nothing was taken into the list. `is_first`: it was looked at all."""

    found: tuple[FoundModel, ...] = ()
    is_first: bool = True

    @property
    def sentence(self) -> str:
        """What the user reads of it; "" when nothing was found."""
        if not self.found:
            return ""
        return trn(
            "{count:,} model found, nothing to download.",
            "{count:,} models found, nothing to download.",
            len(self.found),
        )

    @property
    def next_step(self) -> str:
        """Whose they are, and what becomes of them."""
        owners = dict.fromkeys(str(model.owner) or tr("your folders") for model in self.found)
        return tr("From {owners}. They are used where they lie; nothing is copied.", owners=", ".join(owners))


def find_new(
    places: Places,
    known: Iterable[InstalledModel],
    headers: HeaderCache,
    search: Search,
    is_stopped: Callable[[], bool] = lambda: False,
) -> list[FoundModel]:
    """Give the models that are found and not `known`, as far as their headers say that they can talk.

    Not for the GUI thread. What was passed over, and whether everything was looked at, `search` knows afterwards.
    """
    taken = {identity for model in known for path in model.files if (identity := _identity(path)) is not None}
    found = [model for model in find_models(places, search) if not taken & set(map(_identity, model.parts))]
    said = headers.read((model.path for model in found), is_stopped)
    return [model for model in found if (facts := said.get(model.path)) is not None and facts.can_talk]


def first_look(places: Places, known: Iterable[InstalledModel], headers: HeaderCache) -> FirstLook:
    """Look at the usual places for five seconds at most."""
    is_over = _deadline(_FIRST_LOOK_S)
    search = Search(Limits(seconds=_FIRST_LOOK_S), is_stopped=is_over)
    return FirstLook(tuple(find_new(places, known, headers, search, is_over)))


def new_from_found(found: FoundModel) -> NewModel:
    """Give what is known of a found model, to take it into the list where it lies."""
    return NewModel(
        found.path,
        Source.FOUND,
        noted_name=found.name if found.owner in _NAME_MODELS else None,
        owner=str(found.owner) or None,
        projector=found.projector,
        sha256={found.path: found.sha256} if found.sha256 else {},
    )


def _deadline(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def _identity(path: Path) -> tuple[int, int] | None:
    """What is equal for two names of one file."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino

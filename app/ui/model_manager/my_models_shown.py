"""What "My models" shows of each model: words and numbers that are ready to be painted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.translation import tr
from app.ui.model_manager.discover_shown import Badge, FitShown


class Order(StrEnum):
    """By what the list is sorted. Favourites always come first."""

    NAME = "name"
    LAST_USED = "last_used"
    SIZE = "size"


@dataclass(frozen=True, slots=True)
class MyModel:
    """One row. What is unknown is "".

    `place` is whose file it is, or where it lies; `trouble` says that its file is missing or another one now.
    `can_go` is false for a model that comes with Paddock.
    """

    id: str
    name: str
    size_bytes: int = 0
    parameters: str = ""
    licence: Badge | None = None
    quantization: str = ""
    size: str = ""
    context: str = ""
    place: str = ""
    last_used_at: datetime | None = None
    last_used: str = ""
    speed: str = ""
    trouble: Badge | None = None
    is_favourite: bool = False
    is_in_use: bool = False
    can_be_used: bool = True
    can_go: bool = True

    @property
    def sentence(self) -> str:
        """The row in words."""
        badges = [badge.words for badge in (self.trouble, self.licence) if badge]
        facts = (self.parameters, *badges, self.quantization, self.size, self.context, self.place)
        in_use = tr("in use") if self.is_in_use else ""
        return "; ".join(part for part in (in_use, *facts, self.last_used, self.speed) if part)


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is known of a model: what it is called, what it is, and what that means if it needs saying."""

    name: str
    value: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class LicenceShown:
    """A model's licence. `text` is "" where Paddock keeps none, `page` where its maker publishes none."""

    name: str
    summary: str
    open_source: str
    text: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class ModelDetails:
    """Everything about one model. `memory` says what was predicted and measured, `trouble` what is wrong with a file.

    `owner` says whose file it is.
    `can_be_accepted`: the file changed, and the user may say that this is right.
    """

    model: MyModel
    facts: tuple[Fact, ...]
    licence: LicenceShown
    path: str
    owner: str = ""
    note: str = ""
    fit: FitShown | None = None
    memory: str = ""
    trouble: str = ""
    can_be_accepted: bool = False


def arranged(models: list[MyModel], words: str, order: Order) -> list[MyModel]:
    """Give those models in which all of `words` stand, favourites first, each kind in `order`."""
    wanted = words.casefold().split()
    found = [model for model in models if all(word in _searched(model) for word in wanted)]
    by_name = sorted(found, key=lambda model: model.name.casefold())
    if order is Order.SIZE:
        by_name.sort(key=lambda model: -model.size_bytes)
    elif order is Order.LAST_USED:
        by_name.sort(key=lambda model: -model.last_used_at.timestamp() if model.last_used_at else 0.0)
    return sorted(by_name, key=lambda model: not model.is_favourite)


def _searched(model: MyModel) -> str:
    return f"{model.name} {model.sentence}".casefold()

"""The model card: a README.md whose first lines are metadata, and the rest Markdown."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from app.models.hub_search import texts
from app.models.repository import StatedLicence

_FENCE: Final = "---"
_LONGEST_METADATA: Final = 32 * 1024
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a card says of the licence, and what it tells people."""

    licence: StatedLicence = field(default_factory=StatedLicence)
    languages: tuple[str, ...] = ()
    description: str = ""


def read_card(text: str) -> ModelCard:
    """Read a card; where its metadata is no sound YAML, the Markdown counts all the same."""
    metadata, description = _apart(text.removeprefix("\N{BYTE ORDER MARK}").replace("\r\n", "\n"))
    data = _data(metadata)
    return ModelCard(stated_licence(data), texts(data.get("language")), description.strip())


def stated_licence(data: Mapping[str, Any]) -> StatedLicence:
    """Give the licence that a card's metadata states."""
    ids, names, links = (texts(data.get(f"license{ending}")) for ending in ("", "_name", "_link"))
    return StatedLicence(", ".join(ids).lower(), ", ".join(names), ", ".join(links))


def _apart(text: str) -> tuple[str, str]:
    """The metadata and the Markdown."""
    begin, fence, rest = text.partition(f"{_FENCE}\n")
    if begin.strip() or not fence:
        return "", text
    metadata, fence, description = f"\n{rest}".partition(f"\n{_FENCE}")
    return (metadata, description.partition("\n")[2]) if fence else ("", text)


def _data(metadata: str) -> Mapping[str, Any]:
    if len(metadata) > _LONGEST_METADATA:  # thousands of measurements, not worth it
        return {}
    import yaml  # noqa: PLC0415 - only model cards need it

    from app.models.hub_library import load_library  # noqa: PLC0415 - only who reads a card needs it

    try:
        card = load_library().ModelCard(f"{_FENCE}\n{metadata}\n{_FENCE}\n", ignore_metadata_errors=True)
        return card.data.to_dict()
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:  # what strangers write
        _log.info("The metadata of a model card cannot be read: %s", type(error).__name__)
        return {}

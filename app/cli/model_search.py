"""`models search`: what the hub has."""

from __future__ import annotations

import argparse

from app.cli.printing import Json, print_error, print_json, print_line, print_notice, print_table, rfc3339
from app.models.hub_cache import Known
from app.models.hub_search import FoundRepository, SearchFilters, SearchPage, SearchRequest, Sort
from app.models.parameters import shown_parameters
from app.parts import ModelParts
from app.translation import tr


def search(parts: ModelParts, arguments: argparse.Namespace) -> None:
    """Ask the hub, and print a page of what it found, the address of each ready to be added."""
    licences = frozenset[str]()
    if arguments.open_source:
        licences = frozenset(each.id for each in parts.online.licences.licences if each.open_source)
    filters = SearchFilters(licences, arguments.language or "", arguments.vision, arguments.reasoning)
    known = parts.online.hub.search(SearchRequest(" ".join(arguments.words), Sort[arguments.sort.upper()], filters))
    _say_age(known)
    if arguments.json:
        print_json([_json(found) for found in known.value.found])
        return
    if not known.value.found:
        print_line(tr("The hub has no GGUF model for “{words}”.", words=" ".join(arguments.words)))
        return
    print_table([_row(found) for found in known.value.found])
    print_notice(tr("“models add OWNER/NAME” downloads one of them."))


def _say_age(known: Known[SearchPage]) -> None:
    if known.trouble is not None:
        print_error(known.trouble)
        print_notice(tr("This is what the hub said at {time}.", time=rfc3339(known.at)))


def _row(found: FoundRepository) -> list[str]:
    marks = [
        tr("gated") if found.is_gated else "",
        tr("vision") if found.has_vision else "",
        tr("reasoning") if found.can_reason else "",
    ]
    about = ", ".join(mark for mark in marks if mark)
    downloads = tr("{count} downloads", count=f"{found.downloads:,}")
    return [found.id, shown_parameters(found.parameters) or "-", found.licence or "-", downloads, about or "-"]


def _json(found: FoundRepository) -> dict[str, Json]:
    return {
        "id": found.id,
        "parameters": found.parameters,
        "architecture": found.architecture or None,
        "context_length": found.context_length,
        "licence": found.licence or None,
        "languages": list(found.languages),
        "gated": found.is_gated,
        "vision": found.has_vision,
        "reasoning": found.can_reason,
        "downloads": found.downloads,
        "likes": found.likes,
        "updated_at": rfc3339(found.updated_at) if found.updated_at else None,
    }
